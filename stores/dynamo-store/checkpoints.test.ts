import { brotliDecompressSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ManualClock } from "../../engine/manual-clock.js"
import type { Clock } from "../../engine/clock.js"
import type { Random } from "../../engine/random.js"
import { FakeDynamoDB } from "../dynamodb/index.js"
import { DynamoCheckpoints } from "./checkpoints.js"
import type { DynamoClient } from "./dynamo-client.js"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { EventsContext } from "./events-context.js"
import { toWire, wireFixture, type WireItem } from "./fixtures/wire-fixture.js"
import { MemoryCache, type Cache, type Versioned } from "./memory-cache.js"
import { createTables } from "./tables.js"

const table = "index"

/** Counts what goes to the service, and loses replies on demand. */
class Client implements DynamoClient {
  readonly requests: string[] = []
  /** Asked after each write: whether its reply is lost. */
  loses = () => false
  /** Called before each request. */
  before = async (_operation: string) => {}
  readonly #fake: FakeDynamoDB

  constructor(fake: FakeDynamoDB) {
    this.#fake = fake
  }

  readonly getItem: DynamoClient["getItem"] = (input) =>
    this.#send(input.ConsistentRead === true ? "GetItem consistent" : "GetItem", () => this.#fake.getItem(input), false)
  readonly query: DynamoClient["query"] = (input) => this.#send("Query", () => this.#fake.query(input), false)
  readonly putItem: DynamoClient["putItem"] = (input) => this.#send("PutItem", () => this.#fake.putItem(input), true)
  readonly updateItem: DynamoClient["updateItem"] = (input) =>
    this.#send("UpdateItem", () => this.#fake.updateItem(input), true)
  readonly transactWriteItems: DynamoClient["transactWriteItems"] = (input) =>
    this.#send("TransactWriteItems", () => this.#fake.transactWriteItems(input), true)

  async #send<T>(operation: string, request: () => Promise<T>, isWrite: boolean): Promise<T> {
    await this.before(operation)
    this.requests.push(operation)
    const output = await request()
    if (isWrite && this.loses()) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
    return output
  }
}

class Rig {
  readonly fake: FakeDynamoDB
  readonly clock: Clock
  readonly #random: Random | undefined

  static async create(clock: Clock = new ManualClock(Date.parse("2026-11-23T12:00:00Z")), random?: Random) {
    const rig = new Rig(clock, random)
    await createTables(rig.fake, { events: "events", index: table })
    return rig
  }

  private constructor(clock: Clock, random?: Random) {
    this.clock = clock
    this.#random = random
    this.fake = new FakeDynamoDB({ clock })
  }

  context(client: DynamoClient): DynamoStoreContext {
    const { clock } = this
    const random = this.#random
    return new DynamoStoreContext({
      client: new DynamoStoreClient(client),
      tableName: table,
      clock,
      ...(random && { random }),
    })
  }

  /** A process of its own: its client and its cache. */
  process({ freqS = 300, cached = true } = {}) {
    const client = new Client(this.fake)
    const cache = cached ? new MemoryCache({ clock: this.clock }) : undefined
    return { client, checkpoints: DynamoCheckpoints.create(this.context(client), cache, freqS) }
  }

  async events(id: string): Promise<string[]> {
    const events = await new EventsContext(this.context(this.fake)).read(`$ReaderCheckpoint-${id}`)
    return events.map(({ type, data }) => `${type} ${data}`)
  }

  tip(id: string): WireItem {
    return this.fake.database.dump(table).find((item) => item["p"]?.S === `$ReaderCheckpoint-${id}`)!
  }
}

const manual = ({ clock }: Rig) => {
  if (clock instanceof ManualClock) return clock
  throw new Error("the test runs by another clock")
}

describe("DynamoCheckpoints", () => {
  it("stores item for item what the published package stores", async () => {
    const fixture = wireFixture<{ items: WireItem[] }>("08-reader-checkpoints.json")
    const clock = new ManualClock(Date.parse("2026-11-23T18:41:09.850Z"))
    const rig = await Rig.create(clock)
    const at = (time: string) => clock.advance(Date.parse(`2026-11-23T18:41:${time}Z`) - clock.now())
    const { checkpoints } = rig.process({ freqS: 1 })
    await checkpoints.load("groupA", "0", () => Promise.resolve(7n))
    await at("09.891")
    await checkpoints.commit("groupA", "0", 10n)
    await at("09.935")
    await checkpoints.load("groupB", "0")
    await at("11.130")
    await checkpoints.commit("groupB", "0", 1_000_002n)
    await at("11.154")
    await checkpoints.override("groupB", "0", 5n)
    // The times of the writes themselves lie some milliseconds after those in the bodies, and etags are random.
    const comparable = (items: unknown) =>
      JSON.parse(JSON.stringify(items), (key, value: unknown) =>
        key === "t" || key === "etag" ? "" : value,
      ) as unknown
    expect(comparable(rig.fake.database.dump(table).map(toWire))).toEqual(comparable(fixture.items))
  })

  it("loads what was stored, and before that the origin, which it stores", async () => {
    const rig = await Rig.create()
    const { checkpoints } = rig.process()
    expect(await checkpoints.load("g", "0")).toBe(0n)
    expect(await checkpoints.load("h", "0", () => Promise.resolve(12n))).toBe(12n)
    await checkpoints.commit("h", "0", 13n)
    expect(await checkpoints.load("h", "0", () => Promise.reject(new Error("not asked")))).toBe(13n)
    expect(await rig.process().checkpoints.load("h", "0")).toBe(13n)
  })

  it("lets two first starts agree on the origin of one", async () => {
    const rig = await Rig.create()
    const [a, b] = [rig.process().checkpoints, rig.process().checkpoints]
    const origins = Promise.all([
      a.load("g", "0", () => Promise.resolve(4n)),
      b.load("g", "0", () => Promise.resolve(9n)),
    ])
    await manual(rig).advance(1000)
    const [first, second] = await origins
    expect(first).toBe(second)
    expect(await rig.process().checkpoints.load("g", "0")).toBe(first)
  })

  it("keeps the checkpoints of groups and partitions apart", async () => {
    const { checkpoints } = (await Rig.create()).process()
    await checkpoints.commit("g", "0", 1n)
    await checkpoints.commit("g", "1", 2n)
    await checkpoints.commit("h", "0", 3n)
    expect([
      await checkpoints.load("g", "0"),
      await checkpoints.load("g", "1"),
      await checkpoints.load("h", "0"),
    ]).toEqual([1n, 2n, 3n])
  })

  it("a commit that is not due costs one conditional UpdateItem, and one of the stored position a read", async () => {
    const rig = await Rig.create()
    const { checkpoints, client } = rig.process()
    await checkpoints.load("g", "0")
    expect(client.requests.splice(0)).toEqual(["GetItem consistent", "PutItem"])
    await checkpoints.commit("g", "0", 1n)
    await checkpoints.commit("g", "0", 1n)
    await checkpoints.commit("g", "0", 2n)
    expect(client.requests).toEqual(["UpdateItem", "GetItem consistent", "UpdateItem"])
  })

  it("keeps an event for every due time, also for an unchanged position, and none between", async () => {
    const rig = await Rig.create()
    const { checkpoints } = rig.process({ freqS: 60 })
    await checkpoints.load("g", "0")
    await checkpoints.commit("g", "0", 1n)
    await manual(rig).advance(59_999)
    await checkpoints.commit("g", "0", 2n)
    await manual(rig).advance(1)
    await checkpoints.commit("g", "0", 2n)
    await checkpoints.commit("g", "0", 3n)
    expect(await rig.events("0_g")).toMatchInlineSnapshot(`
      [
        "Started {"config":{"checkpointFreqS":60},"origin":{"at":"2026-11-23T12:00:00.000Z","nextCheckpointDue":"2026-11-23T12:01:00.000Z","pos":"0"}}",
        "Checkpointed {"config":{"checkpointFreqS":60},"pos":{"at":"2026-11-23T12:01:00.000Z","nextCheckpointDue":"2026-11-23T12:02:00.000Z","pos":"2"}}",
      ]
    `)
    expect(await rig.process().checkpoints.load("g", "0")).toBe(3n)
  })

  it("is the same without a cache, and with any object that has the methods of one", async () => {
    const rig = await Rig.create()
    const held = new Map<string, Versioned>()
    const cache: Cache = {
      readThrough: async (key, maxStaleMs, load) => {
        const value = held.get(key)
        if (value !== undefined && maxStaleMs > 0) return value as never
        const loaded = await load(value as never)
        held.set(key, loaded)
        return loaded
      },
      put: (key, _at, value) => void held.set(key, value),
    }
    const { client } = rig.process()
    const uncached = DynamoCheckpoints.create(rig.context(client), undefined, 300)
    const cached = DynamoCheckpoints.create(rig.context(client), cache, 300)
    for (const [group, checkpoints] of [["g", uncached] as const, ["h", cached] as const]) {
      expect(await checkpoints.load(group, "0")).toBe(0n)
      expect(await checkpoints.commit(group, "0", 5n)).toBe(5n)
      expect(await checkpoints.commit(group, "0", 3n)).toBe(5n)
      await checkpoints.override(group, "0", 2n)
      expect(await checkpoints.load(group, "0")).toBe(2n)
    }
    expect(client.requests.slice(0, 5)).toEqual([
      "GetItem consistent",
      "PutItem",
      "GetItem consistent",
      "UpdateItem",
      "GetItem consistent",
    ])
  })

  it("load sees what another process overrode, whatever is cached", async () => {
    const rig = await Rig.create()
    const { checkpoints } = rig.process()
    await checkpoints.commit("g", "0", 50n)
    await rig.process().checkpoints.override("g", "0", 20n)
    expect(await checkpoints.load("g", "0")).toBe(20n)
    expect(await checkpoints.commit("g", "0", 30n)).toBe(30n)
  })

  it("overrides a group that was never started, and writes nothing when nothing changes", async () => {
    const rig = await Rig.create()
    const { checkpoints, client } = rig.process()
    await checkpoints.override("g", "0", 5n)
    expect(await checkpoints.load("g", "0")).toBe(5n)
    client.requests.length = 0
    await checkpoints.override("g", "0", 5n)
    expect(client.requests).toEqual(["GetItem consistent"])
    expect((await rig.events("0_g")).map((event) => event.split(" ")[0])).toEqual(["Overridden"])
  })

  it("answers what another consumer has stored meanwhile, where the cache knows of less", async () => {
    const rig = await Rig.create()
    const [one, other] = [rig.process(), rig.process()]
    await one.checkpoints.commit("g", "0", 4n)
    await other.checkpoints.commit("g", "0", 10n)
    expect(await one.checkpoints.commit("g", "0", 4n)).toBe(10n)
    expect(await one.checkpoints.commit("g", "0", 3n)).toBe(10n)
  })

  it("D61: a lower position is not stored, and the answer is the one that is", async () => {
    const rig = await Rig.create()
    const { checkpoints, client } = rig.process()
    expect(await checkpoints.commit("g", "0", 10n)).toBe(10n)
    client.requests.length = 0
    expect(await checkpoints.commit("g", "0", 4n)).toBe(10n)
    await manual(rig).advance(400_000)
    expect(await checkpoints.commit("g", "0", 4n)).toBe(10n)
    expect(client.requests).toEqual(["GetItem consistent", "GetItem consistent"])
    expect(await rig.process().checkpoints.load("g", "0")).toBe(10n)
  })

  it("D61: of two consumers of one group, the one behind moves nothing back", async () => {
    const rig = await Rig.create()
    const [a, b] = [rig.process().checkpoints, rig.process().checkpoints]
    await a.load("g", "0")
    await b.load("g", "0")
    expect(await a.commit("g", "0", 50n)).toBe(50n)
    const behind = b.commit("g", "0", 20n)
    await manual(rig).advance(1000)
    expect(await behind).toBe(50n)
    expect(await b.commit("g", "0", 60n)).toBe(60n)
    const late = a.commit("g", "0", 55n)
    await manual(rig).advance(1000)
    expect(await late).toBe(60n)
  })

  it.each(["", "00", "1.5", "-1", "x", " 1"])("D63: refuses %j for a partition", async (tranche) => {
    const { checkpoints, client } = (await Rig.create()).process()
    await expect(checkpoints.load("g", tranche)).rejects.toThrow(
      `DynamoCheckpoints.load: option "trancheId" must be the number of a partition, without leading zeros, received "${tranche}"`,
    )
    expect(client.requests).toEqual([])
  })

  it.each(["", "a_b"])("D63: refuses %j for a group", async (group) => {
    const { checkpoints } = (await Rig.create()).process()
    const accepted = `option "groupName" must be a non-empty string without "_", received "${group}"`
    await expect(checkpoints.load(group, "0")).rejects.toThrow(`DynamoCheckpoints.load: ${accepted}`)
    await expect(checkpoints.commit(group, "0", 1n)).rejects.toThrow(`DynamoCheckpoints.commit: ${accepted}`)
    await expect(checkpoints.override(group, "0", 1n)).rejects.toThrow(`DynamoCheckpoints.override: ${accepted}`)
  })

  it("D64: a commit starts a group that was never loaded, and joins one that another process started", async () => {
    const rig = await Rig.create()
    const [a, b] = [rig.process().checkpoints, rig.process().checkpoints]
    expect(await a.commit("g", "0", 7n)).toBe(7n)
    expect((await rig.events("0_g"))[0]).toMatch(/^Started .*"origin":.*"pos":"7"/)
    const joined = b.commit("g", "0", 8n)
    await manual(rig).advance(1000)
    expect(await joined).toBe(8n)
    expect(await a.load("g", "0")).toBe(8n)
  })

  it("D65: another checkpointFreqS holds from the next due time on", async () => {
    const rig = await Rig.create()
    await rig.process({ freqS: 100 }).checkpoints.load("g", "0")
    const { checkpoints } = rig.process({ freqS: 10 })
    await checkpoints.load("g", "0")
    for (const position of [1n, 2n, 3n, 4n]) {
      await manual(rig).advance(49_999)
      await checkpoints.commit("g", "0", position)
    }
    expect(
      (await rig.events("0_g")).map((event) => /^\w+ \{"config":\{"checkpointFreqS":\d+/.exec(event)?.[0]),
    ).toEqual([
      `Started {"config":{"checkpointFreqS":100`,
      `Checkpointed {"config":{"checkpointFreqS":10`,
      `Checkpointed {"config":{"checkpointFreqS":10`,
    ])
  })

  it("a reply that is lost after the write took effect is no failure", async () => {
    const rig = await Rig.create()
    const { checkpoints, client } = rig.process()
    client.loses = () => true
    expect(await checkpoints.load("g", "0", () => Promise.resolve(3n))).toBe(3n)
    expect(await checkpoints.commit("g", "0", 5n)).toBe(5n)
    await manual(rig).advance(400_000)
    expect(await checkpoints.commit("g", "0", 6n)).toBe(6n)
    expect((await rig.events("0_g")).map((event) => event.split(" ")[0])).toEqual(["Started", "Checkpointed"])
  })

  it("refuses what cannot be a position", async () => {
    const { checkpoints } = (await Rig.create()).process()
    await expect(checkpoints.commit("g", "0", -1n)).rejects.toThrow(
      `DynamoCheckpoints.commit: option "position" must be a bigint of at least 0n, received -1n`,
    )
    await expect(checkpoints.override("g", "0", 1 as never)).rejects.toThrow(
      `must be a bigint of at least 0n, received 1`,
    )
  })

  it.each<[unknown, unknown, unknown, string]>([
    [{}, undefined, 300, `option "context" must be a DynamoStoreContext, received an object`],
    [undefined, {}, 300, `option "cache" must be an object with readThrough() and put(), received an object`],
    [
      undefined,
      undefined,
      0,
      `option "checkpointFreqS" must be a number of seconds: an integer from 1 to 2147483647, received 0`,
    ],
    [
      undefined,
      undefined,
      "300",
      `option "checkpointFreqS" must be a number of seconds: an integer from 1 to 2147483647, received "300"`,
    ],
  ])("refuses options that cannot work", async (context, cache, freqS, message) => {
    const rig = await Rig.create()
    const given = context ?? rig.context(rig.fake)
    expect(() => DynamoCheckpoints.create(given as never, cache as never, freqS as never)).toThrow(
      `DynamoCheckpoints.create: ${message}`,
    )
  })

  it("never goes back and ends at the highest position acknowledged, whoever commits when and whatever reply is lost", async () => {
    const commit = fc.record({ process: fc.nat(1), position: fc.nat(60).map(BigInt), pause: fc.nat(40) })
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(commit, { maxLength: 12 }),
        fc.infiniteStream(fc.nat(9)),
        fc.boolean(),
        interleave,
      ),
      { numRuns: 150 },
    )
  })
})

interface Commit {
  readonly process: number
  readonly position: bigint
  /** Seconds before it. */
  readonly pause: number
}

async function interleave(scheduler: fc.Scheduler, commits: Commit[], luck: Iterator<number>, cached: boolean) {
  let now = 0
  const clock: Clock = {
    now: () => now,
    sleep: (ms) => scheduler.schedule(Promise.resolve(), "sleep").then(() => void (now += ms)),
    turn: () => Promise.resolve(),
  }
  const rig = await Rig.create(clock)
  const chance = () => luck.next().value as number
  const processes = [rig.process({ freqS: 30, cached }), rig.process({ freqS: 30, cached })]
  const seen: bigint[] = []
  const observe = () => {
    const item = rig.fake.database.dump(table)[0]
    if (item !== undefined) seen.push(storedPosition(item))
  }
  for (const { client } of processes) {
    client.loses = () => {
      observe()
      return chance() === 0
    }
    client.before = (operation) => scheduler.schedule(Promise.resolve(), operation)
  }
  const acknowledged: bigint[] = []
  const run = async (of: number) => {
    for (const { position, pause } of commits.filter(({ process }) => process === of)) {
      now += pause * 1000
      const stored = await processes[of]!.checkpoints.commit("g", "0", position).catch(() => undefined)
      if (stored === undefined) continue
      expect(stored).toBeGreaterThanOrEqual(position)
      acknowledged.push(position, stored)
    }
  }
  const runs = Promise.all([run(0), run(1)])
  await scheduler.waitFor(runs)
  expect(seen).toEqual(seen.toSorted((a, b) => Number(a - b)))
  if (acknowledged.length === 0) return
  for (const { client } of processes) [client.loses, client.before] = [() => false, async () => {}]
  const loaded = await processes[0]!.checkpoints.load("g", "0")
  const highest = acknowledged.reduce((a, b) => (a > b ? a : b))
  // A write whose outcome stayed open may have been stored too, and nothing else.
  expect(loaded).toBeGreaterThanOrEqual(highest)
  expect(commits.map(({ position }) => position)).toContain(loaded)
}

function storedPosition(tip: WireItem): bigint {
  const [unfold] = tip["u"]!.L!
  const { D, d } = unfold!.M!
  const body = D!.N === "2" ? brotliDecompressSync(d!.B!) : Buffer.from(d!.B!)
  return BigInt((JSON.parse(body.toString()) as { state: { pos: string } }).state.pos)
}
