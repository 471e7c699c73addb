import { beforeEach, describe, expect, it } from "vitest"
import type { Clock } from "../../engine/clock.js"
import { FakeDynamoDB } from "../dynamodb/fake-dynamodb.js"
import { AccessStrategy } from "./access-strategy.js"
import { DynamoStoreCategory, type DynamoStoreCategoryOptions } from "./category.js"
import { jsonCodec } from "./codec.js"
import { Decider } from "./decider.js"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { DynamoStoreContext, type DynamoStoreContextOptions } from "./dynamo-store-context.js"
import { EventsContext } from "./events-context.js"
import { LoadOption } from "./load-option.js"
import { MemoryCache } from "./memory-cache.js"
import { ScriptedClient } from "./scripted-client.js"
import { createTables } from "./tables.js"

type Event = { type: "Added"; data: number } | { type: "Total"; data: number }
type State = { readonly total: number }

const fold = (state: State, events: readonly Event[]): State =>
  events.reduce<State>((sum, { type, data }) => ({ total: type === "Total" ? data : sum.total + data }), state)
const plus = (data: number): Event => ({ type: "Added", data })
const add = (n: number) => () => [plus(n)]
const isOrigin = ({ type }: Event) => type === "Total"
const toSnapshot = ({ total }: State): Event => ({ type: "Total", data: total })
const total = ({ total }: State) => total

const snapshot = AccessStrategy.Snapshot(isOrigin, toSnapshot)
const unoptimized = AccessStrategy.Unoptimized<Event, State>()
const rolling = AccessStrategy.RollingState(toSnapshot)

/** Goes on when somebody sleeps. */
class PassingClock implements Clock {
  ms = 1_700_000_000_000
  readonly slept: number[] = []
  now() {
    return this.ms
  }
  sleep(ms: number) {
    this.ms += ms
    this.slept.push(ms)
    return Promise.resolve()
  }
  turn() {
    return Promise.resolve()
  }
}

let fake: FakeDynamoDB
let client: ScriptedClient
let clock: PassingClock
let lagMs: Record<string, number>

beforeEach(async () => {
  clock = new PassingClock()
  lagMs = {}
  fake = new FakeDynamoDB({ clock, conditions: { lagMs: ({ operation }) => lagMs[operation] ?? 0 } })
  client = new ScriptedClient(fake)
  await createTables(fake, { events: "events", index: "other", clock })
})

interface Given extends Partial<DynamoStoreCategoryOptions<Event, State>> {
  readonly of?: Partial<DynamoStoreContextOptions>
}

function decider(access: AccessStrategy<Event, State>, { of, ...more }: Given = {}): Decider<Event, State> {
  const defaults = { client: new DynamoStoreClient(client), tableName: "events", clock }
  const context = DynamoStoreContext.create({ ...defaults, ...of })
  const category = { context, name: "Counter", codec: jsonCodec<Event>(), fold, initial: { total: 0 }, access }
  return Decider.forStream(DynamoStoreCategory.create({ ...category, ...more }), "1")
}

/** Another process: its own client, no cache. */
const another = (access = unoptimized, tip = {}) =>
  decider(access, { of: { client: new DynamoStoreClient(fake), tip } })
const newCache = () => new MemoryCache({ clock })
const deleteTip = () => fake.deleteItem({ TableName: "events", Key: { p: { S: "Counter-1" }, i: { N: "2147483647" } } })

const strategies = {
  unoptimized,
  snapshot,
  multiSnapshot: AccessStrategy.MultiSnapshot(isOrigin, (state: State) => [toSnapshot(state), toSnapshot(state)]),
  rolling,
  custom: AccessStrategy.Custom(isOrigin, (events: readonly Event[], state: State) => [events, [toSnapshot(state)]]),
}

describe.each(Object.entries(strategies))("a decider with %s", (_, access) => {
  it("decides on what was decided before, and queries it", async () => {
    for (const n of [1, 2, 3]) await decider(access).transact(add(n))
    expect(await decider(access).query(total)).toBe(6)
  })

  it("takes in once what others wrote while it held a state", async () => {
    const held = decider(access, { cache: newCache() })
    await held.transact(add(1))
    await another(access).transact(add(10))
    expect(await held.query(total)).toBe(11)
    await held.transact(add(100))
    expect(await another(access).query(total)).toBe(111)
  })

  it("decides again on the newest state when others were faster", async () => {
    await decider(access).transact(add(1))
    const states: number[] = []
    await decider(access).transact(async ({ total }) => {
      states.push(total)
      if (states.length === 1) await another(access).transact(add(10))
      return [plus(100)]
    })
    expect(states).toEqual([1, 11])
    expect(await another(access).query(total)).toBe(111)
  })

  it("starts anew when the stream is gone, whatever it holds", async () => {
    const held = decider(access, { cache: newCache() })
    await held.transact(add(7))
    await deleteTip()
    expect(await held.queryEx(({ state, version }) => [state.total, version])).toEqual([0, 0n])
    expect(await held.query(total, LoadOption.AnyCachedValue)).toBe(0)
    await held.transact(add(1))
    expect(await another(access).query(total)).toBe(1)
  })

  it("shares a cache with a decider of another table, and no state", async () => {
    const cache = newCache()
    await decider(access, { cache }).transact(add(7))
    expect(await decider(access, { cache, of: { tableName: "other" } }).query(total, LoadOption.AnyCachedValue)).toBe(0)
  })

  it("keeps what it knows when a replica is behind", async () => {
    const held = decider(access, { cache: newCache() })
    await held.transact(add(1))
    clock.ms += 1000
    await held.transact(add(10))
    lagMs = { GetItem: 500, Query: 500 }
    if (access.type !== "RollingState") expect(await held.query(total)).toBe(11)
    expect(await held.query(total, LoadOption.RequireLeader)).toBe(11)
    await held.transact(add(100))
    expect(await held.query(total, LoadOption.RequireLeader)).toBe(111)
  })
})

describe("strategies that meet on one stream", () => {
  it("any of them appends after a state was stored without events", async () => {
    await decider(rolling).transact(add(5))
    await decider(unoptimized).transact(add(1))
    await decider(snapshot).transact(add(1))
    expect(await decider(unoptimized).query(total)).toBe(2)
  })

  it("leave one another's unfolds, which stay right", async () => {
    await decider(snapshot).transact(add(1))
    await decider(unoptimized).transact(add(10))
    client.sent()
    expect(await decider(snapshot).query(total)).toBe(11)
    expect(client.sent()).toEqual(["getItem"])
  })

  it("an unfold that is no origin counts for nothing", async () => {
    await decider(AccessStrategy.LatestKnownEvent()).transact(add(5))
    expect(await decider(snapshot).query(total)).toBe(5)
  })

  it("a stored snapshot is right after an append of a foreign writer", async () => {
    const held = decider(snapshot, { cache: newCache() })
    await held.transact(add(1))
    await another(unoptimized).transact(add(10))
    await held.transact(add(100))
    expect(await another(snapshot).query(total)).toBe(111)
  })

  it("bytes of calves are counted after a calve that wrote an unfold only", async () => {
    const tip = { maxEventBytes: 1 }
    const held = decider(unoptimized, { cache: newCache() })
    await held.transact(add(1))
    await another(rolling, tip).transact(add(1))
    await held.transact(add(1))
    const events = new EventsContext(
      DynamoStoreContext.create({ client: new DynamoStoreClient(fake), tableName: "events" }),
    )
    expect((await events.position("Counter-1"))?.calvedBytes).toBe(46)
  })
})

describe("a decision", () => {
  it("has a result, and sees version and size", async () => {
    const sizes: number[] = []
    const decide = ({ version, streamEventBytes }: { version: bigint; streamEventBytes: number }) => {
      sizes.push(streamEventBytes)
      return { result: `at ${version}`, events: [plus(1)] }
    }
    expect(await decider(unoptimized).transactEx(decide)).toBe("at 0")
    expect(await decider(unoptimized).transactEx(decide)).toBe("at 1")
    expect(sizes).toEqual([0, 80 + 9 + 36 + 46])
    expect(await decider(unoptimized).transactResult(({ total }) => ({ result: total, events: [] }))).toBe(2)
  })

  it("without events writes nothing", async () => {
    await decider(snapshot).transact(() => [])
    expect(client.sent()).toEqual(["getItem"])
  })

  it("is given up after so many attempts, with short pauses between them that grow", async () => {
    const contended = () =>
      decider(unoptimized).transact(async () => {
        await another().transact(add(1))
        return [plus(100)]
      })
    await expect(contended()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MaxResyncsExhaustedError: stream "Counter-1": concurrency violation; aborting after 3 attempts]`,
    )
    expect(clock.slept.length).toBe(3)
    clock.slept.forEach((ms, at) => expect(ms).toBeLessThan(10 * 2 ** at))
    expect(await another().query(total)).toBe(3)
  })

  it("needs at least one attempt", async () => {
    await expect(
      decider(unoptimized).transact(add(1), LoadOption.RequireLoad, 0),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: Decider.transact: option "attempts" must be an integer of at least 1, received 0]`,
    )
    expect(client.sent()).toEqual([])
  })

  it("stores its events once, although the reply was lost and the request repeated", async () => {
    await decider(unoptimized).transact(add(1))
    client.next("updateItem", { repeat: true, after: () => another().transact(add(10)) })
    await decider(unoptimized).transact(add(100))
    client.next("updateItem", { lose: "reply" })
    await decider(unoptimized).transact(add(1000))
    expect(await another().query(total)).toBe(1111)
  })

  it("calves while others append", async () => {
    const tip = { maxEvents: 2 }
    await another(unoptimized, tip).transact(() => [plus(1), plus(1)])
    let decisions = 0
    await decider(unoptimized, { of: { tip } }).transact(async () => {
      if (decisions++ === 0) await another(unoptimized, tip).transact(add(10))
      return [plus(100)]
    })
    expect(decisions).toBe(2)
    expect(await another().query(total)).toBe(112)
  })

  it("needs something to store of a custom strategy", async () => {
    const nothing = AccessStrategy.Custom<Event, State>(isOrigin, () => [[], []])
    await expect(decider(nothing).transact(add(1))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[NothingToWriteError: AccessStrategy.Custom: must write either events or unfolds]`,
    )
  })
})

describe("load options", () => {
  const consistent = () =>
    client.requests
      .splice(0)
      .map(({ operation, input }) => [operation, (input as { ConsistentRead?: boolean }).ConsistentRead])

  it("say whether the table is asked, and how", async () => {
    const held = decider(snapshot, { cache: newCache() })
    await held.transact(add(1))
    client.sent()
    await held.query(total, LoadOption.AnyCachedValue)
    expect(consistent()).toEqual([])
    await held.query(total, LoadOption.MaxStale(1))
    expect(consistent()).toEqual([])
    clock.ms += 1
    await held.query(total, LoadOption.MaxStale(1))
    expect(consistent()).toEqual([["getItem", false]])
    await held.query(total, LoadOption.RequireLoad)
    expect(consistent()).toEqual([["getItem", false]])
    await held.query(total, LoadOption.RequireLeader)
    expect(consistent()).toEqual([["getItem", true]])
    expect(await held.query(total, LoadOption.AssumeEmpty)).toBe(0)
    expect(consistent()).toEqual([])
  })

  it("AssumeEmpty that is wrong costs a conflict", async () => {
    await decider(snapshot).transact(add(1))
    client.sent()
    await decider(snapshot).transact(add(10), LoadOption.AssumeEmpty)
    expect(client.sent()).toEqual(["putItem", "getItem", "updateItem"])
    expect(await decider(snapshot).query(total)).toBe(11)
  })
})

/** The texts are those of the published package. */
describe("requests of a load", () => {
  const tip = { maxEvents: 2 }
  const loaded = async (held: Decider<Event, State>) => {
    client.sent()
    await held.query(total)
    return client.requests
      .splice(0)
      .map(({ input }) => input as { KeyConditionExpression?: string; FilterExpression?: string })
      .map(
        ({ KeyConditionExpression = "Tip", FilterExpression = "all" }) =>
          `${KeyConditionExpression} | ${FilterExpression}`,
      )
  }

  it("without origins are queries alone, and no page more than there is", async () => {
    for (let n = 0; n < 5; n++) await another(unoptimized, tip).transact(add(1))
    expect(await loaded(decider(unoptimized, { of: { query: { maxItems: 3 } } }))).toEqual(["p = :p | all"])
  })

  it("with origins are the Tip, then what is below it", async () => {
    for (let n = 0; n < 3; n++) await another(unoptimized, tip).transact(add(1))
    expect(await loaded(decider(snapshot))).toEqual(["Tip | all", "p = :p AND i < :maxI | all"])
  })

  it("of a held state are the Tip, then what is new below it", async () => {
    const held = decider(unoptimized, { cache: newCache(), of: { tip } })
    await held.transact(add(1))
    expect(await loaded(held)).toEqual(["Tip | all"])
    for (let n = 0; n < 5; n++) await another(unoptimized, tip).transact(add(1))
    expect(await loaded(held)).toEqual(["Tip | all", "p = :p AND i < :maxI | n > :minN"])
  })
})

describe("events that are missing", () => {
  const tip = { maxEvents: 1 }
  const append = async () => {
    for (let n = 0; n < 4; n++) await another(unoptimized, tip).transact(add(10 ** n))
  }
  const deleteCalf = (i: number) =>
    fake.deleteItem({ TableName: "events", Key: { p: { S: "Counter-1" }, i: { N: String(i) } } })

  it.each(["unoptimized", "snapshot"] as const)(
    "are found by a consistent read if a replica is behind: %s",
    async (name) => {
      await append()
      clock.ms += 1000
      await append()
      lagMs = name === "snapshot" ? { Query: 500 } : {}
      expect(await decider(strategies[name]).query(total)).toBe(2222)
    },
  )

  it("are an error, or with ignoreMissing a warning", async () => {
    await append()
    await deleteCalf(1)
    await expect(decider(unoptimized).query(total)).rejects.toThrow("event 1 cannot be found")
    await expect(decider(snapshot).query(total)).rejects.toThrow("event 1 cannot be found")
    const warnings: string[] = []
    const of = { query: { ignoreMissing: true }, warn: (message: string) => warnings.push(message) }
    expect(await decider(unoptimized, { of }).query(total)).toBe(1101)
    expect(warnings).toHaveLength(1)
  })

  it("are an error when it is the Tip", async () => {
    await append()
    await deleteTip()
    await expect(decider(unoptimized).query(total)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MissingEventsError: stream "Counter-1": there are events up to 2, but there is no Tip]`,
    )
  })
})

describe("states", () => {
  it("that are held or given as the first one cannot be changed by those who get them", async () => {
    type List = readonly number[]
    const push = (state: List, events: readonly Event[]): List => {
      for (const { data } of events) (state as number[]).push(data)
      return state
    }
    const context = DynamoStoreContext.create({ client: new DynamoStoreClient(client), tableName: "events", clock })
    const category = DynamoStoreCategory.create<Event, List>({
      context,
      name: "Counter",
      codec: jsonCodec<Event>(),
      fold: push,
      initial: [],
      access: AccessStrategy.Unoptimized(),
      cache: newCache(),
    })
    await expect(Decider.forStream(category, "1").transact(add(1))).rejects.toThrow(TypeError)
  })
})

describe("options", () => {
  it.each([
    ["a category with a dash", { name: "My-Counter" }],
    ["a context that is none", { context: {} as never }],
    ["a codec without decode", { codec: { encode: () => ({ type: "A" }) } as never }],
    ["a cache that is none", { cache: {} as never }],
  ])("are checked: %s", (_, given) => {
    expect(() => decider(unoptimized, given)).toThrow("DynamoStoreCategory.create: option")
  })
})
