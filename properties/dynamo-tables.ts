import type { Clock } from "../engine/clock.js"
import { createTables, type TablesClient } from "../stores/dynamo-store/tables.js"
import type { TableKind } from "./dynamo-store-backend.js"

/** Makes the two tables of a run. Answers the ARN of the stream of the events table. */
export async function makeTables(
  client: TablesClient,
  tables: Readonly<Record<TableKind, string>>,
  clock: Clock,
): Promise<string> {
  await createTables(client, { ...tables, clock })
  const { Table } = await client.describeTable({ TableName: tables.events })
  return Table!.LatestStreamArn!
}
