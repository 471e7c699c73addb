import { UnsupportedByFakeError } from "../request-validation.js"
import type { Table } from "../table.js"

/** Only tables with local indexes have the metrics; others answer without them. @throws UnsupportedByFakeError */
export function refuseMetrics(operation: string, input: object, table: Table): void {
  if (!("ReturnItemCollectionMetrics" in input) || input.ReturnItemCollectionMetrics !== "SIZE") return
  if (table.indexes.some(({ kind }) => kind === "local"))
    throw new UnsupportedByFakeError(`ReturnItemCollectionMetrics SIZE of ${operation}`)
}
