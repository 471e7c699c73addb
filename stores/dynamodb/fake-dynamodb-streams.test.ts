import {
  CreateTableCommand,
  type AttributeValue,
  type CreateTableCommandInput,
  type StreamViewType,
} from "@aws-sdk/client-dynamodb"
import {
  DescribeStreamCommand,
  DynamoDBStreams,
  DynamoDBStreamsServiceException,
  ExpiredIteratorException,
  LimitExceededException,
  ListStreamsCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
  type _Record,
} from "@aws-sdk/client-dynamodb-streams"
import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { InvalidOptionError } from "../../engine/options.js"
import { ManualClock } from "../../engine/manual-clock.js"
import { FakeDynamoDB } from "./fake-dynamodb.js"
import { FakeDynamoDBStreams } from "./fake-dynamodb-streams.js"
import type { ServiceConditions } from "./service-conditions.js"

const day = 24 * 3_600_000

const events: CreateTableCommandInput = {
  TableName: "events",
  AttributeDefinitions: [
    { AttributeName: "p", AttributeType: "S" },
    { AttributeName: "i", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "p", KeyType: "HASH" },
    { AttributeName: "i", KeyType: "RANGE" },
  ],
  BillingMode: "PAY_PER_REQUEST",
}

async function setUp(viewType: StreamViewType = "NEW_IMAGE", conditions: ServiceConditions = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 31))
  const db = new FakeDynamoDB({ clock, conditions })
  const streams = new FakeDynamoDBStreams({ database: db.database })
  const StreamSpecification = { StreamEnabled: true, StreamViewType: viewType }
  const { TableDescription } = await db.createTable({ ...events, StreamSpecification })
  const StreamArn = TableDescription!.LatestStreamArn!
  const shardId = async () => (await streams.describeStream({ StreamArn })).StreamDescription!.Shards![0]!.ShardId!
  const horizon = async () => {
    const ShardIteratorType = "TRIM_HORIZON"
    return (await streams.getShardIterator({ StreamArn, ShardId: await shardId(), ShardIteratorType })).ShardIterator
  }
  const records = async (): Promise<_Record[]> =>
    (await streams.getRecords({ ShardIterator: await horizon() })).Records!
  const put = (p: string, attributes: Record<string, AttributeValue> = {}) =>
    db.putItem({ TableName: "events", Item: { p: { S: p }, i: { N: "0" }, ...attributes } })
  return { clock, db, streams, StreamArn, shardId, horizon, records, put }
}

test("what is written to a table is in its stream", async () => {
  const { records, put, db } = await setUp()
  await put("a", { n: { N: "1" } })
  await put("a", { n: { N: "1.0" } })
  await put("a", { n: { N: "2" } })
  await db.deleteItem({ TableName: "events", Key: { p: { S: "a" }, i: { N: "0" } } })
  await db.deleteItem({ TableName: "events", Key: { p: { S: "a" }, i: { N: "0" } } })
  const told = (await records()).map(({ eventName, dynamodb }) => [eventName, dynamodb?.NewImage?.["n"]?.N])
  expect(told).toEqual([
    ["INSERT", "1"],
    ["MODIFY", "2"],
    ["REMOVE", undefined],
  ])
})

test("what was written before the stream was read, by whoever, is in it", async () => {
  const { db, put, StreamArn } = await setUp()
  await put("a")
  const later = new FakeDynamoDBStreams({ database: new FakeDynamoDB({ database: db.database }).database })
  const { StreamDescription } = await later.describeStream({ StreamArn })
  const ShardId = StreamDescription!.Shards![0]!.ShardId
  const { ShardIterator } = await later.getShardIterator({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" })
  expect((await later.getRecords({ ShardIterator })).Records).toHaveLength(1)
})

test("both items of a transaction give a record, in the order of the request; a failed one gives none", async () => {
  const { db, records } = await setUp()
  const TableName = "events"
  const item = (i: string) => ({ p: { S: "a" }, i: { N: i } })
  await db.transactWriteItems({
    TransactItems: [{ Put: { TableName, Item: item("7") } }, { Put: { TableName, Item: item("3") } }],
  })
  const ConditionExpression = "attribute_not_exists(i)"
  const failing = [
    { Put: { TableName, Item: item("9") } },
    { Put: { TableName, Item: item("7"), ConditionExpression } },
  ]
  await expect(db.transactWriteItems({ TransactItems: failing })).rejects.toThrow()
  expect((await records()).map(({ dynamodb }) => dynamodb?.Keys?.["i"])).toEqual([{ N: "7" }, { N: "3" }])
})

test("a table without a stream has none; enabling gives one, disabling ends it, deleting the table too", async () => {
  const { db, streams, put } = await setUp()
  const enabled = { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } as const
  await db.send(new CreateTableCommand({ ...events, TableName: "quiet" }))
  expect((await streams.listStreams({ TableName: "quiet" })).Streams).toEqual([])
  const { TableDescription } = await db.updateTable({ TableName: "quiet", StreamSpecification: enabled })
  const StreamArn = TableDescription!.LatestStreamArn!
  const statusOf = async () => (await streams.describeStream({ StreamArn })).StreamDescription!.StreamStatus
  expect(await statusOf()).toBe("ENABLED")
  await db.deleteTable({ TableName: "quiet" })
  expect(await statusOf()).toBe("DISABLED")
  await put("a")
  expect((await streams.send(new ListStreamsCommand({}))).Streams).toHaveLength(2)
})

test("it is a DynamoDBStreams: commands, methods, callbacks and middleware", async () => {
  const { streams, StreamArn, put, records } = await setUp()
  expect(streams).toBeInstanceOf(DynamoDBStreams)
  const described = await streams.send(new DescribeStreamCommand({ StreamArn }))
  expect(described.$metadata).toMatchObject({ httpStatusCode: 200, attempts: 1 })
  const called = await new Promise((resolve) => {
    streams.describeStream({ StreamArn }, (_: unknown, output: unknown) => resolve(output))
  })
  expect(called).toMatchObject({ StreamDescription: described.StreamDescription })

  await put("a", { b: { B: Uint8Array.of(1, 2, 3) }, l: { L: [{ NULL: true }, { BOOL: false }] } })
  const straight = await records()
  const commands: unknown[] = []
  const watch = (next: (args: never) => Promise<never>, context: { commandName?: string }) => (args: never) => {
    commands.push(context.commandName)
    return next(args)
  }
  streams.middlewareStack.add(watch as never, { step: "initialize" })
  expect(await records()).toEqual(straight)
  expect(commands).toEqual(["DescribeStreamCommand", "GetShardIteratorCommand", "GetRecordsCommand"])
  await expect(streams.describeStream({ StreamArn: "nonsense" })).rejects.toBeInstanceOf(ResourceNotFoundException)
})

test("errors are of the SDK's classes", async () => {
  let isThrottled = false
  const { streams, StreamArn, horizon, shardId, put, clock } = await setUp("NEW_IMAGE", {
    throttles: () => isThrottled,
  })
  await put("a")
  await clock.advance(1)
  await put("b")
  const ShardIterator = await horizon()
  const errorOf = (answer: Promise<unknown>) => answer.catch((error: unknown) => error)
  const missing = await errorOf(streams.describeStream({ StreamArn: "nonsense" }))
  expect(missing).toBeInstanceOf(ResourceNotFoundException)
  expect(missing).toMatchObject({
    name: "ResourceNotFoundException",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
  })
  const invalid = await errorOf(streams.describeStream({ StreamArn, Limit: 0 }))
  expect(invalid).toBeInstanceOf(DynamoDBStreamsServiceException)
  expect(invalid).toMatchObject({ name: "ValidationException" })

  isThrottled = true
  expect(await errorOf(streams.getRecords({ ShardIterator }))).toBeInstanceOf(LimitExceededException)
  isThrottled = false
  await clock.advance(15 * 60_000 + 1)
  expect(await errorOf(streams.getRecords({ ShardIterator }))).toBeInstanceOf(ExpiredIteratorException)
  const first = (await streams.getRecords({ ShardIterator: await horizon() })).Records![0]!.dynamodb!.SequenceNumber!
  await clock.advance(day)
  const place = { ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber: first } as const
  const trimmed = await errorOf(streams.getShardIterator({ StreamArn, ShardId: await shardId(), ...place }))
  expect(trimmed).toBeInstanceOf(TrimmedDataAccessException)
})

test("what it does not have it refuses", async () => {
  const { streams, db } = await setUp()
  const foreign = new CreateTableCommand(events)
  await expect(streams.send(foreign as never)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[UnsupportedByFakeError: FakeDynamoDB does not have the streams operation CreateTable]`,
  )
  expect(() => new FakeDynamoDBStreams({ database: db as never })).toThrow(InvalidOptionError)
})

test("the simulation splits shards through it", async () => {
  const { streams, StreamArn, shardId } = await setUp()
  const children = streams.log.splitShard(StreamArn, await shardId())
  const { StreamDescription } = await streams.describeStream({ StreamArn })
  expect(StreamDescription!.Shards!.map(({ ShardId }) => ShardId)).toEqual([await shardId(), ...children])
})

interface Fixture {
  readonly records: readonly {
    readonly eventName: string
    readonly dynamodb: Required<Pick<NonNullable<_Record["dynamodb"]>, "Keys" | "NewImage">>
  }[]
}

test("the writes of DynamoStore give the records that a real stream had", async () => {
  const text = await readFile(new URL("./fixtures/09-stream-records.json", import.meta.url), "utf8")
  const { records: expected } = JSON.parse(text, (name, value: unknown) =>
    name === "B" ? Uint8Array.from(Buffer.from(value as string, "base64")) : value,
  ) as Fixture
  const { db, records } = await setUp()
  for (const { eventName, dynamodb } of expected) {
    if (eventName === "REMOVE") await db.deleteItem({ TableName: "events", Key: dynamodb.Keys })
    else await db.putItem({ TableName: "events", Item: dynamodb.NewImage })
  }
  const told = (await records()).map(({ eventName, dynamodb }) => {
    const { Keys, NewImage, StreamViewType } = dynamodb!
    return { eventName, dynamodb: { Keys, ...(NewImage && { NewImage }), StreamViewType } }
  })
  expect(told).toEqual(expected)
})
