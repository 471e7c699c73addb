import type { AttributeValue, DynamoDB } from "@aws-sdk/client-dynamodb"

/** For tests: a table `events` with the keys `p`, a text, and `i`, a number. */
export async function createEvents(client: DynamoDB, TableName = "events"): Promise<void> {
  await client.createTable({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: "p", KeyType: "HASH" },
      { AttributeName: "i", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "p", AttributeType: "S" },
      { AttributeName: "i", AttributeType: "N" },
    ],
  })
}

/** The key of an item of `events`. */
export function keyOf(p: string, i: number): { p: AttributeValue.SMember; i: AttributeValue.NMember } {
  return { p: { S: p }, i: { N: String(i) } }
}
