import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Subject } from "../sim/step-label.js"

/*
 * What a request to DynamoStore's tables is about: the stream whose items it reads or writes. So steps have telling names,
 * and fault plans can speak of checkpoint writes.
 */

type Item = Readonly<Record<string, AttributeValue>>

interface Request {
  readonly Key?: Item
  readonly Item?: Item
  readonly ExpressionAttributeValues?: Item
  readonly TransactItems?: readonly Readonly<Record<string, Request | undefined>>[]
}

export const writeOperations: readonly string[] = ["putItem", "updateItem", "deleteItem", "transactWriteItems"]

/** For a port of a client. */
export function dynamoDbCall(operation: string, [input]: readonly unknown[]): Subject | undefined {
  if (typeof input !== "object" || input === null) return undefined
  const stream = streamOf(input)
  if (stream === undefined) return undefined
  if (!stream.startsWith("$ReaderCheckpoint-")) return { of: stream }
  return { what: writeOperations.includes(operation) ? "commitCheckpoint" : "loadCheckpoint", of: stream }
}

function streamOf({ Key, Item, ExpressionAttributeValues, TransactItems }: Request): string | undefined {
  const own = Key?.["p"]?.S ?? Item?.["p"]?.S ?? ExpressionAttributeValues?.[":p"]?.S
  if (own !== undefined) return own
  const [first] = Object.values(TransactItems?.[0] ?? {})
  return first && streamOf(first)
}
