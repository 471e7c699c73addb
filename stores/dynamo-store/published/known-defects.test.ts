import {
  type ConditionalCheckFailedException,
  type DynamoDB,
  TransactionConflictException,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb"
import { describe, expect, it } from "vitest"
import { systemClock } from "../../../engine/clock.js"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import { createTables } from "../tables.js"
import type { Counter, CounterOptions, Maker, WireSpan } from "./counter.js"
import { ourPackage } from "./our-package.js"
import { publishedPackages } from "./published-packages.js"

/*
 * Each history is played twice on the fake DynamoDB: on the packages @equinox-js/core, dynamo-store and
 * dynamo-store-indexer 1.2.0 as npm has them, and on ours. What is expected of the published packages is the defect. A
 * test that fails there says that the fake, or the version, is another one.
 */

const tableName = "events"
const stream = "Counter-1"
const tipKey = (name = stream) => ({ p: { S: name }, i: { N: "2147483647" } })

interface Place {
  readonly maker: Maker
  readonly ddb: DynamoDB
  readonly counter: (options?: Partial<CounterOptions>) => Counter
}

interface Defect {
  readonly id: string
  readonly title: string
  readonly history: (place: Place) => Promise<unknown>
  readonly published: unknown
  readonly ours: unknown
}

const defects: readonly Defect[] = [
  {
    id: "D01",
    title: "events of the Tip that a cached state holds already are folded again",
    async history({ maker, counter }) {
      const cached = counter({ cache: maker.cache() })
      await cached.add(1)
      await counter().add(10)
      return cached.total()
    },
    published: 12,
    ours: 11,
  },
  {
    id: "D01",
    title: "the same without a cache, on every conflict",
    async history({ counter }) {
      await counter().add(1)
      const other = once(() => counter().add(10))
      const seen: number[] = []
      await counter().decide(async (total) => {
        seen.push(total)
        await other()
        return 1
      })
      return seen
    },
    published: [1, 12],
    ours: [1, 11],
  },
  {
    id: "D02",
    title: "whoever loses the race for a calve gets an exception instead of a second try",
    async history({ counter }) {
      const tip = { maxEvents: 2 }
      await counter({ tip }).add(1)
      await counter({ tip }).add(1)
      const other = once(() => counter({ tip }).add(1))
      return outcome(counter({ tip }).add(1, other))
    },
    published: "TransactionCanceledException",
    ours: "done",
  },
  {
    id: "D02",
    title: "the same when the other writer only appended",
    async history({ counter }) {
      await counter().add(1)
      await counter().add(1)
      const other = once(() => counter().add(1))
      return outcome(counter({ tip: { maxEvents: 2 } }).add(1, other))
    },
    published: "TransactionCanceledException",
    ours: "done",
  },
  {
    id: "D04",
    title: "a stream that is gone lives on in the cache",
    async history({ maker, ddb, counter }) {
      const cached = counter({ cache: maker.cache() })
      await cached.add(5)
      await ddb.deleteItem({ TableName: tableName, Key: tipKey() })
      return cached.total()
    },
    published: 5,
    ours: 0,
  },
  {
    id: "D06",
    title: "a number of events that is asked for is not a limit",
    async history({ maker, ddb, counter }) {
      await addTen(counter({ tip: { maxEvents: 2 } }))
      return maker.read({ ddb, tableName }, stream, { from: 3, count: 2 })
    },
    published: [3, 4, 5, 6, 7, 8, 9],
    ours: [3, 4],
  },
  {
    id: "D07",
    title: "the upper bound of a read means one thing for items and another for events",
    async history({ maker, ddb, counter }) {
      await addTen(counter({ tip: { maxEvents: 2 } }))
      const read = (from: number, to: number) => maker.read({ ddb, tableName }, stream, { from, to })
      return [await read(0, 5), await read(0, 6), await read(8, 10), await read(0, 101)]
    },
    published: [[0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [], [0, 1, 2, 3, 4, 5, 6, 7]],
    ours: [
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4, 5],
      [8, 9],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ],
  },
  {
    id: "D09",
    title: "a stream that begins with a rolling state can never be appended to",
    async history({ counter }) {
      await counter({ access: "RollingState" }).add(1)
      return outcome(counter().add(1))
    },
    published: "Error",
    ours: "done",
  },
  {
    id: "D10",
    title: "a writer without unfolds erases the snapshot of others",
    async history({ ddb, counter }) {
      await counter({ access: "Snapshot" }).add(1)
      await counter().add(2)
      const { Item } = await ddb.getItem({ TableName: tableName, Key: tipKey() })
      return Item?.["u"]?.L?.length
    },
    published: 0,
    ours: 1,
  },
  {
    id: "D11",
    title: "a snapshot that is larger than the Tip may be calves at every append",
    async history({ ddb, counter }) {
      const snapshots = counter({ access: "Snapshot", padding: incompressible(40_000) })
      for (let i = 0; i < 5; i++) await snapshots.add(1)
      return (await ddb.scan({ TableName: tableName })).Count
    },
    published: 5,
    ours: 1,
  },
  {
    id: "D12",
    title: "the limit of event bytes stays small when the limit of the Tip is raised",
    history: async ({ maker }) => maker.maxEventBytes(100_000),
    published: 32_768,
    ours: 100_000,
  },
  {
    id: "D13",
    title: "a stream that fills its last page exactly counts as longer than allowed",
    async history({ counter }) {
      const options = { tip: { maxEvents: 1 }, query: { maxItems: 2, maxRequests: 1 } }
      await counter(options).add(1)
      await counter({ tip: { maxEvents: 1 } }).add(1)
      return outcome(counter(options).total())
    },
    published: "Error",
    ours: 2,
  },
  {
    id: "D15",
    title: "an item without unfolds, as other writers leave it, cannot be read",
    async history({ ddb, counter }) {
      await counter().add(1)
      await ddb.updateItem({ TableName: tableName, Key: tipKey(), UpdateExpression: "REMOVE u" })
      return outcome(counter().total())
    },
    published: "TypeError",
    ours: 1,
  },
  {
    id: "D15",
    title: "a Tip without an etag cannot be read",
    async history({ ddb, counter }) {
      await counter({ access: "Snapshot" }).add(1)
      await ddb.updateItem({ TableName: tableName, Key: tipKey(), UpdateExpression: "REMOVE etag" })
      return outcome(counter({ access: "Snapshot" }).total())
    },
    published: "Error",
    ours: 1,
  },
  {
    id: "D16",
    title: "a request that the transport repeats, because the reply was lost, counts twice",
    async history({ ddb, counter }) {
      await counter().add(1)
      await counter({ ddb: repeatingOneUpdate(ddb) }).add(1)
      return counter().total()
    },
    published: 3,
    ours: 2,
  },
  {
    id: "D18",
    title: "data that is falsy is not stored",
    history: async ({ maker }) => [0, "", false].map((data) => maker.throughCodec(data)),
    published: [undefined, undefined, undefined],
    ours: [0, "", false],
  },
  {
    id: "D21",
    title: "a calf that is there already, after a partial restore, ends all appends",
    async history({ ddb, counter }) {
      const tip = { maxEvents: 1 }
      await counter({ tip }).add(1)
      const { Item } = await ddb.getItem({ TableName: tableName, Key: tipKey() })
      const { a: _a, b: _b, etag: _etag, ...calf } = Item!
      await ddb.putItem({ TableName: tableName, Item: { ...calf, i: { N: "0" }, u: { L: [] } } })
      return outcome(counter({ tip }).add(1))
    },
    published: "TransactionCanceledException",
    ours: "done",
  },
  {
    id: "D23",
    title: "names that are none pass for stream names",
    history: async ({ maker }) =>
      ["-x", "x-"].map((name) => {
        try {
          return maker.categoryOf(name)
        } catch {
          return "refused"
        }
      }),
    published: ["", "x"],
    ours: ["refused", "refused"],
  },
  {
    id: "D25",
    title: "an append that meets a running transaction fails",
    async history({ ddb, counter }) {
      await counter().add(1)
      return outcome(counter({ ddb: meetingOneTransaction(ddb) }).add(1))
    },
    published: "TransactionConflictException",
    ours: "done",
  },
  {
    id: "D30",
    title: "after the first switch of epochs the index still names epoch 0",
    async history({ maker, ddb }) {
      const place = { ddb, tableName }
      await maker.indexer(place, { maxVersion: 1 }).ingest([span("a-1", 0)])
      await maker.indexer(place, { maxVersion: 1 }).ingest([span("a-1", 1)])
      await maker.indexer(place, { maxVersion: 1 }).ingest([span("a-1", 2)])
      return maker.indexer(place).activeEpoch()
    },
    published: 0,
    ours: 1,
  },
  {
    id: "D30",
    title: "each indexer that starts cold walks all epochs and marks the last one again",
    async history({ maker, ddb }) {
      const place = { ddb, tableName }
      for (let i = 0; i < 5; i++) await maker.indexer(place, { maxVersion: 1 }).ingest([span("a-1", i)])
      for (let i = 0; i < 3; i++) await maker.indexer(place, { maxVersion: 100 }).ingest([span("b-1", i)])
      const { Item } = await ddb.getItem({ TableName: tableName, Key: tipKey("$AppendsIndex-0") })
      const started = Item!["e"]!.L!.map(({ M }) => decoder.decode(M!["d"]!.B))
      return started.length - new Set(started).size > 0 ? "marked again" : "each epoch is marked once"
    },
    published: "marked again",
    ours: "each epoch is marked once",
  },
  {
    id: "D33",
    title: "a gap right after an epoch closed is taken, and what was missing is dropped when it comes",
    async history({ maker, ddb }) {
      const indexer = maker.indexer({ ddb, tableName }, { maxVersion: 1 })
      await indexer.ingest([span("a-1", 0, 2)])
      await indexer.ingest([span("b-1", 0)])
      await outcome(indexer.ingest([span("a-1", 5)]))
      await outcome(indexer.ingest([span("a-1", 2, 3)]))
      return indexesOf(await indexer.epoch(1), "a-1")
    },
    published: [5],
    ours: [2, 3, 4],
  },
  {
    id: "D34",
    title: "what is delivered again after an epoch closed is indexed again",
    async history({ maker, ddb }) {
      const indexer = maker.indexer({ ddb, tableName }, { maxVersion: 1 })
      await indexer.ingest([span("a-1", 0, 2)])
      await indexer.ingest([span("b-1", 0)])
      await indexer.ingest([span("a-1", 0, 2)])
      return indexesOf(await indexer.epoch(1), "a-1")
    },
    published: [0, 1],
    ours: [],
  },
  {
    id: "D36",
    title: "epochs may grow so long that their positions run into the next one's",
    history: async ({ maker, ddb }) =>
      outcome(Promise.resolve().then(() => void maker.indexer({ ddb, tableName }, { maxVersion: 1_000_001 }))),
    published: "done",
    ours: "InvalidOptionError",
  },
  {
    id: "D37",
    title: "two streams reach a limit of three",
    async history({ maker, ddb }) {
      const indexer = maker.indexer({ ddb, tableName }, { maxStreams: 3 })
      await indexer.ingest([span("a-1", 0)])
      await indexer.ingest([span("b-1", 0)])
      await indexer.ingest([span("a-1", 1)])
      return (await indexer.epoch(0)).closed
    },
    published: true,
    ours: false,
  },
  {
    id: "D41",
    title: "a partition is unknown until its first epoch has closed",
    async history({ maker, ddb }) {
      const indexer = maker.indexer({ ddb, tableName })
      await indexer.ingest([span("a-1", 0)])
      return indexer.partitions()
    },
    published: [],
    ours: ["0"],
  },
  {
    id: "D43",
    title: "callers of one indexer are in each other's way",
    async history({ maker, ddb }) {
      const indexer = maker.indexer({ ddb, tableName })
      await indexer.ingest([span("a-0", 0)])
      const calls = Array.from({ length: 8 }, (_, i) => outcome(indexer.ingest([span(`a-${i + 1}`, 0)])))
      return (await Promise.all(calls)).every((end) => end === "done") ? "all succeed" : "some fail"
    },
    published: "some fail",
    ours: "all succeed",
  },
]

describe.each(defects)("$id: $title", ({ history, published, ours }) => {
  it("as published", async () => {
    expect(await play(history, publishedPackages)).toEqual(published)
  })
  it("not in ours", async () => {
    expect(await play(history, ourPackage)).toEqual(ours)
  })
})

async function play(history: Defect["history"], maker: Maker): Promise<unknown> {
  const ddb = new FakeDynamoDB({ clock: systemClock })
  await createTables(ddb, { events: tableName, index: "events_index" })
  const counter = (options: Partial<CounterOptions> = {}) =>
    maker.counter({ ddb, tableName, id: "1", access: "Unoptimized", ...options })
  return history({ maker, ddb, counter })
}

const decoder = new TextDecoder()

const span = (p: string, i: number, count = 1): WireSpan => ({ p, i, c: Array<string>(count).fill("Added") })

const indexesOf = ({ spans }: { readonly spans: readonly WireSpan[] }, name: string): number[] =>
  spans.filter(({ p }) => p === name).flatMap(({ i, c }) => c.map((_, k) => i + k))

async function addTen(counter: Counter): Promise<void> {
  for (let i = 0; i < 10; i++) await counter.add(1)
}

function once(action: () => Promise<unknown>): () => Promise<unknown> {
  let done = false
  return async () => {
    if (done) return
    done = true
    await action()
  }
}

/** What came of it: the value, `done`, or the name of the error. */
const outcome = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (value) => value ?? "done",
    (error: unknown) => (error as Error).name,
  )

/** Text that no compression makes shorter by much. */
function incompressible(length: number): string {
  let state = 1
  const next = () => (state = (state * 48_271) % 2_147_483_647)
  return Array.from({ length }, () => String.fromCharCode(33 + (next() % 90))).join("")
}

/** A client whose calls are another one's, but for what is given. */
function over(ddb: DynamoDB, update: (input: UpdateItemCommandInput) => Promise<unknown>): DynamoDB {
  return new Proxy(ddb, {
    get(target, name) {
      if (name === "updateItem") return update
      const value: unknown = Reflect.get(target, name)
      return typeof value === "function" ? (value.bind(target) as unknown) : value
    },
  })
}

/** The reply of the first update is lost; the transport asks again and reports what came of that. */
function repeatingOneUpdate(ddb: DynamoDB): DynamoDB {
  let repeated = false
  return over(ddb, async (input) => {
    const answer = await ddb.updateItem(input)
    if (repeated) return answer
    repeated = true
    try {
      return await ddb.updateItem(input)
    } catch (error) {
      const { $metadata } = error as ConditionalCheckFailedException
      throw Object.assign(error as Error, { $metadata: { ...$metadata, attempts: 2 } })
    }
  })
}

function meetingOneTransaction(ddb: DynamoDB): DynamoDB {
  let met = false
  return over(ddb, async (input) => {
    if (met) return ddb.updateItem(input)
    met = true
    throw new TransactionConflictException({ message: "Transaction is ongoing for the item", $metadata: {} })
  })
}
