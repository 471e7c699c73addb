/*
 * Random histories of several writers on one stream, compared with what a stream is.
 *
 * Writers differ in strategy, cache and load option. They run in groups, one after the other; the calls of a group
 * interleave at every request. Tips are tiny, replicas lag behind, requests and replies get lost, and the transport
 * repeats requests. Every event carries a number of its own.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Clock } from "../../engine/clock.js"
import type { Random } from "../../engine/random.js"
import { FakeDynamoDB } from "../dynamodb/fake-dynamodb.js"
import { AccessStrategy } from "./access-strategy.js"
import { DynamoStoreCategory } from "./category.js"
import { jsonCodec } from "./codec.js"
import { Decider } from "./decider.js"
import type { DynamoClient } from "./dynamo-client.js"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { EventsContext } from "./events-context.js"
import { LoadOption } from "./load-option.js"
import { MemoryCache } from "./memory-cache.js"
import { createTables } from "./tables.js"
import { estimatedBytes } from "./stored-event.js"
import { decodeItem } from "./stored-item.js"
import { TipOptions } from "./tip-options.js"

const stream = "Cart-1"

/** A run's chance: how calls interleave, and what goes wrong. */
class Chance implements Random {
  #state: number
  constructor(seed: number) {
    this.#state = seed | 0
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  below(n: number): number {
    return Math.floor(this.next() * n)
  }
  uuid(): string {
    const hex = () => this.below(65_536).toString(16).padStart(4, "0")
    return `${hex()}${hex()}-${hex()}-4${hex().slice(1)}-8${hex().slice(1)}-${hex()}${hex()}${hex()}`
  }
  async pause(): Promise<void> {
    for (let turns = this.below(12); turns > 0; turns--) await Promise.resolve()
  }
}

/** Goes on by itself. */
class RunningClock implements Clock {
  #now = 1_700_000_000_000
  readonly #chance: Chance
  constructor(chance: Chance) {
    this.#chance = chance
  }
  now(): number {
    return this.#now
  }
  advance(ms: number): void {
    this.#now += ms
  }
  sleep(ms: number): Promise<void> {
    this.advance(Math.ceil(ms))
    return this.#chance.pause()
  }
  turn(): Promise<void> {
    return this.#chance.pause()
  }
}

interface World {
  /** Nothing goes wrong from here on. */
  readonly calm: () => void
  readonly chance: Chance
  readonly clock: RunningClock
  readonly fake: FakeDynamoDB
  readonly client: DynamoClient
}

interface Conditions {
  readonly seed: number
  /** Of each request. */
  readonly trouble: number
  readonly maxLagMs: number
}

async function worldOf({ seed, maxLagMs, ...condition }: Conditions): Promise<World> {
  let { trouble } = condition
  const chance = new Chance(seed)
  const clock = new RunningClock(chance)
  const conditions = { ...(maxLagMs > 0 && { lagMs: () => chance.below(maxLagMs + 1) }) }
  const fake = new FakeDynamoDB({ clock, random: new Chance(seed + 1), conditions })
  await createTables(fake, { events: "events", index: "index", clock })
  const timeout = () => Object.assign(new Error("socket hang up"), { name: "TimeoutError" })
  let tokens = 0

  const read =
    <Input, Output>(call: (input: Input) => Promise<Output>) =>
    async (input: Input): Promise<Output> => {
      clock.advance(1)
      await chance.pause()
      if (chance.next() < trouble / 4) throw timeout()
      const output = await call(input)
      await chance.pause()
      return output
    }
  const write =
    <Input, Output>(call: (input: Input) => Promise<Output>) =>
    async (input: Input): Promise<Output> => {
      clock.advance(1)
      await chance.pause()
      const kind = chance.next() < trouble ? chance.below(3) : undefined
      if (kind === 0) throw timeout()
      const output = await call(input)
      assertItems(fake)
      await chance.pause()
      if (kind === 1) throw timeout()
      if (kind === 2) {
        clock.advance(1)
        return await call(input).catch((error: unknown) => {
          throw Object.assign(error as Error, { $metadata: { attempts: 2, httpStatusCode: 400 } })
        })
      }
      return output
    }
  const client: DynamoClient = {
    getItem: read((input) => fake.getItem(input)),
    query: read((input) => fake.query(input)),
    putItem: write((input) => fake.putItem(input)),
    updateItem: write((input) => fake.updateItem(input)),
    // The SDK gives a request one token for all its attempts.
    transactWriteItems: (input) =>
      write((same: typeof input) => fake.transactWriteItems(same))({
        ...input,
        ClientRequestToken: `token-${++tokens}`,
      }),
  }
  return { chance, clock, fake, client, calm: () => void (trouble = 0) }
}

/** What holds of the items of a stream after every write. */
function assertItems(fake: FakeDynamoDB): void {
  const items = fake.database.dump("events").sort((a, b) => Number(a["i"]!.N) - Number(b["i"]!.N))
  for (const name of new Set(items.map((item) => item["p"]!.S)))
    assertStream(items.filter((item) => item["p"]!.S === name))
}

function assertStream(items: readonly Record<string, AttributeValue>[]): void {
  const tip = items.at(-1)!
  const calves = items.slice(0, -1)
  expect(Object.keys(tip).sort()).toEqual(["a", "b", "c", "e", "etag", "i", "n", "p", "u"])
  for (const calf of calves) expect(Object.keys(calf).sort()).toEqual(["c", "e", "i", "n", "p", "u"])
  for (const calf of calves) expect(calf["u"]).toEqual({ L: [] })
  let next = 0n
  for (const item of items.map(decodeItem)) {
    expect(item.base).toBe(next)
    next = item.next
  }
  const calved = calves
    .flatMap((calf) => decodeItem(calf).events)
    .reduce((sum, event) => sum + estimatedBytes(event), 0)
  expect(Number(tip["b"]!.N)).toBe(calved)
  expect(Number(tip["a"]!.N)).toBeLessThanOrEqual(tip["e"]!.L!.length)
  for (const unfold of decodeItem(tip).unfolds) expect(unfold.index).toBeLessThanOrEqual(next)
}

type Event =
  { type: "Added"; data: number } | { type: "Snapshot"; data: readonly number[] } | { type: "Remark"; data: string }

/** All numbers of the stream, in order. */
type State = readonly number[]

const fold = (state: State, events: readonly Event[]): State =>
  events.reduce<State>((numbers, event) => {
    if (event.type === "Snapshot") return event.data
    return event.type === "Added" ? [...numbers, event.data] : numbers
  }, state)

const isOrigin = (event: Event) => event.type === "Snapshot"
const toSnapshot = (data: State): Event => ({ type: "Snapshot", data })
const remark: Event = { type: "Remark", data: "r".repeat(60) }

const strategies = {
  unoptimized: AccessStrategy.Unoptimized<Event, State>(),
  snapshot: AccessStrategy.Snapshot(isOrigin, toSnapshot),
  multiSnapshot: AccessStrategy.MultiSnapshot(isOrigin, (state: State) => [remark, toSnapshot(state), remark]),
  custom: AccessStrategy.Custom(
    isOrigin,
    (events: readonly Event[], state: State) => [events, [toSnapshot(state)]] as const,
  ),
  customWithoutUnfolds: AccessStrategy.Custom(isOrigin, (events: readonly Event[], _: State) => [events, []] as const),
  latestKnownEvent: AccessStrategy.LatestKnownEvent<Event, State>(),
}
type StrategyName = keyof typeof strategies
const strategyNames = Object.keys(strategies) as StrategyName[]
const caches = ["none", "shared", "own"] as const

/** What of the stream's numbers a strategy knows. */
const known = (strategy: StrategyName, numbers: State) =>
  strategy === "latestKnownEvent" ? numbers.slice(-1) : numbers

const loadOptions = [
  LoadOption.RequireLoad,
  LoadOption.RequireLeader,
  LoadOption.AnyCachedValue,
  LoadOption.MaxStale(5),
  LoadOption.AssumeEmpty,
]

interface Command {
  readonly strategy: StrategyName
  readonly cache: (typeof caches)[number]
  readonly load: number
  readonly events: number
  readonly maxEvents: number
}

const command = fc.record<Command>({
  strategy: fc.constantFrom(...strategyNames),
  cache: fc.constantFrom(...caches),
  load: fc.nat(loadOptions.length - 1),
  events: fc.integer({ min: 1, max: 3 }),
  maxEvents: fc.integer({ min: 1, max: 4 }),
})
const groups = fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 })
const conditions = fc.record<Conditions>({
  seed: fc.integer(),
  trouble: fc.constantFrom(0, 0.15, 0.4),
  maxLagMs: fc.constantFrom(0, 3, 20),
})

/** What came of a command. */
interface Outcome {
  readonly group: number
  readonly numbers: readonly number[]
  readonly acknowledged: boolean
}

interface Seen {
  readonly strategy: StrategyName
  readonly version: bigint
  readonly state: State
}

class Run {
  readonly world: World
  readonly outcomes: Outcome[] = []
  readonly seen: Seen[] = []
  readonly #caches: Map<string, MemoryCache> = new Map()
  #number = 0

  constructor(world: World) {
    this.world = world
  }

  context(maxEvents: number): DynamoStoreContext {
    const { client, clock, chance: random } = this.world
    const tip = TipOptions.create({ maxEvents })
    const query = { maxItems: 2 }
    return DynamoStoreContext.create({
      client: new DynamoStoreClient(client),
      tableName: "events",
      tip,
      query,
      clock,
      random,
    })
  }

  decider({ strategy, cache, maxEvents }: Command): Decider<Event, State> {
    const types = strategy === "latestKnownEvent" ? (["Added"] as const) : undefined
    const latest = (state: State, events: readonly Event[]) => fold(state, events).slice(-1)
    const category = DynamoStoreCategory.create<Event, State>({
      context: this.context(maxEvents),
      name: "Cart",
      codec: jsonCodec<Event>(types === undefined ? {} : { types }),
      fold: strategy === "latestKnownEvent" ? latest : fold,
      initial: [],
      access: strategies[strategy],
      ...(cache !== "none" && { cache: this.#cache(strategy, cache) }),
    })
    return Decider.forStream(category, "1")
  }

  async execute(command: Command, group: number): Promise<void> {
    const numbers = Array.from({ length: command.events }, () => this.#number++)
    const load = loadOptions[command.load]!
    const decide = ({ version, state }: Omit<Seen, "strategy">) => {
      if (load !== LoadOption.AssumeEmpty || version > 0n)
        this.seen.push({ strategy: command.strategy, version, state })
      return { result: undefined, events: numbers.map((data): Event => ({ type: "Added", data })) }
    }
    try {
      await this.decider(command).transactEx(decide, load, 8)
      this.outcomes.push({ group, numbers, acknowledged: true })
    } catch (error) {
      if (!["TimeoutError", "MaxResyncsExhaustedError"].includes((error as Error).name)) throw error
      this.outcomes.push({ group, numbers, acknowledged: false })
    }
  }

  /** What each strategy reads at the end, new and from each cache. */
  async queryAll(): Promise<void> {
    for (const strategy of strategyNames)
      for (const cache of caches) {
        const decider = this.decider({ strategy, cache, load: 0, events: 0, maxEvents: 1 })
        const seen = await decider.queryEx(
          ({ version, state }) => ({ strategy, version, state }),
          LoadOption.RequireLeader,
        )
        this.seen.push(seen)
      }
  }

  /** One for each strategy: states of different strategies differ. "own": what another process wrote since is not in it. */
  #cache(strategy: StrategyName, kind: "shared" | "own"): MemoryCache {
    const key = `${strategy === "latestKnownEvent" ? "latest" : "all"}-${kind}-${kind === "own" ? strategy : ""}`
    const cache = this.#caches.get(key) ?? new MemoryCache({ clock: this.world.clock })
    this.#caches.set(key, cache)
    return cache
  }
}

async function numbersOf(fake: FakeDynamoDB): Promise<number[]> {
  const context = DynamoStoreContext.create({ client: new DynamoStoreClient(fake), tableName: "events" })
  const events = await new EventsContext(context).read(stream, 0n, { consistent: true })
  events.forEach(({ index }, at) => expect(index).toBe(BigInt(at)))
  return events.map(({ data }) => Number(data))
}

describe("a stream under several writers, lag and lost messages", () => {
  it("holds every acknowledged append once and in order, and all strategies see it", async () => {
    let conflicts = 0
    await fc.assert(
      fc.asyncProperty(groups, conditions, async (history, condition) => {
        const world = await worldOf(condition)
        const run = new Run(world)
        for (const [group, commands] of history.entries())
          await Promise.all(commands.map((command) => run.execute(command, group)))
        const numbers = await numbersOf(world.fake)

        const stored = run.outcomes.filter((outcome) => numbers.includes(outcome.numbers[0]!))
        for (const { acknowledged, numbers: own } of run.outcomes)
          if (acknowledged) expect(numbers).toEqual(expect.arrayContaining([...own]))
        // Each append is whole, contiguous and there once; groups are in their order.
        const inOrder = stored.toSorted((a, b) => numbers.indexOf(a.numbers[0]!) - numbers.indexOf(b.numbers[0]!))
        expect(inOrder.flatMap((outcome) => outcome.numbers)).toEqual(numbers)
        const order = inOrder.map(({ group }) => group)
        expect(order).toEqual(order.toSorted((a, b) => a - b))

        const decisions = run.seen.length
        world.calm()
        await run.queryAll()
        for (const { strategy, version, state } of run.seen)
          expect(state).toEqual(known(strategy, numbers.slice(0, Number(version))))
        conflicts += decisions - run.outcomes.length
      }),
      { numRuns: 100 },
    )
    // The histories are not the easy ones.
    expect(conflicts).toBeGreaterThan(30)
  })
})
