import { getEventListeners } from "node:events"
import { afterEach, describe, expect, it } from "vitest"
import { ManualClock } from "../../engine/manual-clock.js"
import { MemoryCheckpoints } from "../../engine/memory-checkpoints.js"
import { systemRandom } from "../../engine/random.js"
import { StreamsSink, type EventHandler, type StreamsSinkOptions } from "../../engine/sink/streams-sink.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { FakeDynamoDB } from "../dynamodb/index.js"
import type { ServiceConditions } from "../dynamodb/service-conditions.js"
import type { DynamoClient } from "./dynamo-client.js"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { DynamoCheckpoints, DynamoStoreSource, LoadMode, type DynamoStoreSourceOptions } from "./dynamo-store-source.js"
import { EventsContext } from "./events-context.js"
import { IndexAuthor } from "./index-author.js"
import { createTables } from "./tables.js"

const group = "test"

class Rig {
  readonly clock = new ManualClock(Date.parse("2026-11-23T12:00:00Z"))
  readonly warnings: string[] = []
  readonly handled: string[] = []
  readonly events: ITimelineEvent[] = []
  readonly checkpoints = new MemoryCheckpoints()
  readonly #stops: (() => Promise<void>)[] = []

  static async create(conditions: ServiceConditions = {}): Promise<Rig> {
    const rig = new Rig(conditions)
    await createTables(rig.fake, { events: "events", index: "index" })
    return rig
  }

  readonly fake: FakeDynamoDB
  readonly author: IndexAuthor
  readonly eventsContext: EventsContext

  private constructor(conditions: ServiceConditions) {
    this.fake = new FakeDynamoDB({ clock: this.clock, conditions })
    this.author = new IndexAuthor(this.context("index"))
    this.eventsContext = new EventsContext(this.context("events"))
  }

  context(tableName: string, client: DynamoClient = this.fake): DynamoStoreContext {
    return new DynamoStoreContext({
      client: new DynamoStoreClient(client),
      tableName,
      clock: this.clock,
      warn: (message) => this.warnings.push(message),
    })
  }

  /** The fake, with some of its operations replaced. */
  client(replaced: Partial<DynamoClient>): DynamoClient {
    const { fake } = this
    return {
      getItem: (input) => fake.getItem(input),
      putItem: (input) => fake.putItem(input),
      updateItem: (input) => fake.updateItem(input),
      transactWriteItems: (input) => fake.transactWriteItems(input),
      query: (input) => fake.query(input),
      ...replaced,
    }
  }

  async append(stream: string, ...types: string[]): Promise<void> {
    const position = await this.eventsContext.position(stream, { consistent: true })
    const events = types.map((type) => ({ type, data: JSON.stringify(`the body of ${type}`) }))
    await this.eventsContext.sync(stream, position, events)
  }

  source(
    options: Partial<DynamoStoreSourceOptions> & { handler?: EventHandler } = {},
    sinkOptions: Partial<StreamsSinkOptions> = {},
  ) {
    const { handler = async () => {}, ...given } = options
    const sink = StreamsSink.create({
      handler: async (stream, events) => {
        const result = await handler(stream, events)
        this.events.push(...events)
        this.handled.push(...events.map(({ index, type }) => `${stream}#${index} ${type}`))
        return result
      },
      maxConcurrentStreams: 1,
      maxReadAhead: 3,
      clock: this.clock,
      ...sinkOptions,
    })
    const choice = given.streamFilter === undefined && given.categories === undefined && { categories: ["Cart"] }
    return DynamoStoreSource.create({
      context: this.context("index"),
      mode: LoadMode.IndexOnly(),
      groupName: group,
      checkpoints: this.checkpoints,
      sink,
      tailSleepIntervalMs: 100,
      checkpointIntervalMs: 1000,
      ...choice,
      ...given,
    })
  }

  start(options: Parameters<Rig["source"]>[0] = {}, sinkOptions: Partial<StreamsSinkOptions> = {}) {
    const source = this.source(options, sinkOptions)
    const pages: { events: number; checkpoint: bigint; isTail: boolean }[] = []
    source.stats.on("ingested", ({ events, checkpoint, isTail }) => pages.push({ events, checkpoint, isTail }))
    const controller = new AbortController()
    const ended = source.start(controller.signal)
    ended.catch(() => {})
    const stop = async () => {
      controller.abort()
      await this.clock.settle()
      await ended
    }
    this.#stops.push(stop)
    return { source, pages, ended, stop }
  }

  async stored(partition = "0"): Promise<bigint> {
    return this.checkpoints.load(group, partition)
  }

  async end(): Promise<void> {
    for (const stop of this.#stops) await stop().catch(() => {})
  }
}

const rigs: Rig[] = []
const rigOf = async (conditions?: ServiceConditions): Promise<Rig> => {
  const rig = await Rig.create(conditions)
  rigs.push(rig)
  return rig
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end()
})

const failing = (name: string, fields: object = {}) => Object.assign(new Error(`${name} it is`), { name, ...fields })

describe("DynamoStoreSource", () => {
  it("delivers what the index lists, epoch after epoch, and goes on after a restart with what is new", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created Added", "User-1@0 Registered"])
    await rig.author.ingest(0, ["Cart-1@2 Added"])
    await rig.author.close(0)
    await rig.author.ingest(1, ["Cart-2@0 Created"])
    const first = rig.start()
    await rig.clock.advance(500)
    expect(rig.handled).toEqual(["Cart-1#0 Created", "Cart-1#1 Added", "Cart-1#2 Added", "Cart-2#0 Created"])
    await first.stop()
    expect(await rig.stored()).toBe(1_000_001n)
    await rig.author.ingest(1, ["Cart-1@3 Paid"])
    rig.start()
    await rig.clock.advance(500)
    expect(rig.handled.slice(4)).toEqual(["Cart-1#3 Paid"])
  })

  it("delivers what is indexed while it runs after at most a tail sleep", async () => {
    const rig = await rigOf()
    rig.start()
    await rig.clock.advance(250)
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.clock.advance(100)
    expect(rig.handled).toEqual(["Cart-1#0 Created"])
  })

  it("says that the tail was reached, so that a test can wait for it", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    const { source } = rig.start()
    const waiting = source.stats.waitForTail()
    await rig.clock.advance(500)
    await waiting
    expect(rig.handled).toEqual(["Cart-1#0 Created"])
  })

  it("starts from the tail of an open epoch where the group has no checkpoint", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.author.ingest(0, ["Cart-1@1 Added"])
    rig.start({ startFromTail: true })
    await rig.clock.advance(200)
    expect(await rig.stored()).toBe(2n)
    await rig.author.ingest(0, ["Cart-1@2 Paid"])
    await rig.clock.advance(200)
    expect(rig.handled).toEqual(["Cart-1#2 Paid"])
  })

  it("can be stopped while the tail from which it would start is throttled", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    let isThrottled = false
    const query = rig.client({
      getItem: async (input) => {
        if (isThrottled && input.Key?.["p"]?.S?.startsWith("$AppendsEpoch")) throw failing("ThrottlingException")
        return rig.fake.getItem(input)
      },
    })
    isThrottled = true
    const run = rig.start({ startFromTail: true, context: rig.context("index", query) })
    await rig.clock.advance(3000)
    expect(rig.warnings.length).toBeGreaterThan(2)
    await run.stop()
    expect(await rig.stored()).toBe(0n)
  })

  it("D31: a checkpoint behind the end of a closed epoch leads to the next epoch", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.author.close(0)
    await rig.author.ingest(1, ["Cart-1@1 Paid"])
    await rig.checkpoints.commit(group, "0", 2n)
    rig.start()
    await rig.clock.advance(100)
    expect(rig.handled).toEqual(["Cart-1#1 Paid"])
  })

  it("D31: between the closing of an epoch and its mark, the tail is the start of the next", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.author.close(0)
    rig.start({ startFromTail: true })
    await rig.clock.advance(200)
    expect(await rig.stored()).toBe(1_000_000n)
    await rig.author.ingest(1, ["Cart-1@1 Paid"])
    await rig.clock.advance(200)
    expect(rig.handled).toEqual(["Cart-1#1 Paid"])
  })

  it("D50: cuts pages at batchSizeCutoff events, and never divides an entry", async () => {
    const rig = await rigOf()
    const types = (count: number) => Array.from({ length: count }, () => "Added").join(" ")
    await rig.author.ingest(0, [`Cart-1@0 ${types(3)}`])
    await rig.author.ingest(0, [`Cart-2@0 ${types(2)}`])
    await rig.author.ingest(0, [`Cart-3@0 ${types(2)}`, `Cart-4@0 ${types(5)}`])
    await rig.author.ingest(0, [`Cart-5@0 ${types(1)}`])
    const { pages } = rig.start({ batchSizeCutoff: 5 })
    await rig.clock.advance(100)
    expect(pages).toEqual([
      { events: 5, checkpoint: 2n, isTail: false },
      { events: 7, checkpoint: 3n, isTail: false },
      { events: 1, checkpoint: 4n, isTail: true },
    ])
  })

  describe("D51: a read that fails", () => {
    it("is repeated while the service throttles, with a warning each time, and loses nothing", async () => {
      let throttled = 0
      const rig = await rigOf({
        throttles: ({ operation, tableName }) => operation === "GetItem" && tableName === "index" && throttled-- > 0,
      })
      await rig.author.ingest(0, ["Cart-1@0 Created"])
      throttled = 2
      rig.start({ readBackOffMs: 1000, random: { ...systemRandom, next: () => 0.9999 } })
      await rig.clock.advance(2900)
      expect(rig.handled).toEqual([])
      await rig.clock.advance(200)
      expect(rig.handled).toEqual(["Cart-1#0 Created"])
      expect(rig.warnings).toHaveLength(2)
      expect(rig.warnings[0]).toMatch(
        /^reading the list of partitions failed, next attempt in 1000 ms: ProvisionedThroughputExceededException: /,
      )
    })

    it("is repeated when the connection is lost in the middle of an epoch, and no entry is left out or repeated", async () => {
      const rig = await rigOf()
      for (let i = 0; i < 6; i++) await rig.author.ingest(0, [`Cart-${i}@0 Created`])
      let reads = 0
      const client = rig.client({
        getItem: async (input) => {
          if (++reads % 3 !== 0) throw failing("Error", { code: "ECONNRESET" })
          return rig.fake.getItem(input)
        },
      })
      const context = rig.context("index", client)
      rig.start({ context, readBackOffMs: 10, batchSizeCutoff: 2 })
      await rig.clock.advance(500)
      expect(rig.handled).toEqual([0, 1, 2, 3, 4, 5].map((i) => `Cart-${i}#0 Created`))
      expect(rig.warnings.length).toBeGreaterThan(1)
    })

    it.each(["ResourceNotFoundException", "AccessDeniedException", "ValidationException", "CredentialsProviderError"])(
      "ends the run at once with %s, which no repetition would mend",
      async (name) => {
        const rig = await rigOf()
        const client = rig.client({ getItem: () => Promise.reject(failing(name)) })
        const { ended } = rig.start({ context: rig.context("index", client) })
        await expect(ended).rejects.toThrow(`${name} it is`)
        expect(rig.warnings).toEqual([])
      },
    )

    it("is not waited for when the run is stopped meanwhile", async () => {
      const rig = await rigOf()
      const client = rig.client({ getItem: () => Promise.reject(failing("TimeoutError")) })
      const run = rig.start({ context: rig.context("index", client) })
      await rig.clock.advance(10)
      await run.stop()
      expect(rig.clock.sleeping).toBe(0)
    })
  })

  it("D52: with categories and streamFilter, both must hold", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created", "User-1@0 Registered", "Cart-2@0 Created"])
    rig.start({ categories: ["Cart"], streamFilter: (stream) => stream.endsWith("-1") })
    await rig.clock.advance(100)
    expect(rig.handled).toEqual(["Cart-1#0 Created"])
  })

  it("D54: the checkpoint passes what nobody wants, also where an epoch ends", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["User-1@0 Registered"])
    await rig.author.close(0)
    await rig.author.ingest(1, ["User-2@0 Registered"])
    rig.start()
    await rig.clock.advance(1500)
    expect(await rig.stored()).toBe(1_000_001n)
    expect(rig.handled).toEqual([])
  })

  it("D55: without bodies, the time is the one at which the event was indexed", async () => {
    const rig = await rigOf()
    const at = new Date(rig.clock.now())
    await rig.author.ingest(0, ["Cart-1@0 Created Added"])
    await rig.clock.advance(5000)
    rig.start()
    await rig.clock.advance(100)
    const common = { id: "", time: at, isUnfold: false, size: 0 }
    expect(rig.events).toEqual([
      { ...common, type: "Created", index: 0n },
      { ...common, type: "Added", index: 1n },
    ])
  })

  it("D56: a gap in an epoch is passed", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.author.ingest(0, ["Cart-1@5 Paid"])
    await rig.author.ingest(0, ["Cart-1@6 Shipped"])
    rig.start()
    await rig.clock.advance(100)
    expect(rig.handled).toEqual(["Cart-1#0 Created", "Cart-1#5 Paid", "Cart-1#6 Shipped"])
  })

  it("D56: a name without a category is of no category, and a filter may choose it", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart@0 Odd", "Cart-1@0 Created", "-@0 Odder"])
    const first = rig.start({ categories: ["Cart"] })
    await rig.clock.advance(100)
    expect(rig.handled).toEqual(["Cart-1#0 Created"])
    await first.stop()
    rig.start({ streamFilter: (stream) => stream === "Cart", groupName: "other" })
    await rig.clock.advance(100)
    expect(rig.handled.slice(1)).toEqual(["Cart#0 Odd"])
  })

  it("D57: reads no further ahead in an epoch than the sink has room for, and stops between reads", async () => {
    const rig = await rigOf()
    const small = new DynamoStoreContext({
      client: new DynamoStoreClient(rig.fake),
      tableName: "index",
      tip: { maxEvents: 1 },
      query: { maxItems: 1 },
      clock: rig.clock,
    })
    const author = new IndexAuthor(small)
    for (let i = 0; i < 40; i++) await author.ingest(0, [`Cart-${i}@0 Created`])
    let queries = 0
    const client = rig.client({
      query: (input) => {
        queries++
        return rig.fake.query(input)
      },
    })
    const context = new DynamoStoreContext({
      client: new DynamoStoreClient(client),
      tableName: "index",
      query: { maxItems: 1 },
      clock: rig.clock,
    })
    const run = rig.start({ context, batchSizeCutoff: 1, handler: () => new Promise(() => {}) })
    await rig.clock.advance(100)
    expect(queries).toBeLessThan(10)
    const before = queries
    const stopping = run.stop().catch(() => {})
    await rig.clock.advance(20_000)
    await stopping
    expect(queries).toBe(before)
  })

  it("D59: a batch that holds only what was handled before does not complete ahead of an older one", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.author.ingest(0, ["Cart-2@0 Created"])
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    let release = () => {}
    const handler: EventHandler = (stream) =>
      stream === "Cart-2" ? new Promise((resolve) => (release = resolve)) : Promise.resolve()
    rig.start({ batchSizeCutoff: 1, handler }, { maxConcurrentStreams: 2 })
    await rig.clock.advance(1500)
    expect(await rig.stored()).toBe(1n)
    release()
    await rig.clock.advance(1500)
    expect(await rig.stored()).toBe(3n)
  })

  it("D60: reads every partition, each with a checkpoint of its own, and keeps the order of a stream across them", async () => {
    const rig = await rigOf()
    await rig.author.mark(0, "0")
    await rig.author.mark(0, "7")
    await rig.author.ingest(0, ["Cart-1@0 Created"], "0")
    await rig.author.ingest(0, ["Cart-1@1 Added"], "0")
    await rig.author.ingest(0, ["Cart-2@0 Created"], "7")
    const running = new Set<string>()
    const handler: EventHandler = async (stream) => {
      expect(running.has(stream)).toBe(false)
      running.add(stream)
      await rig.clock.sleep(10)
      running.delete(stream)
    }
    rig.start({ handler, batchSizeCutoff: 1 }, { maxConcurrentStreams: 4 })
    await rig.clock.advance(1500)
    expect(rig.handled.toSorted()).toEqual(["Cart-1#0 Created", "Cart-1#1 Added", "Cart-2#0 Created"])
    expect([await rig.stored("0"), await rig.stored("7")]).toEqual([2n, 1n])
  })

  it("D60: a partition that comes later is found within a minute", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    rig.start({ tailSleepIntervalMs: 5000 })
    await rig.clock.advance(5000)
    await rig.author.mark(0, "0")
    await rig.author.mark(0, "1")
    await rig.author.ingest(0, ["Cart-2@0 Created"], "1")
    await rig.clock.advance(60_000)
    expect(rig.handled).toEqual(["Cart-1#0 Created", "Cart-2#0 Created"])
  })

  it("starts from the start of a partition that comes while it runs, although it starts others from their tail", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    rig.start({ startFromTail: true })
    await rig.clock.advance(5000)
    await rig.author.mark(0, "0")
    await rig.author.mark(0, "1")
    await rig.author.ingest(0, ["Cart-2@0 Created"], "1")
    await rig.clock.advance(60_000)
    expect(rig.handled).toEqual(["Cart-2#0 Created"])
  })

  it("is stopped within its drain timeout, although the list of partitions is not answered", async () => {
    const rig = await rigOf()
    const silent = rig.client({ getItem: () => new Promise<never>(() => {}) })
    const stop = new AbortController()
    let hasEnded = false
    const source = rig.source({ context: rig.context("index", silent), drainTimeoutMs: 300 })
    const ended = source.start(stop.signal).then(() => (hasEnded = true))
    await rig.clock.advance(1000)
    stop.abort()
    await rig.clock.advance(299)
    expect(hasEnded).toBe(false)
    await rig.clock.advance(1)
    await ended
    expect(getEventListeners(stop.signal, "abort")).toEqual([])
  })

  it("warns once of a position that lies behind everything indexed, and takes up from there when it is reached", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.checkpoints.commit(group, "0", 2n)
    rig.start()
    await rig.clock.advance(1000)
    expect(rig.warnings).toMatchInlineSnapshot(`
      [
        "the checkpoint of group "test", partition "0" is 0@2, but the index ends at 0@1: nothing is read before it gets there. Was it restored or replaced?",
      ]
    `)
    await rig.author.ingest(0, ["Cart-1@1 Added"])
    await rig.author.ingest(0, ["Cart-1@2 Paid"])
    await rig.clock.advance(1000)
    expect(rig.handled).toEqual(["Cart-1#2 Paid"])
    expect(rig.warnings).toHaveLength(1)
  })

  it("warns of a position in an epoch that has not begun", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.checkpoints.commit(group, "0", 3_000_000n)
    rig.start()
    await rig.clock.advance(1000)
    expect(rig.warnings).toHaveLength(1)
    expect(rig.warnings[0]).toContain("is 3@0, but the index ends at 0@1")
  })

  it("does not take a replica that lags behind for a replaced index", async () => {
    const rig = await rigOf({ lagMs: ({ tableName }) => (tableName === "index" ? 3000 : 0) })
    await rig.author.ingest(0, ["Cart-1@0 Created"])
    await rig.checkpoints.commit(group, "0", 1n)
    rig.start()
    await rig.clock.advance(100)
    expect(rig.warnings).toEqual([])
    await rig.author.ingest(0, ["Cart-1@1 Paid"])
    await rig.clock.advance(4000)
    expect(rig.handled).toEqual(["Cart-1#1 Paid"])
  })

  it("adds the attributes of tracing under their usual names", () => {
    const sink = {
      attrs: {},
      start: async () => {},
      pump: () => {},
      addTracingAttrs: (attrs: object) => void Object.assign(sink.attrs, attrs),
    }
    const context = new DynamoStoreContext({
      client: new DynamoStoreClient(new FakeDynamoDB()),
      tableName: "index",
    })
    DynamoStoreSource.create({
      context,
      mode: LoadMode.IndexOnly(),
      categories: ["Cart"],
      groupName: group,
      checkpoints: new MemoryCheckpoints(),
      sink,
      tailSleepIntervalMs: 100,
      batchSizeCutoff: 7,
    })
    expect(sink.attrs).toEqual({
      "eqx.source": "DynamoStore",
      "eqx.consumer_group": "test",
      "eqx.load.batch_size": 7,
      "eqx.tail_sleep_interval_ms": 100,
    })
  })

  it.each<[object, string]>([
    [{ context: {} }, `option "context" must be a DynamoStoreContext, received an object`],
    [
      { mode: "IndexOnly" },
      `option "mode" must be LoadMode.IndexOnly(), LoadMode.WithData(…) or LoadMode.WithDataEx(…), received "IndexOnly"`,
    ],
    [{ batchSizeCutoff: 0 }, `option "batchSizeCutoff" must be an integer of at least 1, received 0`],
    [{ maxReadAhead: 0 }, `option "maxReadAhead" must be an integer of at least 1, received 0`],
    [
      { readFailureSleepIntervalMs: -1 },
      `option "readFailureSleepIntervalMs" must be a number of milliseconds from 0 to 2147483647, received -1`,
    ],
    [{ onReadFailure: "retry" }, `option "onReadFailure" must be a function, received "retry"`],
    [
      { maxReadBackOffMs: NaN },
      `option "maxReadBackOffMs" must be a number of milliseconds from 0 to 2147483647, received NaN`,
    ],
    [{ startFromTail: "yes" }, `option "startFromTail" must be true or false, received "yes"`],
    [
      { categories: undefined, streamFilter: undefined },
      `option "categories" must be given, unless streamFilter is, received undefined`,
    ],
    [{ categories: [] }, `option "categories" must be an array of at least one category, received []`],
    [{ categories: ["a-b"] }, `option "categories.0" must be a non-empty string without "-", received "a-b"`],
    [{ categories: ["a", "a"] }, `option "categories.1" must be a category that is not listed before, received "a"`],
    [{ streamFilter: /x/ }, `option "streamFilter" must be a function, received an object`],
  ])("refuses %o", async (given, message) => {
    const rig = await rigOf()
    expect(() => rig.source(given)).toThrow(`DynamoStoreSource.create: ${message}`)
  })

  it("refuses a group that DynamoCheckpoints cannot keep before it starts", async () => {
    const rig = await rigOf()
    const checkpoints = DynamoCheckpoints.create(rig.context("index"), undefined, 300)
    expect(() => rig.source({ checkpoints, groupName: "a_b" })).toThrow(
      `DynamoStoreSource.create: option "groupName" must be a non-empty string without "_", received "a_b"`,
    )
  })
})

describe("DynamoStoreSource with bodies", () => {
  const bodies = (rig: Rig) => rig.events.map(({ data }) => data)

  it("delivers the events as they were written", async () => {
    const rig = await rigOf()
    const at = new Date(rig.clock.now())
    await rig.append("Cart-1", "Created", "Added")
    await rig.clock.advance(1000)
    await rig.author.ingest(0, ["Cart-1@0 Created Added"])
    rig.start({ mode: LoadMode.WithData(1, rig.context("events")) })
    await rig.clock.advance(100)
    expect(rig.handled).toEqual(["Cart-1#0 Created", "Cart-1#1 Added"])
    expect(bodies(rig)).toEqual([`"the body of Created"`, `"the body of Added"`])
    expect(rig.events.map(({ time }) => time)).toEqual([at, at])
  })

  it("reads each stream of a page once, for what the page needs of it", async () => {
    const rig = await rigOf()
    await rig.append("Cart-1", ..."a b c d e f g h i j".split(" "))
    const reads: string[] = []
    const read: Parameters<typeof LoadMode.WithDataEx>[1] = (stream, index, count, options) => {
      reads.push(`${stream} ${index} ${count} ${options.consistent}`)
      return rig.eventsContext.read(stream, index, { count })
    }
    // The second entry is delivered again with the third; 8 is missing in the index.
    for (const span of ["Cart-1@2 c d", "Cart-1@4 e", "Cart-1@4 e f", "Cart-1@9 j"]) await rig.author.ingest(0, [span])
    rig.start({ mode: LoadMode.WithDataEx(1, read) })
    await rig.clock.advance(100)
    expect(reads).toEqual(["Cart-1 2 4 false", "Cart-1 9 1 false"])
    expect(rig.handled).toEqual(["c", "d", "e", "f"].map((type, at) => `Cart-1#${at + 2} ${type}`).concat("Cart-1#9 j"))
  })

  it("reads at most as many streams at once as it may", async () => {
    const rig = await rigOf()
    const streams = Array.from({ length: 10 }, (_, id) => `Cart-${id}`)
    for (const stream of streams) await rig.append(stream, "Created")
    await rig.author.ingest(
      0,
      streams.map((stream) => `${stream}@0 Created`),
    )
    let [running, most] = [0, 0]
    const mode = LoadMode.WithDataEx(3, async (stream, index, count) => {
      most = Math.max(most, ++running)
      await rig.clock.sleep(10)
      running--
      return rig.eventsContext.read(stream, index, { count })
    })
    rig.start({ mode })
    await rig.clock.advance(100)
    expect(rig.handled).toHaveLength(10)
    expect(most).toBe(3)
  })

  it("finds with a consistent read what a lagging replica does not have yet", async () => {
    const rig = await rigOf({ lagMs: ({ tableName }) => (tableName === "events" ? 5000 : 0) })
    await rig.append("Cart-1", "Created")
    await rig.clock.advance(5000)
    await rig.append("Cart-1", "Added", "Paid")
    await rig.author.ingest(0, ["Cart-1@0 Created Added Paid"])
    rig.start({ mode: LoadMode.WithData(1, rig.eventsContext) })
    await rig.clock.advance(100)
    expect(bodies(rig)).toEqual(["Created", "Added", "Paid"].map((type) => `"the body of ${type}"`))
  })

  it("takes only what it asked for of what a function of the caller's answers, and nothing behind a hole", async () => {
    const rig = await rigOf()
    await rig.append("Cart-1", "Created", "Added", "Paid")
    await rig.author.ingest(0, ["Cart-1@0 Created Added"])
    const asked: boolean[] = []
    const mode = LoadMode.WithDataEx(1, async (stream, index, _, { consistent }) => {
      asked.push(consistent)
      const events = await rig.eventsContext.read(stream, index)
      return consistent ? events : events.filter(({ type }) => type !== "Added")
    })
    rig.start({ mode })
    await rig.clock.advance(100)
    expect(asked).toEqual([false, true])
    expect(rig.handled).toEqual(["Cart-1#0 Created", "Cart-1#1 Added"])
  })

  it("ends with an error that names stream and event when the event is not there", async () => {
    const rig = await rigOf()
    await rig.append("Cart-1", "Created")
    await rig.author.ingest(0, ["Cart-1@0 Created Added"])
    const { ended } = rig.start({ mode: LoadMode.WithData(1, rig.eventsContext) })
    await expect(ended).rejects.toMatchInlineSnapshot(
      `[IndexedEventMissingError: the index names event 1 of stream "Cart-1", which a consistent read of the stream does not find]`,
    )
    expect(rig.handled).toEqual([])
    expect(await rig.stored()).toBe(0n)
  })

  it("repeats only the load that failed", async () => {
    const rig = await rigOf()
    await rig.append("Cart-1", "Created")
    await rig.append("Cart-2", "Created")
    await rig.author.ingest(0, ["Cart-1@0 Created", "Cart-2@0 Created"])
    const reads: string[] = []
    const mode = LoadMode.WithDataEx(2, async (stream, index, count) => {
      reads.push(stream)
      if (stream === "Cart-2" && reads.length < 3) throw failing("ThrottlingException")
      return rig.eventsContext.read(stream, index, { count })
    })
    const { source } = rig.start({ mode, random: { ...systemRandom, next: () => 0.5 } })
    const positions: unknown[] = []
    source.stats.on("readFailed", ({ trancheId, position }) => positions.push([trancheId, position]))
    await rig.clock.advance(1500)
    expect(reads).toEqual(["Cart-1", "Cart-2", "Cart-2"])
    expect(rig.warnings).toEqual([
      `reading stream "Cart-2" failed, next attempt in 50 ms: ThrottlingException: ThrottlingException it is`,
    ])
    expect(positions).toEqual([["0", 0n]])
    expect(rig.handled).toHaveLength(2)
  })

  it("does not go on with the other loads of a page when one of them cannot be had", async () => {
    const rig = await rigOf()
    await rig.author.ingest(0, ["Cart-1@0 Created", "Cart-2@0 Created"])
    const mode = LoadMode.WithDataEx(2, async (stream) => {
      throw failing(stream === "Cart-1" ? "ThrottlingException" : "AccessDeniedException")
    })
    const { ended } = rig.start({ mode, readBackOffMs: 10_000 })
    await expect(ended).rejects.toThrow("AccessDeniedException it is")
    expect(rig.clock.sleeping).toBe(0)
  })

  it.each<[() => unknown, string]>([
    [
      () => LoadMode.WithData(0, new EventsContext(contextOfNothing)),
      `LoadMode.WithData: option "degreeOfParallelism" must be an integer of at least 1, received 0`,
    ],
    [
      () => LoadMode.WithData(1, {} as never),
      `LoadMode.WithData: option "events" must be a DynamoStoreContext or an EventsContext, received an object`,
    ],
    [
      () => LoadMode.WithDataEx(1, undefined as never),
      `LoadMode.WithDataEx: option "read" must be a function, received undefined`,
    ],
  ])("refuses a mode that cannot work", (mode, message) => {
    expect(mode).toThrow(message)
  })
})

const contextOfNothing = new DynamoStoreContext({
  client: new DynamoStoreClient(new FakeDynamoDB()),
  tableName: "none",
})
