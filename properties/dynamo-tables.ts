import type { CreateTableCommandInput, CreateTableCommandOutput } from "@aws-sdk/client-dynamodb"
import type { TableKind } from "./dynamo-store-backend.js"

interface TableMaker {
  createTable(input: CreateTableCommandInput): Promise<CreateTableCommandOutput>
}

/** Makes the two tables of DynamoStore. Answers the ARN of the stream of the events table. */
export async function makeTables(client: TableMaker, tables: Readonly<Record<TableKind, string>>): Promise<string> {
  const make = (kind: TableKind) =>
    client.createTable({
      TableName: tables[kind],
      KeySchema: [
        { AttributeName: "p", KeyType: "HASH" },
        { AttributeName: "i", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "p", AttributeType: "S" },
        { AttributeName: "i", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      ...(kind === "events" && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } }),
    })
  await make("index")
  const { TableDescription } = await make("events")
  return TableDescription!.LatestStreamArn!
}
