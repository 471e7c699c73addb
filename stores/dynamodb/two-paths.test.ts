/** The same requests straight to the model and the whole way through the SDK: nobody can tell which way they went. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { expect, it } from "vitest"
import { ManualClock } from "../../engine/manual-clock.js"
import { FakeDynamoDB } from "./index.js"

interface Request {
  readonly operation: string
  readonly input: object
}

const number = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.double({ noNaN: true, min: -1e20, max: 1e20 })).map(String)
const bytes = fc.uint8Array({ maxLength: 3 })

const value = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.record({ S: fc.string({ maxLength: 3, unit: "binary" }) }),
    fc.record({ N: number }),
    fc.record({ B: bytes }),
    fc.record({ BOOL: fc.boolean() }),
    fc.constant({ NULL: true as const }),
    fc.record({ SS: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 3 }) }),
    fc.record({ NS: fc.array(number, { maxLength: 3 }) }),
    fc.record({ BS: fc.array(bytes, { maxLength: 2 }) }),
    fc.record({ L: fc.array(tie("value"), { maxLength: 3 }) }),
    fc.record({ M: fc.dictionary(fc.constantFrom("B", "BS", "N", "x", "__proto__"), tie("value"), { maxKeys: 3 }) }),
  ),
})).value

const hash = fc.constantFrom("a", "b", "").map((S) => ({ S }))
const range = fc.constantFrom("1", "2", "03", "-1", "1e1", "x").map((N) => ({ N }))
const key = fc.oneof(
  { weight: 9, arbitrary: fc.record({ p: hash, i: range }) },
  { weight: 1, arbitrary: fc.record({ p: hash }) },
)
const item = fc
  .tuple(key, fc.dictionary(fc.constantFrom("x", "y", "B", "g"), value, { maxKeys: 3 }))
  .map(([keys, rest]) => ({ ...rest, ...keys }))
const capacity = fc.constantFrom(undefined, "TOTAL", "INDEXES", "NONE")
const condition = fc.constantFrom(
  {},
  { ConditionExpression: "attribute_not_exists(p)" },
  { ConditionExpression: "attribute_exists(x)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" },
  { ConditionExpression: "x =" },
)
const TableName = fc.constantFrom("tab", "tab", "tab", "tab", "none")

function write(operation: string, inputs: fc.Arbitrary<object>, returns: readonly string[]): fc.Arbitrary<Request> {
  return fc
    .tuple(TableName, inputs, condition, capacity, fc.constantFrom(undefined, ...returns))
    .map(([table, input, conditions, ReturnConsumedCapacity, ReturnValues]) => ({
      operation,
      input: { TableName: table, ...input, ...conditions, ReturnConsumedCapacity, ReturnValues },
    }))
}

const update = fc.tuple(key, value, fc.constantFrom("SET x = :v", "SET x.x = :v, y = :v", "ADD x :v", "DELETE x :v"))
const action = fc.oneof(
  fc.tuple(item, condition).map(([Item, c]) => ({ Put: { TableName: "tab", Item, ...c } })),
  fc.tuple(key, condition).map(([Key, c]) => ({ Delete: { TableName: "tab", Key, ...c } })),
  fc.tuple(key, fc.constantFrom("attribute_exists(p)", "x")).map(([Key, ConditionExpression]) => ({
    ConditionCheck: { TableName: "tab", Key, ConditionExpression },
  })),
)

const request: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 5,
    arbitrary: write("putItem", fc.record({ Item: item }), ["ALL_OLD", "NONE", "ALL_NEW"]),
  },
  write("deleteItem", fc.record({ Key: key }), ["ALL_OLD"]),
  write(
    "updateItem",
    update.map(([Key, v, UpdateExpression]) => ({
      Key,
      UpdateExpression,
      ExpressionAttributeValues: { ":v": v },
    })),
    ["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"],
  ),
  fc.tuple(TableName, key, capacity).map(([table, Key, ReturnConsumedCapacity]) => ({
    operation: "getItem",
    input: { TableName: table, Key, ReturnConsumedCapacity, ProjectionExpression: undefined },
  })),
  fc
    .tuple(hash, fc.constantFrom(undefined, 0, 1, 2), fc.constantFrom(undefined, "COUNT"), capacity, fc.boolean())
    .map(([p, Limit, Select, ReturnConsumedCapacity, ScanIndexForward]) => ({
      operation: "query",
      input: {
        TableName: "tab",
        KeyConditionExpression: "p = :p",
        ExpressionAttributeValues: { ":p": p },
        ...{ Limit, Select, ReturnConsumedCapacity, ScanIndexForward },
      },
    })),
  fc.tuple(fc.constantFrom(undefined, "global"), capacity).map(([IndexName, ReturnConsumedCapacity]) => ({
    operation: "scan",
    input: { TableName: "tab", IndexName, ReturnConsumedCapacity },
  })),
  fc.tuple(fc.array(action, { maxLength: 3 }), capacity).map(([TransactItems, ReturnConsumedCapacity]) => ({
    operation: "transactWriteItems",
    input: { TransactItems, ReturnConsumedCapacity },
  })),
  fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => ({
    operation: "transactGetItems",
    input: { TransactItems: keys.map((Key) => ({ Get: { TableName: "tab", Key } })) },
  })),
  fc.array(key, { maxLength: 3 }).map((Keys) => ({
    operation: "batchGetItem",
    input: { RequestItems: { tab: { Keys } }, ReturnConsumedCapacity: "TOTAL" },
  })),
  fc.array(item, { maxLength: 3 }).map((items) => ({
    operation: "batchWriteItem",
    input: { RequestItems: { tab: items.map((Item) => ({ PutRequest: { Item } })) } },
  })),
  fc.constantFrom("describeTable", "deleteTable", "describeTimeToLive").map((operation) => ({
    operation,
    input: { TableName: operation === "deleteTable" ? "none" : "tab" },
  })),
  fc.constant({ operation: "listTables", input: {} }),
)

type Call = (input: object) => Promise<Record<string, unknown>>

async function outcomes(fake: FakeDynamoDB, requests: readonly Request[]): Promise<unknown[]> {
  await fake.createTable({
    TableName: "tab",
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: "p", KeyType: "HASH" },
      { AttributeName: "i", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "p", AttributeType: "S" },
      { AttributeName: "i", AttributeType: "N" },
      { AttributeName: "g", AttributeType: "S" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "global",
        KeySchema: [{ AttributeName: "g", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
  })
  const seen = []
  for (const { operation, input } of requests)
    seen.push(await (fake as unknown as Record<string, Call>)[operation]!(input).then(outputOf, errorOf))
  return [...seen, fake.database.dump("tab")]
}

const outputOf = ({ $metadata, ...output }: Record<string, unknown>) => {
  const { requestId, ...metadata } = $metadata as Record<string, unknown>
  return { output, metadata, hasId: typeof requestId }
}

const errorOf = (error: Error & Record<string, unknown>) => {
  const { name, message, $fault, Item, CancellationReasons } = error
  const { requestId, ...metadata } = error["$metadata"] as Record<string, unknown>
  const { constructor } = error
  return { name, message, $fault, Item, CancellationReasons, metadata, hasId: typeof requestId, constructor }
}

it("answer alike", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
      const clock = new ManualClock(1_700_000_000_123)
      const random = { next: () => 0.5, uuid: () => "00000000-0000-4000-8000-000000000000" }
      const straight = new FakeDynamoDB({ clock, random })
      const wholeWay = new FakeDynamoDB({ clock, random })
      wholeWay.middlewareStack.add((next) => (args) => next(args), { step: "initialize" })
      expect(await outcomes(straight, requests)).toEqual(await outcomes(wholeWay, requests))
    }),
    { numRuns: 100 },
  )
}, 60_000)
