import { getEventListeners } from "node:events"
import type { _Record } from "@aws-sdk/client-dynamodb-streams"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ManualClock } from "../../../engine/manual-clock.js"
import { FakeDynamoDB, FakeDynamoDBStreams, type ServiceConditions } from "../../dynamodb/index.js"
import type { StreamRecordsEvent } from "./stream-records.js"
import type { ShardPlaces } from "./shard-places.js"
import { StreamPump, type StreamPumpOptions } from "./stream-pump.js"
import type { StreamsClient } from "./streams-client.js"

const hour = 3_600_000

async function setUp(conditions: ServiceConditions = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 31))
  const db = new FakeDynamoDB({ clock, conditions })
  const streams = new FakeDynamoDBStreams({ database: db.database })
  const { TableDescription } = await db.createTable({
    TableName: "events",
    AttributeDefinitions: [{ AttributeName: "p", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "p", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
  })
  const streamArn = TableDescription!.LatestStreamArn!
  const put = (p: string, n: number) => db.putItem({ TableName: "events", Item: { p: { S: p }, n: { N: String(n) } } })
  const openShards = () => streams.log.openShards(streamArn)
  const replace = {
    split: (shard: number) => streams.log.splitShard(streamArn, openShards()[shard % openShards().length]!),
    roll: (shard: number) => streams.log.rollShard(streamArn, openShards()[shard % openShards().length]!),
  }

  /** Starts a pump whose handler notes what it is given, unless `handle` fails. */
  const start = (
    options: Partial<StreamPumpOptions> = {},
    handle: (event: Handled[]) => void | Promise<void> = () => {},
  ) => {
    const warnings: string[] = []
    const batches: Handled[][] = []
    const stop = new AbortController()
    const handler = async ({ Records }: StreamRecordsEvent) => {
      const batch = Records.map(handled)
      await handle(batch)
      batches.push(batch)
    }
    const warn = (text: string) =>
      warnings.push(text.replaceAll(streamArn, "ARN").replaceAll(/shardId-[\w-]+/g, "SHARD"))
    const outcome = StreamPump.create({ streams, streamArn, handler, clock, warn, ...options })
      .start(stop.signal)
      .then(
        () => "ended",
        (error: unknown) => error,
      )
    return { warnings, batches, stop, outcome, all: () => batches.flat() }
  }
  return { clock, db, streams, streamArn, put, replace, start }
}

interface Handled {
  readonly p: string
  readonly n: number
}

function handled(record: object): Handled {
  const { NewImage } = (record as _Record).dynamodb!
  return { p: NewImage!["p"]!.S!, n: Number(NewImage!["n"]!.N) }
}

const serviceError = (name: string) => Object.assign(new Error(`${name} for once`), { name })

/** The streams, whose next calls of a method fail with what was put into its list, if it is an error. */
function failing(streams: StreamsClient) {
  type Coming = (Error | undefined)[]
  const errors = { describeStream: [] as Coming, getShardIterator: [] as Coming, getRecords: [] as Coming }
  const fail = (method: keyof typeof errors) => {
    const error = errors[method].shift()
    if (error !== undefined) throw error
  }
  const client: StreamsClient = {
    async describeStream(input) {
      fail("describeStream")
      return await streams.describeStream(input)
    },
    async getShardIterator(input) {
      fail("getShardIterator")
      return await streams.getShardIterator(input)
    },
    async getRecords(input) {
      fail("getRecords")
      return await streams.getRecords(input)
    },
  }
  return { client, errors }
}

describe("a pump", () => {
  test("hands over what was written before it started and what comes then, in order", async () => {
    const { clock, put, start } = await setUp()
    for (let n = 0; n < 3; n++) await put("a", n)
    const { all, stop, outcome } = start()
    await clock.advance(10)
    expect(all()).toEqual([0, 1, 2].map((n) => ({ p: "a", n })))
    await put("a", 3)
    await clock.advance(1000)
    expect(all()).toHaveLength(4)
    stop.abort()
    expect(await outcome).toBe("ended")
  })

  test("calls the handler with at most batchSize records, in the shape in which Lambda passes them on", async () => {
    const { clock, streams, streamArn, put } = await setUp()
    for (let n = 0; n < 5; n++) await put("a", n)
    const events: StreamRecordsEvent[] = []
    const stop = new AbortController()
    const handler = async (event: StreamRecordsEvent) => void events.push(event)
    const ended = StreamPump.create({ streams, streamArn, handler, clock, batchSize: 2 }).start(stop.signal)
    await clock.advance(10)
    stop.abort()
    await ended
    expect(events.map(({ Records }) => Records.length)).toEqual([2, 2, 1])
    expect(events[0]!.Records[0]).toMatchObject({
      eventID: expect.any(String) as string,
      eventName: "INSERT",
      eventSource: "aws:dynamodb",
      dynamodb: { Keys: { p: { S: "a" } }, NewImage: { p: { S: "a" }, n: { N: "0" } }, StreamViewType: "NEW_IMAGE" },
    })
  })

  test("reads children after their parent, and side by side", async () => {
    const { clock, put, replace, start } = await setUp()
    const keys = ["a", "b", "c", "d", "e", "f", "g", "h"]
    for (const key of keys) await put(key, 1)
    replace.split(0)
    for (const key of keys) await put(key, 2)
    replace.split(0)
    replace.roll(2)
    for (const key of keys) await put(key, 3)
    const { all, stop } = start({ batchSize: 1 })
    await clock.advance(100)
    for (const key of keys)
      expect(
        all()
          .filter(({ p }) => p === key)
          .map(({ n }) => n),
      ).toEqual([1, 2, 3])
    stop.abort()
  })

  test("finds the shards that come while it runs as soon as their parent has ended", async () => {
    const { clock, put, replace, start } = await setUp()
    const { all, stop } = start()
    await clock.advance(10)
    replace.split(0)
    await put("a", 1)
    await clock.advance(1000)
    expect(all()).toEqual([{ p: "a", n: 1 }])
    stop.abort()
  })

  test("at LATEST begins with what is written after it has started, also in shards that come later", async () => {
    const { clock, put, replace, start } = await setUp()
    await put("a", 0)
    replace.roll(0)
    await put("a", 1)
    const { all, stop } = start({ startingPosition: "LATEST" })
    await clock.advance(10)
    await put("a", 2)
    replace.split(0)
    await put("a", 3)
    await clock.advance(2000)
    expect(all().map(({ n }) => n)).toEqual([2, 3])
    stop.abort()
  })
})

describe("when the handler fails", () => {
  test("the same records come again after a pause that grows, and nothing else of that shard before them", async () => {
    const { clock, put, start } = await setUp()
    for (let n = 0; n < 3; n++) await put("a", n)
    const tries: number[] = []
    const { all, warnings, stop } = start({ batchSize: 2 }, () => {
      tries.push(clock.now())
      if (tries.length <= 3) throw new Error("the index is not there")
    })
    await clock.advance(60_000)
    expect(all().map(({ n }) => n)).toEqual([0, 1, 2])
    expect(tries.slice(1, 4).map((at, n) => at - tries[n]!)).toEqual([100, 200, 400])
    expect(warnings).toMatchInlineSnapshot(`
      [
        "shard SHARD of stream ARN: the handler failed on records 100000000000000000002 to 100000000000000000003 (failure 1 in a row), next try in 100 ms: Error: the index is not there",
        "shard SHARD of stream ARN: the handler failed on records 100000000000000000002 to 100000000000000000003 (failure 2 in a row), next try in 200 ms: Error: the index is not there",
        "shard SHARD of stream ARN: the handler failed on records 100000000000000000002 to 100000000000000000003 (failure 3 in a row), next try in 400 ms: Error: the index is not there",
      ]
    `)
    stop.abort()
  })

  test("other shards go on", async () => {
    const { clock, put, replace, start } = await setUp()
    replace.split(0)
    const keys = ["a", "b", "c", "d", "e", "f"]
    for (const key of keys) await put(key, 1)
    const { all, stop } = start({}, (batch) => {
      if (batch.some(({ p }) => p === "a")) throw new Error("not this one")
    })
    await clock.advance(10_000)
    expect(all().length).toBeGreaterThan(0)
    expect(all().map(({ p }) => p)).not.toContain("a")
    stop.abort()
  })

  test("too often in a row, the run fails with its error, and the calls of other shards have ended", async () => {
    const { clock, put, replace, start } = await setUp()
    replace.split(0)
    for (const key of ["a", "b", "c", "d", "e", "f"]) await put(key, 1)
    let running = 0
    const { outcome } = start({ maxFailures: 3 }, async (batch) => {
      running++
      if (!batch.some(({ p }) => p === "a")) await clock.sleep(10_000)
      running--
      if (batch.some(({ p }) => p === "a")) throw new Error("never this one")
    })
    await clock.advance(5_000)
    expect(running).toBe(1)
    await clock.advance(5_000)
    expect(await outcome).toEqual(new Error("never this one"))
    expect(running).toBe(0)
  })
})

describe("when reading fails", () => {
  test("it is tried again, where it was", async () => {
    const { clock, put, streams, start } = await setUp()
    const { client, errors } = failing(streams)
    errors.describeStream.push(serviceError("LimitExceededException"))
    errors.getShardIterator.push(serviceError("InternalServerError"))
    errors.getRecords.push(serviceError("LimitExceededException"), serviceError("LimitExceededException"))
    await put("a", 1)
    const { all, warnings, stop } = start({ streams: client })
    await clock.advance(1000)
    expect(all()).toHaveLength(1)
    expect(warnings).toMatchInlineSnapshot(`
      [
        "the shards of stream ARN could not be listed (failure 1 in a row), next try in 100 ms: LimitExceededException: LimitExceededException for once",
        "shard SHARD of stream ARN could not be read after its beginning (failure 1 in a row), next try in 100 ms: InternalServerError: InternalServerError for once",
        "shard SHARD of stream ARN could not be read after its beginning (failure 2 in a row), next try in 200 ms: LimitExceededException: LimitExceededException for once",
        "shard SHARD of stream ARN could not be read after its beginning (failure 3 in a row), next try in 400 ms: LimitExceededException: LimitExceededException for once",
      ]
    `)
    stop.abort()
  })

  test("an iterator that has expired is replaced by one behind the last record that was handled", async () => {
    const { clock, put, start } = await setUp()
    for (let n = 0; n < 3; n++) await put("a", n)
    const { all, warnings, stop } = start({ batchSize: 2 }, () => clock.sleep(20 * 60_000))
    await clock.advance(41 * 60_000)
    expect(all().map(({ n }) => n)).toEqual([0, 1, 2])
    expect(warnings).toEqual([])
    stop.abort()
  })

  test("records that were trimmed are named as lost, and it goes on with the oldest there is", async () => {
    const { clock, put, start } = await setUp()
    await put("a", 0)
    await put("a", 1)
    const { all, warnings, stop } = start({ batchSize: 1, pollIntervalMs: hour / 6 }, () => clock.sleep(25 * hour))
    await clock.advance(20 * hour)
    await put("a", 2)
    await clock.advance(60 * hour)
    expect(all().map(({ n }) => n)).toEqual([0, 2])
    expect(warnings).toMatchInlineSnapshot(`
      [
        "shard SHARD of stream ARN is trimmed beyond sequence number 100000000000000000002: records after it that were not read yet are lost; it goes on with the oldest record there is",
        "shard SHARD of stream ARN is trimmed beyond sequence number 100000000000000000004: records after it that were not read yet are lost; it goes on with the oldest record there is",
      ]
    `)
    stop.abort()
  })

  test("a shard that is gone is named, and its children are read", async () => {
    const { clock, put, replace, streams, start } = await setUp()
    await put("a", 0)
    replace.roll(0)
    await put("a", 1)
    const { client, errors } = failing(streams)
    errors.getRecords.push(serviceError("ResourceNotFoundException"))
    const { all, warnings, stop } = start({ streams: client })
    await clock.advance(10)
    expect(all().map(({ n }) => n)).toEqual([1])
    expect(warnings).toMatchInlineSnapshot(`
      [
        "shard SHARD of stream ARN is gone: its records after its beginning, if there were any, are lost",
      ]
    `)
    stop.abort()
  })

  test("because there is no such stream, the run fails", async () => {
    const { start } = await setUp()
    expect(await start({ streamArn: "nonsense" }).outcome).toMatchObject({ name: "ResourceNotFoundException" })
  })
})

describe("a run ends", () => {
  test("when it is aborted, after the call that is running, and not before it", async () => {
    const { clock, put, start } = await setUp()
    await put("a", 1)
    await put("a", 2)
    const { all, stop, outcome } = start({ batchSize: 1 }, () => clock.sleep(500))
    let hasEnded = false
    void outcome.then(() => (hasEnded = true))
    await clock.advance(100)
    stop.abort()
    await clock.advance(399)
    expect(hasEnded).toBe(false)
    await clock.advance(1)
    expect(await outcome).toBe("ended")
    expect(all()).toEqual([{ p: "a", n: 1 }])
    expect(clock.sleeping).toBe(0)
  })

  test("when it is aborted, though the service does not answer", async () => {
    const { clock, streams, start } = await setUp()
    const { client } = failing(streams)
    const silent = { ...client, getRecords: () => new Promise<never>(() => {}) }
    const { stop, outcome } = start({ streams: silent })
    await clock.advance(10)
    stop.abort()
    await clock.advance(1)
    expect(await outcome).toBe("ended")
  })

  test("when it is aborted while it waits to try again", async () => {
    const { clock, put, start } = await setUp()
    await put("a", 1)
    const { stop, outcome, all } = start({}, () => Promise.reject(new Error("no")))
    await clock.advance(10_000)
    stop.abort()
    expect(await outcome).toBe("ended")
    expect(all()).toEqual([])
  })

  test("before it begins, when it is aborted already", async () => {
    const { streams, streamArn } = await setUp()
    const handler = () => Promise.reject(new Error("called"))
    await StreamPump.create({ streams, streamArn, handler }).start(AbortSignal.abort())
  })

  test("however it ends, nothing of it is left on the caller's signal", async () => {
    const { clock, start } = await setUp()
    const [failed, aborted] = [start({ streamArn: "nonsense" }), start()]
    await failed.outcome
    expect(getEventListeners(failed.stop.signal, "abort")).toEqual([])
    await clock.advance(60_000)
    expect(getEventListeners(aborted.stop.signal, "abort")).toHaveLength(1)
    aborted.stop.abort()
    await aborted.outcome
    expect(getEventListeners(aborted.stop.signal, "abort")).toEqual([])
  })

  test("when a stream that was disabled is read to its end", async () => {
    const { clock, db, put, replace, start } = await setUp()
    await put("a", 1)
    replace.split(0)
    await put("a", 2)
    await db.updateTable({ TableName: "events", StreamSpecification: { StreamEnabled: false } })
    const { all, outcome } = start()
    await clock.advance(10_000)
    expect(await outcome).toBe("ended")
    expect(all()).toHaveLength(2)
  })
})

/** Places in memory, and what becomes of the coming writes of them: they fail where there is an error. */
function keptPlaces(failures: (Error | undefined)[] = []) {
  const kept = new Map<string, string>()
  const places: ShardPlaces = {
    load: async (arn, shard) => kept.get(`${arn}/${shard}`),
    store: async (arn, shard, sequenceNumber) => {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      kept.set(`${arn}/${shard}`, sequenceNumber)
    },
  }
  return { kept, places }
}

describe("with places, a pump that is started again", () => {
  const run = async (clock: ManualClock, started: { stop: AbortController; outcome: Promise<unknown> }, ms: number) => {
    await clock.advance(ms)
    started.stop.abort()
    await clock.advance(1)
    expect(await started.outcome).toBe("ended")
  }

  test("goes on behind what was handled", async () => {
    const { clock, put, start } = await setUp()
    const { places } = keptPlaces()
    await put("a", 0)
    await put("a", 1)
    const first = start({ places })
    await run(clock, first, 10)
    await put("a", 2)
    const second = start({ places })
    await run(clock, second, 10)
    expect([first, second].map(({ all }) => all().map(({ n }) => n))).toEqual([[0, 1], [2]])
  })

  test("repeats, when it had no time to end, what was handled since its place was stored, and nothing before", async () => {
    const { clock, put, start } = await setUp()
    const { kept, places } = keptPlaces()
    const killed = start({ places, placeIntervalMs: 5000, pollIntervalMs: 1000 })
    for (let n = 0; n < 8; n++) {
      await put("a", n)
      await clock.advance(1000)
    }
    const atItsDeath = new Map(kept)
    expect(killed.all()).toHaveLength(8)
    await run(clock, killed, 1)
    kept.clear()
    for (const [shard, place] of atItsDeath) kept.set(shard, place)
    const next = start({ places })
    await run(clock, next, 10)
    const repeated = next.all().map(({ n }) => n)
    expect(repeated).toEqual([0, 1, 2, 3, 4, 5, 6, 7].slice(-repeated.length))
    expect(repeated.length).toBeGreaterThan(0)
    expect(repeated.length).toBeLessThan(6)
  })

  test("at LATEST skips nothing that came between its runs, also in shards that came between them", async () => {
    const { clock, put, replace, start } = await setUp()
    const { places } = keptPlaces()
    await put("a", 0)
    const options = { places, startingPosition: "LATEST" } as const
    const first = start(options)
    await clock.advance(10)
    await put("a", 1)
    await run(clock, first, 2000)
    await put("a", 2)
    replace.split(0)
    for (let n = 3; n < 8; n++) await put(`${n}`, n)
    const second = start(options)
    await run(clock, second, 5000)
    expect(first.all().map(({ n }) => n)).toEqual([1])
    expect(
      second
        .all()
        .map(({ n }) => n)
        .toSorted(),
    ).toEqual([2, 3, 4, 5, 6, 7])
  })

  test("tells of a place that could not be stored, and stores a later one", async () => {
    const { clock, put, start } = await setUp()
    const { kept, places } = keptPlaces([serviceError("ThrottlingException")])
    await put("a", 0)
    const { warnings, stop } = start({ places, placeIntervalMs: 1000, pollIntervalMs: 500 })
    await clock.advance(1100)
    expect([...kept.values()]).toEqual([])
    await clock.advance(1500)
    expect([...kept.values()]).toEqual(["100000000000000000002"])
    expect(warnings).toMatchInlineSnapshot(`
      [
        "the place in shard SHARD of stream ARN could not be stored, and is tried again: ThrottlingException for once",
      ]
    `)
    stop.abort()
  })

  test("tries again while its places cannot be loaded, and reads nothing before", async () => {
    const { clock, put, start } = await setUp()
    const { places } = keptPlaces()
    let failures = 2
    const load: ShardPlaces["load"] = (...shard) =>
      failures-- > 0 ? Promise.reject(serviceError("InternalServerError")) : places.load(...shard)
    await put("a", 0)
    const { all, warnings, stop } = start({ places: { ...places, load } })
    await clock.advance(250)
    expect(all()).toEqual([])
    await clock.advance(100)
    expect(all()).toHaveLength(1)
    expect(warnings).toMatchInlineSnapshot(`
      [
        "the places in stream ARN could not be loaded (failure 1 in a row), next try in 100 ms: InternalServerError: InternalServerError for once",
        "the places in stream ARN could not be loaded (failure 2 in a row), next try in 200 ms: InternalServerError: InternalServerError for once",
      ]
    `)
    stop.abort()
  })

  test("ends in time, though its last place is never stored", async () => {
    const { clock, put, start } = await setUp()
    await put("a", 0)
    const places: ShardPlaces = { load: async () => undefined, store: () => new Promise(() => {}) }
    const { all, stop, outcome } = start({ places })
    await clock.advance(10)
    stop.abort()
    await clock.advance(5000)
    expect(await outcome).toBe("ended")
    expect(all()).toHaveLength(1)
  })
})

test("options that cannot be worked with are named", async () => {
  const { streams, streamArn } = await setUp()
  const good = { streams, streamArn, handler: async () => {} }
  const refusal = (options: object) => {
    try {
      StreamPump.create({ ...good, ...options })
    } catch (error) {
      return (error as Error).message
    }
    return "accepted"
  }
  expect([
    refusal({ streams: {} }),
    refusal({ streamArn: "" }),
    refusal({ handler: undefined }),
    refusal({ batchSize: 1001 }),
    refusal({ batchSize: 0 }),
    refusal({ startingPosition: "AT_TIMESTAMP" }),
    refusal({ pollIntervalMs: -1 }),
    refusal({ maxFailures: 0 }),
  ]).toMatchInlineSnapshot(`
    [
      "StreamPump.create: option "streams" must be an object with describeStream() and getShardIterator() and getRecords(), received an object",
      "StreamPump.create: option "streamArn" must be a non-empty string, received """,
      "StreamPump.create: option "handler" must be a function, received undefined",
      "StreamPump.create: option "batchSize" must be an integer from 1 to 1000, received 1001",
      "StreamPump.create: option "batchSize" must be an integer from 1 to 1000, received 0",
      "StreamPump.create: option "startingPosition" must be "TRIM_HORIZON" or "LATEST", received "AT_TIMESTAMP"",
      "StreamPump.create: option "pollIntervalMs" must be a number of milliseconds from 0 to 2147483647, received -1",
      "StreamPump.create: option "maxFailures" must be an integer of at least 1, received 0",
    ]
  `)
})

describe("whatever happens to shards, reads and calls", () => {
  type Step =
    | { readonly does: "write"; readonly key: number }
    | { readonly does: "split" | "roll"; readonly shard: number }
    | { readonly does: "wait"; readonly ms: number }

  const key = fc.nat(7)
  const shard = fc.nat(7)
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ does: fc.constant("write" as const), key }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constantFrom("split" as const, "roll" as const), shard }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3000 }) }) },
  )
  /** Which of the coming calls of the handler fail: the list is gone through once, then none does any more. */
  const handlerFailing = fc.array(fc.boolean(), { maxLength: 40 })
  /** How the coming reads fail, if they do. An iterator may always have expired; what is read must not depend on it. */
  const readFailing = fc.array(
    fc.constantFrom("InternalServerError", "LimitExceededException", "ExpiredIteratorException", undefined),
    { maxLength: 40 },
  )

  test("the handler accepts each item's changes all, in order, each at least once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        readFailing,
        handlerFailing,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(2000), { maxLength: 20 }),
        async (steps, readFailures, handlerFailures, batchSize, lags) => {
          const { clock, streams, put, replace, start } = await setUp({ streamLagMs: () => lags.shift() ?? 0 })
          const { client, errors } = failing(streams)
          errors.getRecords.push(...readFailures.map((name) => name && serviceError(name)))
          const { all, stop, outcome } = start({ streams: client, batchSize }, () => {
            if (handlerFailures.shift() === true) throw new Error("not now")
          })
          const written = new Map<string, number[]>()
          for (const [n, each] of steps.entries()) {
            if (each.does === "wait") await clock.advance(each.ms)
            else if (each.does !== "write") replace[each.does](each.shard)
            else {
              await put(`item-${each.key}`, n)
              written.set(`item-${each.key}`, [...(written.get(`item-${each.key}`) ?? []), n])
            }
          }
          const isDone = () => all().length >= [...written.values()].flat().length
          for (let waited = 0; !isDone() && waited < 400; waited++) await clock.advance(5000)
          for (const [p, numbers] of written) {
            const got = all().filter((each) => each.p === p)
            expect(got.map(({ n }) => n)).toEqual(numbers)
          }
          stop.abort()
          await clock.advance(1)
          expect(await outcome).toBe("ended")
        },
      ),
      { numRuns: 150 },
    )
  })
})
