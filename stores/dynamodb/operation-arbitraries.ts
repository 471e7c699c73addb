/** For tests: requests as programs send them to DynamoDB, and as they should not; on tables with few keys, so that they meet. */
import type { AttributeValue, CreateTableCommandInput, TransactWriteItem } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { condition, expressions, keyCondition, projection, update } from "./expression-arbitraries.js"
import {
  anyValue,
  type Arbitrary,
  keyValue,
  type KeyType,
  maybe,
  often,
  rarely,
  scalar,
  seldom,
  text,
  value,
} from "./value-arbitraries.js"

type Item = Record<string, AttributeValue>

/** A request: the method of the SDK's `DynamoDB` that sends it, and its input. */
export interface Operation {
  readonly method:
    | "getItem"
    | "putItem"
    | "updateItem"
    | "deleteItem"
    | "query"
    | "scan"
    | "transactWriteItems"
    | "transactGetItems"
    | "batchGetItem"
    | "batchWriteItem"
  readonly input: Readonly<Record<string, unknown>>
}

/** What of a table the requests have to know. */
interface Shape {
  readonly name: string
  readonly hash: KeyType
  readonly range?: KeyType
  readonly indexes: readonly { readonly name: string; readonly hash: string; readonly range?: string }[]
}

const shapes: readonly Shape[] = [
  { name: "hash", hash: "S", indexes: [] },
  {
    name: "ranged",
    hash: "S",
    range: "N",
    indexes: [
      { name: "local", hash: "p", range: "a" },
      { name: "global", hash: "g", range: "a" },
    ],
  },
  { name: "numbers", hash: "N", range: "B", indexes: [{ name: "sparse", hash: "g" }] },
  { name: "bytes", hash: "B", range: "S", indexes: [{ name: "part", hash: "p", range: "a" }] },
]

/** The tables that the requests are about. Their names get a prefix, in requests and here, so that each run has its own. */
export function tables(prefix: string): CreateTableCommandInput[] {
  const key = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
  ]
  const attributes = (types: Record<string, KeyType | undefined>) =>
    Object.entries(types).flatMap(([AttributeName, type]) => (type ? [{ AttributeName, AttributeType: type }] : []))
  const base = ({ name, hash, range }: Shape, more: Record<string, KeyType> = {}) => ({
    TableName: prefix + name,
    BillingMode: "PAY_PER_REQUEST" as const,
    AttributeDefinitions: attributes({ p: hash, i: range, ...more }),
    KeySchema: key("p", range && "i"),
  })
  const [hash, ranged, numbers, bytes] = shapes as [Shape, Shape, Shape, Shape]
  return [
    base(hash),
    {
      ...base(ranged, { a: "N", g: "S" }),
      LocalSecondaryIndexes: [{ IndexName: "local", KeySchema: key("p", "a"), Projection: { ProjectionType: "ALL" } }],
      GlobalSecondaryIndexes: [
        { IndexName: "global", KeySchema: key("g", "a"), Projection: { ProjectionType: "ALL" } },
      ],
    },
    {
      ...base(numbers, { g: "S" }),
      GlobalSecondaryIndexes: [
        { IndexName: "sparse", KeySchema: key("g"), Projection: { ProjectionType: "KEYS_ONLY" } },
      ],
    },
    {
      ...base(bytes, { a: "N" }),
      LocalSecondaryIndexes: [
        {
          IndexName: "part",
          KeySchema: key("p", "a"),
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["b", "m"] },
        },
      ],
    },
  ]
}

const keyOf = ({ hash, range }: Shape): Arbitrary<Item> => {
  const right: Arbitrary<Item> = range
    ? fc.record({ p: keyValue(hash), i: keyValue(range) })
    : fc.record({ p: keyValue(hash) })
  const wrong: Arbitrary<Item> = fc.record(
    { p: keyValue(hash), i: keyValue(range ?? "N"), x: value },
    { requiredKeys: [] },
  )
  return rarely(right, wrong)
}

const itemOf = (shape: Shape): Arbitrary<Item> =>
  fc
    .tuple(
      keyOf(shape),
      fc.record(
        {
          a: rarely(scalar("N"), anyValue, 60),
          b: anyValue,
          c: anyValue,
          g: rarely(
            often("a", "b").map((S) => ({ S })),
            anyValue,
            60,
          ),
          l: rarely(
            fc.array(anyValue, { maxLength: 3 }).map((L) => ({ L })),
            anyValue,
            8,
          ),
          m: rarely(
            fc.dictionary(often("x", "y"), anyValue, { maxKeys: 2 }).map((M) => ({ M })),
            anyValue,
            8,
          ),
          s: fc.oneof(
            fc.uniqueArray(text, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
            fc.uniqueArray(often("1", "2", "10"), { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
          ),
          name: value,
        },
        { requiredKeys: [] },
      ),
    )
    .map(([key, attributes]) => ({ ...attributes, ...key }))

const table = fc.oneof(
  ...shapes.map((shape) => ({ weight: shape.name === "ranged" ? 3 : 1, arbitrary: fc.constant(shape) })),
)

const tableName = (shape: Shape) => rarely(fc.constant(shape.name), fc.constant("missing"), 300)
/** Members that were not drawn are left out, as programs leave them out. */
const given = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).filter(([, member]) => member !== undefined))

const operation = (
  method: Operation["method"],
  ...parts: readonly Arbitrary<Record<string, unknown>>[]
): Arbitrary<Operation> =>
  fc
    .tuple(...parts)
    .map((inputs) => ({ method, input: given(Object.assign({}, ...inputs) as Record<string, unknown>) }))

const capacity = seldom(often("TOTAL", "INDEXES", "NONE"))
const returnValues = (...usual: readonly string[]) =>
  seldom(rarely(often(...usual), often("ALL_NEW", "UPDATED_OLD", "NOTHING"), 20), 1)

/** Requests that read an item by its key have no place for values. */
const withoutValues = (of: Parameters<typeof expressions>[0]) =>
  expressions(of).map(({ ExpressionAttributeValues: _, ...texts }) => texts)

const getItem = (shape: Shape) =>
  operation(
    "getItem",
    fc.record({
      TableName: tableName(shape),
      Key: keyOf(shape),
      ConsistentRead: maybe(fc.boolean()),
      ReturnConsumedCapacity: capacity,
    }),
    withoutValues({ ProjectionExpression: seldom(projection, 2) }),
  )
const putItem = (shape: Shape) =>
  operation(
    "putItem",
    fc.record({
      TableName: tableName(shape),
      Item: itemOf(shape),
      ReturnValues: returnValues("ALL_OLD", "NONE"),
      ReturnConsumedCapacity: capacity,
    }),
    expressions({ ConditionExpression: seldom(condition, 2) }),
  )
const updateItem = (shape: Shape) =>
  operation(
    "updateItem",
    fc.record({
      TableName: tableName(shape),
      Key: keyOf(shape),
      ReturnValues: returnValues("ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "NONE"),
      ReturnConsumedCapacity: capacity,
    }),
    expressions({
      UpdateExpression: rarely(update, fc.constant(undefined)),
      ConditionExpression: seldom(condition, 2),
    }),
  )
const deleteItem = (shape: Shape) =>
  operation(
    "deleteItem",
    fc.record({
      TableName: tableName(shape),
      Key: keyOf(shape),
      ReturnValues: returnValues("ALL_OLD", "NONE"),
      ReturnConsumedCapacity: capacity,
    }),
    expressions({ ConditionExpression: seldom(condition, 2) }),
  )

const page = (shape: Shape) => ({
  Limit: seldom(rarely(often(1, 2, 3, 10), often(0, -1), 20), 2),
  ExclusiveStartKey: seldom(keyOf(shape), 12),
  Select: seldom(often("COUNT", "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "NOTHING"), 8),
  ConsistentRead: seldom(fc.boolean(), 3),
  ReturnConsumedCapacity: capacity,
})

const queryOf = (shape: Shape) => {
  const indexed = shape.indexes.map(({ name, hash, range }) =>
    operation(
      "query",
      fc.record({
        TableName: tableName(shape),
        IndexName: rarely(fc.constant(name), fc.constant("none")),
        ScanIndexForward: maybe(fc.boolean()),
        ...page(shape),
      }),
      expressions({
        KeyConditionExpression: keyCondition(hash, hash === "p" ? shape.hash : "S", range, "N"),
        FilterExpression: seldom(condition, 2),
        ProjectionExpression: seldom(projection, 4),
      }),
    ),
  )
  const plain = operation(
    "query",
    fc.record({ TableName: tableName(shape), ScanIndexForward: maybe(fc.boolean()), ...page(shape) }),
    expressions({
      KeyConditionExpression: rarely(
        keyCondition("p", shape.hash, shape.range && "i", shape.range),
        fc.constant(undefined),
      ),
      FilterExpression: seldom(condition, 2),
      ProjectionExpression: seldom(projection, 4),
    }),
  )
  return fc.oneof(plain, plain, ...indexed)
}

const scan = (shape: Shape) =>
  operation(
    "scan",
    fc.record({
      TableName: tableName(shape),
      IndexName: seldom(often(...shape.indexes.map(({ name }) => name), "none"), 2),
      ...page(shape),
      ExclusiveStartKey: fc.constant(undefined),
    }),
    expressions({ FilterExpression: seldom(condition, 1), ProjectionExpression: seldom(projection, 3) }),
  )

const onFailure = seldom(rarely(often("ALL_OLD", "NONE"), often("ALL_NEW"), 20), 1)

const transactItem: Arbitrary<TransactWriteItem> = table.chain((shape) =>
  fc.oneof(
    fc.tuple(putItem(shape), onFailure).map(([{ input }, ReturnValuesOnConditionCheckFailure]) => ({
      Put: actionOf(input, { ReturnValuesOnConditionCheckFailure }),
    })),
    fc.tuple(updateItem(shape), onFailure).map(([{ input }, ReturnValuesOnConditionCheckFailure]) => ({
      Update: actionOf(input, { ReturnValuesOnConditionCheckFailure }),
    })),
    fc.tuple(deleteItem(shape), onFailure).map(([{ input }, ReturnValuesOnConditionCheckFailure]) => ({
      Delete: actionOf(input, { ReturnValuesOnConditionCheckFailure }),
    })),
    fc
      .tuple(
        fc.record({ TableName: tableName(shape), Key: keyOf(shape) }),
        expressions({ ConditionExpression: rarely(condition, fc.constant(undefined)) }),
        onFailure,
      )
      .map(([input, texts, ReturnValuesOnConditionCheckFailure]) => ({
        ConditionCheck: actionOf({ ...input, ...texts }, { ReturnValuesOnConditionCheckFailure }),
      })),
  ),
) as unknown as Arbitrary<TransactWriteItem>

function actionOf(input: Readonly<Record<string, unknown>>, more: Record<string, unknown>): object {
  const { ReturnValues: _values, ReturnConsumedCapacity: _capacity, ...action } = input
  return given({ ...action, ...more })
}

const transactWriteItems = operation(
  "transactWriteItems",
  fc.record({
    TransactItems: rarely(
      fc.array(transactItem, { minLength: 1, maxLength: 4 }),
      fc.array(transactItem, { maxLength: 10 }),
      8,
    ),
    ClientRequestToken: seldom(often("token-1", "token-2"), 8),
    ReturnConsumedCapacity: capacity,
  }),
)

const transactGetItems = operation(
  "transactGetItems",
  fc.record({
    TransactItems: fc.array(
      table.chain((shape) =>
        fc
          .tuple(
            fc.record({ TableName: tableName(shape), Key: keyOf(shape) }),
            withoutValues({ ProjectionExpression: seldom(projection, 2) }),
          )
          .map(([input, texts]) => ({ Get: { ...input, ...texts } })),
      ),
      { minLength: 1, maxLength: 5 },
    ),
    ReturnConsumedCapacity: capacity,
  }),
)

/** One entry for each table, as both batches want it. */
const requestItems = <T>(perTable: (shape: Shape) => Arbitrary<T>) =>
  fc
    .uniqueArray(table, { maxLength: 2, minLength: 0, selector: ({ name }) => name })
    .chain((chosen) => fc.tuple(...chosen.map((shape) => fc.tuple(tableName(shape), perTable(shape)))))
    .map((entries) => ({ RequestItems: Object.fromEntries(entries) }))

const keysOf = (shape: Shape) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.uniqueArray(keyOf(shape), { minLength: 1, maxLength: 5, selector: (key) => JSON.stringify(key) }),
    },
    { weight: 1, arbitrary: fc.array(keyOf(shape), { maxLength: 4 }) },
  )

const batchGetItem = operation(
  "batchGetItem",
  requestItems((shape) =>
    fc
      .tuple(keysOf(shape), withoutValues({ ProjectionExpression: seldom(projection, 2) }), maybe(fc.boolean()))
      .map(([Keys, texts, ConsistentRead]) => given({ Keys, ...texts, ConsistentRead })),
  ),
  fc.record({ ReturnConsumedCapacity: capacity }),
)

const batchWriteItem = operation(
  "batchWriteItem",
  requestItems((shape) =>
    fc
      .tuple(
        keysOf(shape),
        fc.array(itemOf(shape), { minLength: 5, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      )
      .map(([keys, items, deletions]) =>
        keys.map((key, at) =>
          deletions[at] === true ? { DeleteRequest: { Key: key } } : { PutRequest: { Item: { ...items[at], ...key } } },
        ),
      ),
  ),
  fc.record({ ReturnConsumedCapacity: capacity }),
)

const onTable = (of: (shape: Shape) => Arbitrary<Operation>) => table.chain(of)

const anyOperation: Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: onTable(putItem) },
  { weight: 10, arbitrary: onTable(updateItem) },
  { weight: 2, arbitrary: onTable(deleteItem) },
  { weight: 3, arbitrary: onTable(getItem) },
  { weight: 6, arbitrary: onTable(queryOf) },
  { weight: 3, arbitrary: onTable(scan) },
  { weight: 4, arbitrary: transactWriteItems },
  { weight: 1, arbitrary: transactGetItems },
  { weight: 1, arbitrary: batchGetItem },
  { weight: 2, arbitrary: batchWriteItem },
)

/** A history of requests; the first ones fill the tables. */
export const operations: Arbitrary<readonly Operation[]> = fc
  .tuple(
    fc.array(onTable(putItem), { minLength: 3, maxLength: 6 }),
    fc.array(anyOperation, { minLength: 10, maxLength: 40 }),
  )
  .map(([first, then]) => [...first, ...then])

/** The request on tables whose names have that prefix. */
export function onTablesOf(prefix: string, { method, input }: Operation): Operation {
  const rename = (of: unknown): unknown => {
    if (Array.isArray(of)) return of.map(rename)
    if (typeof of !== "object" || of === null || of instanceof Uint8Array) return of
    return Object.fromEntries(
      Object.entries(of).map(([name, member]: [string, unknown]) => {
        if (name === "TableName") return [name, named(prefix, member as string)]
        if (name === "RequestItems")
          return [name, Object.fromEntries(Object.entries(member as object).map(([t, m]) => [named(prefix, t), m]))]
        return ["TransactItems", "Put", "Update", "Delete", "ConditionCheck", "Get"].includes(name)
          ? [name, rename(member)]
          : [name, member]
      }),
    )
  }
  return { method, input: rename(input) as Operation["input"] }
}

/** Names that are too short or have wrong characters are sent as they are. */
const named = (prefix: string, name: string) => (/^[a-z]{2,}$/.test(name) ? prefix + name : name)
