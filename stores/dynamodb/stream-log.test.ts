import type { StreamViewType } from "@aws-sdk/client-dynamodb"
import type { ShardIteratorType } from "@aws-sdk/client-dynamodb-streams"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ManualClock } from "../../engine/manual-clock.js"
import type { Item } from "./attribute-value.js"
import type { ItemChange } from "./item-change.js"
import type { StreamConditions } from "./stream-conditions.js"
import { StreamLog, type StreamedDatabase } from "./stream-log.js"
import type { TableStream } from "./table-stream.js"

const hour = 3_600_000
const start = Date.UTC(2026, 0, 31, 12, 0, 0, 789)

/** A table whose changes are made by hand: what a log of streams needs of a database, and nothing else. */
class HandMadeTable implements StreamedDatabase {
  readonly clock = new ManualClock(start)
  readonly #streams = new Map<string, TableStream>()
  readonly #listeners: ((change: ItemChange) => void)[] = []
  readonly #items = new Map<string, Item>()
  #sequence = 0n
  arn: string

  constructor(viewType: StreamViewType = "NEW_AND_OLD_IMAGES") {
    this.arn = this.enable(viewType)
  }

  streams(): Iterable<TableStream> {
    return this.#streams.values()
  }

  onChange(listener: (change: ItemChange) => void): () => void {
    this.#listeners.push(listener)
    return () => {}
  }

  enable(viewType: StreamViewType): string {
    const enabledAt = this.clock.now()
    const streamLabel = new Date(enabledAt).toISOString().slice(0, 23)
    this.arn = `${tableArn}/stream/${streamLabel}`
    const stream = { tableName: "events", tableArn, streamArn: this.arn, streamLabel, viewType, keySchema, enabledAt }
    this.#streams.set(this.arn, stream)
    return this.arn
  }

  disable(): void {
    this.#streams.set(this.arn, { ...this.#streams.get(this.arn)!, disabledAt: this.clock.now() })
  }

  /** Writes an item, or deletes it. */
  write(p: string, attributes?: Item): void {
    const key = { p: { S: p }, i: { N: "0" } }
    const before = this.#items.get(p)
    const after = attributes && { ...key, ...attributes }
    if (after === undefined) this.#items.delete(p)
    else this.#items.set(p, after)
    const change: ItemChange = {
      tableName: "events",
      tableArn,
      streamArn: this.arn,
      sequence: ++this.#sequence,
      at: this.clock.now(),
      key,
      ...(before && { before }),
      ...(after && { after }),
    }
    for (const listener of this.#listeners) listener(change)
  }
}

const tableArn = "arn:aws:dynamodb:us-east-1:000000000000:table/events"
const keySchema = [
  { AttributeName: "p", KeyType: "HASH" },
  { AttributeName: "i", KeyType: "RANGE" },
] as const

function setUp(options: { viewType?: StreamViewType; conditions?: StreamConditions } = {}) {
  const table = new HandMadeTable(options.viewType)
  const log = new StreamLog(table, options.conditions)
  const shards = (arn = table.arn) => log.describeStream({ StreamArn: arn }).StreamDescription!.Shards!
  const iterator = (ShardIteratorType: ShardIteratorType, SequenceNumber?: string, ShardId = shards()[0]!.ShardId!) =>
    log.getShardIterator({
      StreamArn: table.arn,
      ShardId,
      ShardIteratorType,
      ...(SequenceNumber !== undefined && { SequenceNumber }),
    }).ShardIterator!
  const read = (ShardIterator: string, Limit?: number) => {
    const page = log.getRecords({ ShardIterator, ...(Limit !== undefined && { Limit }) })
    return { records: page.Records!, next: page.NextShardIterator }
  }
  const numbersAt = (ShardIterator: string) => read(ShardIterator).records.map((r) => r.dynamodb!.SequenceNumber!)
  return { table, log, shards, iterator, read, numbersAt, clock: table.clock }
}

const version = (n: number): Item => ({ n: { N: String(n) } })

/** What is said of a request that cannot be carried out. */
function refusal(request: () => unknown): string {
  try {
    request()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  return "was carried out"
}

describe("records", () => {
  test("say what happened to an item, in the order in which it happened", () => {
    const { table, iterator, read } = setUp()
    table.write("a", version(1))
    table.write("a", version(2))
    table.write("a")
    const { records } = read(iterator("TRIM_HORIZON"))
    expect(records.map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY", "REMOVE"])
    expect(records[1]).toMatchInlineSnapshot(`
      {
        "awsRegion": "us-east-1",
        "dynamodb": {
          "ApproximateCreationDateTime": 2026-01-31T12:00:00.000Z,
          "Keys": {
            "i": {
              "N": "0",
            },
            "p": {
              "S": "a",
            },
          },
          "NewImage": {
            "i": {
              "N": "0",
            },
            "n": {
              "N": "2",
            },
            "p": {
              "S": "a",
            },
          },
          "OldImage": {
            "i": {
              "N": "0",
            },
            "n": {
              "N": "1",
            },
            "p": {
              "S": "a",
            },
          },
          "SequenceNumber": "100000000000000000003",
          "SizeBytes": 18,
          "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventID": "ff119209f1a677beec9e3944ac168fd6",
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
      }
    `)
  })

  test.each([
    ["KEYS_ONLY", false, false],
    ["NEW_IMAGE", true, false],
    ["OLD_IMAGE", false, true],
    ["NEW_AND_OLD_IMAGES", true, true],
  ] as const)("of the view %s: new image %s, old image %s", (viewType, hasNew, hasOld) => {
    const { table, iterator, read } = setUp({ viewType })
    table.write("a", version(1))
    table.write("a", version(2))
    table.write("a")
    const images = read(iterator("TRIM_HORIZON")).records.map(({ dynamodb }) => [
      dynamodb?.NewImage?.["n"],
      dynamodb?.OldImage?.["n"],
    ])
    const [one, two] = [version(1)["n"], version(2)["n"]]
    expect(images).toEqual([
      [hasNew ? one : undefined, undefined],
      [hasNew ? two : undefined, hasOld ? one : undefined],
      [undefined, hasOld ? two : undefined],
    ])
  })

  test("are not made of a write that leaves the item as it was, nor of deleting what is not there", () => {
    const { table, iterator, numbersAt } = setUp()
    table.write("a", { ss: { SS: ["x", "y"] }, n: { N: "1.0" } })
    table.write("a", { ss: { SS: ["y", "x"] }, n: { N: "1" } })
    table.write("b")
    expect(numbersAt(iterator("TRIM_HORIZON"))).toHaveLength(1)
  })

  test("are the same whenever they are read, and nobody can change them", () => {
    const { table, iterator, read } = setUp()
    table.write("a", { l: { L: [{ S: "x" }] } })
    const first = read(iterator("TRIM_HORIZON")).records[0]!
    const copy = structuredClone(first)
    first.dynamodb!.NewImage!["l"]!.L!.push({ S: "y" })
    expect(read(iterator("TRIM_HORIZON")).records[0]).toEqual(copy)
  })
})

describe("a page", () => {
  test("has at most so many records as asked for, and the next one goes on behind it", () => {
    const { table, iterator, read } = setUp()
    for (let n = 0; n < 5; n++) table.write("a", version(n))
    const sizes: number[] = []
    for (let at = iterator("TRIM_HORIZON"), done = false; !done;) {
      const { records, next } = read(at, 2)
      sizes.push(records.length)
      done = records.length === 0
      at = next!
    }
    expect(sizes).toEqual([2, 2, 1, 0])
  })

  test("has at most 1000 records, and at most 1 MB of them", () => {
    const { table, iterator, read } = setUp({ viewType: "NEW_IMAGE" })
    for (let n = 0; n < 1001; n++) table.write("a", version(n))
    const { records, next } = read(iterator("TRIM_HORIZON"))
    expect(records).toHaveLength(1000)
    expect(read(next!).records).toHaveLength(1)
    for (let n = 0; n < 6; n++) table.write("a", { big: { S: String(n).repeat(300 * 1024) } })
    expect(
      read(iterator("AFTER_SEQUENCE_NUMBER", read(next!).records[0]!.dynamodb!.SequenceNumber)).records,
    ).toHaveLength(3)
  })

  test("of an open shard without new records is empty and leads to the next", () => {
    const { table, iterator, read, numbersAt } = setUp()
    const empty = read(iterator("TRIM_HORIZON"))
    expect(empty.records).toEqual([])
    table.write("a", version(1))
    expect(numbersAt(empty.next!)).toHaveLength(1)
  })
})

describe("an iterator", () => {
  test("begins at or behind a record, at the oldest, or behind the newest", () => {
    const { table, iterator, numbersAt } = setUp()
    for (let n = 0; n < 3; n++) table.write("a", version(n))
    const [first, second, third] = numbersAt(iterator("TRIM_HORIZON"))
    expect(numbersAt(iterator("AT_SEQUENCE_NUMBER", second))).toEqual([second, third])
    expect(numbersAt(iterator("AFTER_SEQUENCE_NUMBER", first))).toEqual([second, third])
    const latest = iterator("LATEST")
    expect(numbersAt(latest)).toEqual([])
    table.write("a", version(3))
    expect(numbersAt(latest)).toHaveLength(1)
  })

  test("can be used for 15 minutes", async () => {
    const { table, iterator, numbersAt, clock } = setUp()
    table.write("a", version(1))
    const old = iterator("TRIM_HORIZON")
    await clock.advance(15 * 60_000)
    expect(numbersAt(old)).toHaveLength(1)
    await clock.advance(1)
    expect(refusal(() => numbersAt(old))).toMatchInlineSnapshot(
      `"ExpiredIteratorException: The shard iterator has expired and can no longer be used to retrieve stream records."`,
    )
  })

  test("is not had for what is not there, or not asked for properly", () => {
    const { log, table, iterator, shards, read } = setUp()
    const StreamArn = table.arn
    const ShardId = shards()[0]!.ShardId!
    const unknown = "shardId-00000000000000000001-00000001"
    const asked = { StreamArn, ShardId, ShardIteratorType: "LATEST" } as const
    expect([
      refusal(() => log.getShardIterator({ ...asked, StreamArn: "nonsense" })),
      refusal(() => log.getShardIterator({ ...asked, StreamArn: undefined })),
      refusal(() => log.getShardIterator({ ...asked, ShardId: unknown })),
      refusal(() => log.getShardIterator({ ...asked, ShardId: undefined })),
      refusal(() => log.getShardIterator({ ...asked, ShardIteratorType: undefined })),
      refusal(() => iterator("LATEST", "100000000000000000001")),
      refusal(() => iterator("AT_SEQUENCE_NUMBER")),
      refusal(() => iterator("AT_SEQUENCE_NUMBER", "1")),
      refusal(() => iterator("AT_SEQUENCE_NUMBER", "1".repeat(41))),
      refusal(() => iterator("AT_SEQUENCE_NUMBER", "no number, but long enough")),
      refusal(() => iterator("AT_SEQUENCE_NUMBER", "000000000000000000001")),
      refusal(() => read("nonsense")),
      refusal(() => log.getRecords({ ShardIterator: undefined })),
      refusal(() => read(iterator("LATEST"), 0)),
      refusal(() => read(iterator("LATEST"), 1001)),
    ]).toMatchInlineSnapshot(`
      [
        "ResourceNotFoundException: Requested resource not found: Stream: nonsense not found",
        "ValidationException: One or more parameter values were invalid: streamArn cannot be empty or null.",
        "ResourceNotFoundException: Requested resource not found: Shard does not exist",
        "ValidationException: No ShardId specified.",
        "ValidationException: Invalid ShardIteratorType.",
        "ValidationException: One or more parameter values were invalid: SequenceNumber should not be passed for this iterator type",
        "ValidationException: One or more parameter values were invalid: Invalid SequenceNumber",
        "ValidationException: 1 validation error detected: Value '1' at 'sequenceNumber' failed to satisfy constraint: Member must have length greater than or equal to 21",
        "ValidationException: 1 validation error detected: Value '11111111111111111111111111111111111111111' at 'sequenceNumber' failed to satisfy constraint: Member must have length less than or equal to 40",
        "ValidationException: One or more parameter values were invalid: Invalid SequenceNumber",
        "ValidationException: Invalid SequenceNumber for the shard",
        "ValidationException: Invalid ShardIterator",
        "ValidationException: Invalid ShardIterator",
        "ValidationException: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        "ValidationException: One or more parameter values were invalid: Limit should be less than or equal to 1000",
      ]
    `)
  })
})

describe("a shard", () => {
  test("that is split ends, and two children share its keys", () => {
    const { table, log, shards, iterator, read, numbersAt } = setUp()
    const keys = Array.from({ length: 40 }, (_, n) => `stream-${n}`)
    for (const key of keys) table.write(key, version(1))
    const parent = shards()[0]!.ShardId!
    const children = log.splitShard(table.arn, parent)
    for (const key of keys) table.write(key, version(2))

    const listed = shards()
    expect(listed.map(({ ShardId }) => ShardId)).toEqual([parent, ...children])
    expect(listed.map(({ ParentShardId }) => ParentShardId)).toEqual([undefined, parent, parent])
    expect(listed.map((shard) => shard.SequenceNumberRange?.EndingSequenceNumber !== undefined)).toEqual([
      true,
      false,
      false,
    ])
    expect(read(iterator("TRIM_HORIZON", undefined, parent))).toMatchObject({
      records: { length: 40 },
      next: undefined,
    })
    const counts = children.map((id) => numbersAt(iterator("TRIM_HORIZON", undefined, id)).length)
    expect(counts[0]! + counts[1]!).toBe(40)
    expect(Math.min(...counts)).toBeGreaterThan(5)
  })

  test("that is replaced ends, and one child goes on", () => {
    const { table, log, shards, iterator, read, numbersAt } = setUp()
    const parent = shards()[0]!.ShardId!
    const waiting = read(iterator("TRIM_HORIZON")).next!
    const child = log.rollShard(table.arn, parent)
    table.write("a", version(1))
    expect(read(waiting)).toEqual({ records: [], next: undefined })
    expect(numbersAt(iterator("TRIM_HORIZON", undefined, child))).toHaveLength(1)
    expect(log.openShards(table.arn)).toEqual([child])
  })

  test("that is closed cannot be replaced again", () => {
    const { table, log, shards } = setUp()
    const [parent] = shards()
    log.rollShard(table.arn, parent!.ShardId!)
    expect(() => log.splitShard(table.arn, parent!.ShardId!)).toThrow(/is closed: only an open one can be replaced/)
  })

  test("goes a day after it was closed", async () => {
    const { table, log, shards, clock } = setUp()
    table.write("a", version(1))
    const parent = shards()[0]!.ShardId!
    const child = log.rollShard(table.arn, parent)
    await clock.advance(24 * hour)
    expect(shards()).toHaveLength(2)
    await clock.advance(1)
    expect(shards()).toMatchObject([{ ShardId: child, ParentShardId: parent }])
  })
})

describe("trimming", () => {
  test("takes records away after 24 hours: the oldest that can be read is a later one", async () => {
    const { table, iterator, numbersAt, clock } = setUp()
    table.write("a", version(1))
    await clock.advance(hour)
    table.write("a", version(2))
    const [first, second] = numbersAt(iterator("TRIM_HORIZON"))
    await clock.advance(23 * hour)
    expect(numbersAt(iterator("AT_SEQUENCE_NUMBER", first))).toHaveLength(2)
    await clock.advance(1)
    expect(numbersAt(iterator("TRIM_HORIZON"))).toEqual([second])
    const text = refusal(() => iterator("AT_SEQUENCE_NUMBER", first))
    expect(text).toMatchInlineSnapshot(
      `"TrimmedDataAccessException: The operation attempted to read past the oldest stream record in a shard."`,
    )
    expect(refusal(() => iterator("AFTER_SEQUENCE_NUMBER", first))).toBe(text)
  })

  test("makes an iterator useless whose next record it takes", async () => {
    const { table, iterator, numbersAt, clock } = setUp()
    table.write("a", version(1))
    await clock.advance(24 * hour - 60_000)
    const [horizon, latest] = [iterator("TRIM_HORIZON"), iterator("LATEST")]
    await clock.advance(60_001)
    expect(refusal(() => numbersAt(horizon))).toMatch(/^TrimmedDataAccessException/)
    expect(numbersAt(latest)).toEqual([])
  })
})

describe("a stream", () => {
  test("that was disabled can be read to its end, and is gone a day later", async () => {
    const { table, log, shards, iterator, read, clock } = setUp()
    table.write("a", version(1))
    table.disable()
    expect(log.describeStream({ StreamArn: table.arn }).StreamDescription).toMatchObject({ StreamStatus: "DISABLED" })
    expect(shards()).toMatchObject([{ SequenceNumberRange: { EndingSequenceNumber: "100000000000000000003" } }])
    expect(read(iterator("TRIM_HORIZON"))).toMatchObject({ records: { length: 1 }, next: undefined })
    await clock.advance(24 * hour + 1)
    expect(log.listStreams({})).toEqual({ Streams: [] })
    expect(refusal(shards)).toMatchInlineSnapshot(
      `"ResourceNotFoundException: Requested resource not found: Stream: arn:aws:dynamodb:us-east-1:000000000000:table/events/stream/2026-01-31T12:00:00.789 not found"`,
    )
  })

  test("is one of several of a table, when it was enabled again", async () => {
    const { table, log, iterator, numbersAt, clock } = setUp()
    const old = table.arn
    table.disable()
    await clock.advance(1000)
    table.enable("KEYS_ONLY")
    table.write("a", version(1))
    expect(log.listStreams({ TableName: "events" }).Streams).toEqual([
      { StreamArn: old, TableName: "events", StreamLabel: "2026-01-31T12:00:00.789" },
      { StreamArn: table.arn, TableName: "events", StreamLabel: "2026-01-31T12:00:01.789" },
    ])
    expect(log.listStreams({ TableName: "other" }).Streams).toEqual([])
    expect(numbersAt(iterator("TRIM_HORIZON"))).toHaveLength(1)
  })

  test("is described", () => {
    const { table, log } = setUp({ viewType: "NEW_IMAGE" })
    expect(log.describeStream({ StreamArn: table.arn })).toMatchInlineSnapshot(`
      {
        "StreamDescription": {
          "CreationRequestDateTime": 2026-01-31T12:00:00.789Z,
          "KeySchema": [
            {
              "AttributeName": "p",
              "KeyType": "HASH",
            },
            {
              "AttributeName": "i",
              "KeyType": "RANGE",
            },
          ],
          "Shards": [
            {
              "SequenceNumberRange": {
                "StartingSequenceNumber": "100000000000000000001",
              },
              "ShardId": "shardId-00000001769860800789-00000001",
            },
          ],
          "StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/events/stream/2026-01-31T12:00:00.789",
          "StreamLabel": "2026-01-31T12:00:00.789",
          "StreamStatus": "ENABLED",
          "StreamViewType": "NEW_IMAGE",
          "TableName": "events",
        },
      }
    `)
  })

  test("and the list of streams, and the list of shards, come in pages", async () => {
    const { table, log, clock } = setUp()
    for (let n = 0; n < 4; n++) log.splitShard(table.arn, log.openShards(table.arn)[n % 2]!)
    const ids: string[] = []
    for (let after: string | undefined, done = false; !done;) {
      const page = log.describeStream({
        StreamArn: table.arn,
        Limit: 2,
        ...(after !== undefined && { ExclusiveStartShardId: after }),
      }).StreamDescription!
      ids.push(...page.Shards!.map(({ ShardId }) => ShardId!))
      after = page.LastEvaluatedShardId
      done = after === undefined
    }
    expect(ids).toEqual(log.describeStream({ StreamArn: table.arn }).StreamDescription!.Shards!.map((s) => s.ShardId))
    expect(ids).toHaveLength(9)

    const filter = { Type: "CHILD_SHARDS", ShardId: ids[0]! } as const
    expect(log.describeStream({ StreamArn: table.arn, ShardFilter: filter }).StreamDescription?.Shards).toHaveLength(2)

    table.disable()
    await clock.advance(1)
    table.enable("KEYS_ONLY")
    const first = log.listStreams({ Limit: 1 })
    expect(first.Streams).toHaveLength(1)
    const second = log.listStreams({ ExclusiveStartStreamArn: first.LastEvaluatedStreamArn! })
    expect(second.Streams).toMatchObject([{ StreamArn: table.arn }])
    expect(second.LastEvaluatedStreamArn).toBeUndefined()
  })

  test("is not described to whom asks improperly", () => {
    const { log, table } = setUp()
    const StreamArn = table.arn
    expect([
      refusal(() => log.listStreams({ Limit: 0 })),
      refusal(() => log.listStreams({ Limit: 101 })),
      refusal(() => log.describeStream({ StreamArn: undefined })),
      refusal(() => log.describeStream({ StreamArn, Limit: 0 })),
      refusal(() => log.describeStream({ StreamArn, Limit: 101 })),
      refusal(() => log.describeStream({ StreamArn, ExclusiveStartShardId: "x" })),
      refusal(() => log.execute("PutRecords", {})),
    ]).toMatchInlineSnapshot(`
      [
        "ValidationException: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        "ValidationException: One or more parameter values were invalid: Limit cannot be greater than the maximum allowed size: 100",
        "ValidationException: Invalid StreamArn",
        "ValidationException: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        "ValidationException: One or more parameter values were invalid: Limit cannot be greater than the maximum: 100",
        "ValidationException: 1 validation error detected: Value 'x' at 'exclusiveStartShardId' failed to satisfy constraint: Member must have length greater than or equal to 28",
        "UnsupportedByFakeError: FakeDynamoDB does not have the streams operation PutRecords",
      ]
    `)
  })
})

describe("under the simulation's control", () => {
  test("records can be seen later than the write, in their order, also at the end of a closed shard", async () => {
    let lag = 1000
    const { table, log, shards, iterator, read, clock } = setUp({ conditions: { streamLagMs: () => lag } })
    table.write("a", version(1))
    await clock.advance(600)
    table.write("a", version(2))
    log.rollShard(table.arn, shards()[0]!.ShardId!)
    const parent = shards()[0]!.ShardId!
    const none = read(iterator("TRIM_HORIZON", undefined, parent))
    expect(none.records).toEqual([])
    await clock.advance(400)
    const one = read(none.next!)
    expect(one.records).toHaveLength(1)
    lag = 5000
    expect(read(one.next!)).toMatchObject({ records: [], next: expect.any(String) as string })
    lag = 0
    expect(read(one.next!)).toMatchObject({ records: { length: 1 }, next: undefined })
  })

  test("a lag that is none is an error of whoever gave it", () => {
    const { iterator, read } = setUp({ conditions: { streamLagMs: () => -1 } })
    expect(() => read(iterator("LATEST"))).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: StreamConditions: option "streamLagMs" must be a number of milliseconds from 0, received -1]`,
    )
  })

  test("reading records can meet the limit", () => {
    const { iterator, read } = setUp({ conditions: { throttles: ({ operation }) => operation === "GetRecords" } })
    expect(refusal(() => read(iterator("LATEST")))).toMatch(/^LimitExceededException/)
  })
})

type Step =
  | { readonly does: "write"; readonly item: number }
  | { readonly does: "replace"; readonly shard: number; readonly children: 1 | 2 }
  | { readonly does: "wait"; readonly ms: number }
  | { readonly does: "read"; readonly limit: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant("write" as const), item: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("replace" as const), shard: fc.nat(9), children: fc.constantFrom(1, 2) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("wait" as const), ms: fc.nat(20 * hour) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("read" as const), limit: fc.integer({ min: 1, max: 4 }) }) },
)

/** Reads along the lineage: a shard once its parent is read to its end or gone, from the oldest record there is. */
class LineageReader {
  readonly seen = new Map<string, number[]>()
  readonly #test: ReturnType<typeof setUp>
  readonly #places = new Map<string, string | undefined>()
  readonly #done = new Set<string>()

  constructor(test: ReturnType<typeof setUp>) {
    this.#test = test
  }

  /** One page of each shard that may be read. Whether there was anything to read. */
  readAll(limit: number): boolean {
    const shards = this.#test.shards()
    const ids = new Set(shards.map(({ ShardId }) => ShardId))
    const open = shards.filter(({ ShardId }) => !this.#done.has(ShardId!))
    const ready = open.filter(({ ParentShardId }) => this.#done.has(ParentShardId!) || !ids.has(ParentShardId))
    return ready.map(({ ShardId }) => this.#read(ShardId!, limit)).includes(true)
  }

  #read(id: string, limit: number): boolean {
    const last = this.#places.get(id)
    const page = this.#test.read(this.#iterator(id, last), limit)
    for (const { dynamodb } of page.records) {
      const item = dynamodb!.Keys!["p"]!.S!
      this.seen.set(item, [...(this.seen.get(item) ?? []), Number(dynamodb!.NewImage!["n"]!.N)])
      this.#places.set(id, dynamodb!.SequenceNumber)
    }
    if (page.next === undefined) this.#done.add(id)
    return page.records.length > 0 || page.next === undefined
  }

  #iterator(id: string, last: string | undefined): string {
    const { iterator } = this.#test
    try {
      return last === undefined ? iterator("TRIM_HORIZON", undefined, id) : iterator("AFTER_SEQUENCE_NUMBER", last, id)
    } catch (error) {
      if ((error as Error).name !== "TrimmedDataAccessException") throw error
      return iterator("TRIM_HORIZON", undefined, id)
    }
  }
}

/** Does the steps; answers what was written when, and what a reader along the lineage has seen at the end. */
function history(steps: readonly Step[]) {
  const all = setUp()
  const reader = new LineageReader(all)
  const written = new Map<string, { n: number; at: number }[]>()
  let now = start
  all.clock.now = () => now
  for (const [n, done] of steps.entries()) {
    const open = all.log.openShards(all.table.arn)
    if (done.does === "write") {
      const item = `item-${done.item}`
      all.table.write(item, version(n))
      written.set(item, [...(written.get(item) ?? []), { n, at: now }])
    } else if (done.does === "replace") {
      const id = open[done.shard % open.length]!
      if (done.children === 2) all.log.splitShard(all.table.arn, id)
      else all.log.rollShard(all.table.arn, id)
    } else if (done.does === "wait") now += done.ms
    else reader.readAll(done.limit)
  }
  while (reader.readAll(1000));
  return { written, seen: reader.seen, now }
}

describe("whatever is written, split, replaced and read", () => {
  test("who follows the lineage sees every change of every item, in order, once", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { written, seen } = history(steps.filter(({ does }) => does !== "wait"))
        for (const [item, changes] of written) expect(seen.get(item)).toEqual(changes.map(({ n }) => n))
        expect(seen.size).toBe(written.size)
      }),
    )
  })

  test("and trimmed: who follows the lineage misses nothing younger than a day, and sees nothing out of order", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { written, seen, now } = history(steps)
        for (const [item, changes] of written) {
          const got = seen.get(item) ?? []
          expect(got).toEqual(got.toSorted((a, b) => a - b))
          const young = changes.filter(({ at }) => at >= now - 24 * hour).map(({ n }) => n)
          expect(got).toEqual(expect.arrayContaining(young))
        }
      }),
    )
  })

  test("sequence numbers rise, as numbers and as text, and lie within their shard's range", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { table, log, shards, iterator, numbersAt } = setUp()
        for (const [n, done] of steps.entries()) {
          const open = log.openShards(table.arn)
          if (done.does === "write") table.write(`item-${done.item}`, version(n))
          if (done.does === "replace") log.splitShard(table.arn, open[done.shard % open.length]!)
        }
        const ranges = new Map(shards().map((shard) => [shard.ShardId!, shard.SequenceNumberRange!]))
        for (const { ShardId, ParentShardId, SequenceNumberRange } of shards()) {
          const numbers = numbersAt(iterator("TRIM_HORIZON", undefined, ShardId))
          const { StartingSequenceNumber: first, EndingSequenceNumber: last } = SequenceNumberRange!
          const parentEnd = ranges.get(ParentShardId!)?.EndingSequenceNumber
          const all = [parentEnd, first, ...numbers, last].filter((text) => text !== undefined)
          expect(all).toEqual(all.toSorted())
          expect(new Set(all).size).toBe(all.length)
          expect(all.map(BigInt)).toEqual(all.map(BigInt).sort((a, b) => (a < b ? -1 : 1)))
        }
      }),
    )
  })
})
