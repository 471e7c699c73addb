/*
 * Requests that read items of one stream.
 *
 * Each answer is what one replica has: two answers need not be of the same moment, unless both are consistent.
 */
import type { AttributeValue, QueryCommandInput } from "@aws-sdk/client-dynamodb"
import type { DynamoStoreContext } from "./dynamo-store-context.js"
import type { RequestBudget } from "./request-budget.js"
import { decodeItem, tipKey, type StoredItem } from "./stored-item.js"

export async function readTip(
  { client, tableName }: DynamoStoreContext,
  stream: string,
  consistent: boolean,
): Promise<StoredItem | undefined> {
  const { Item } = await client.primary.getItem({
    TableName: tableName,
    Key: tipKey(stream),
    ConsistentRead: consistent,
    ReturnConsumedCapacity: "TOTAL",
  })
  return Item === undefined ? undefined : decodeItem(Item)
}

export interface ItemsQuery {
  readonly direction: "forward" | "backward"
  readonly consistent: boolean
  /** Only items that begin before this index; never the Tip. */
  readonly beginsBefore?: bigint
  /** Only items after the one that begins here; forward only. */
  readonly after?: bigint
  /** Only items that end after this index; the others are read nevertheless, and not sent. */
  readonly endsAfter?: bigint
  readonly maxItems?: number
  readonly archived?: boolean
}

/** Pages of items in the order of their keys; a page may be empty. No page is asked for before the one before it is used up. */
export async function* queryItems(
  context: DynamoStoreContext,
  stream: string,
  query: ItemsQuery,
  budget: RequestBudget,
): AsyncGenerator<StoredItem[]> {
  const client = query.archived === true ? context.client.secondary : context.client.primary
  let startKey: Record<string, AttributeValue> | undefined =
    query.after === undefined ? undefined : key(stream, query.after)
  do {
    budget.spend()
    const { Items = [], LastEvaluatedKey } = await client.query(input(context, stream, query, startKey))
    yield Items.map(decodeItem)
    startKey = LastEvaluatedKey
  } while (startKey !== undefined)
}

/** The last item that begins at or before an index; not the Tip. */
export async function lastItemBeginningAt(
  context: DynamoStoreContext,
  stream: string,
  index: bigint,
  consistent: boolean,
  budget: RequestBudget,
): Promise<StoredItem | undefined> {
  const query: ItemsQuery = { direction: "backward", consistent, beginsBefore: index + 1n, maxItems: 1 }
  budget.spend()
  const { Items = [] } = await context.client.primary.query(input(context, stream, query, undefined))
  return Items[0] === undefined ? undefined : decodeItem(Items[0])
}

const key = (stream: string, i: bigint) => ({ p: { S: stream }, i: { N: String(i) } })

function input(
  { tableName, archiveTableName, query: { maxItems } }: DynamoStoreContext,
  stream: string,
  query: ItemsQuery,
  startKey: Record<string, AttributeValue> | undefined,
): QueryCommandInput {
  const { beginsBefore, endsAfter } = query
  return {
    TableName: query.archived === true ? archiveTableName : tableName,
    KeyConditionExpression: beginsBefore === undefined ? "p = :p" : "p = :p AND i < :maxI",
    ...(endsAfter !== undefined && { FilterExpression: "n > :minN" }),
    ExpressionAttributeValues: {
      ":p": { S: stream },
      ...(beginsBefore !== undefined && { ":maxI": { N: String(beginsBefore) } }),
      ...(endsAfter !== undefined && { ":minN": { N: String(endsAfter) } }),
    },
    Limit: query.maxItems ?? maxItems,
    ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
    ScanIndexForward: query.direction === "forward",
    ConsistentRead: query.consistent,
    ReturnConsumedCapacity: "TOTAL",
  }
}
