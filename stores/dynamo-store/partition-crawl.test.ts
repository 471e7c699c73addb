import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Batch } from "../../engine/batch.js"
import type { Clock } from "../../engine/clock.js"
import { systemRandom } from "../../engine/random.js"
import { PersistentReading } from "../../engine/source/persistent-reading.js"
import { retryTransient } from "../../engine/source/read-failure.js"
import { StreamName } from "../../engine/stream-name.js"
import { FakeDynamoDB } from "../dynamodb/index.js"
import type { DynamoClient } from "./dynamo-client.js"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { dynamoStoreFailureClass } from "./failure-class.js"
import { wireFixture, fromWire, type WireItem } from "./fixtures/wire-fixture.js"
import { IndexAuthor } from "./index-author.js"
import type { AppendSpan } from "./index/append-span.js"
import { EpochPosition } from "./index/epoch-position.js"
import { LoadMode } from "./load-mode.js"
import { PartitionCrawl } from "./partition-crawl.js"
import { createTables } from "./tables.js"
import { SpanLoader } from "./span-loader.js"

/** Time that passes at once. */
class InstantClock implements Clock {
  #now = Date.parse("2026-11-23T12:00:00Z")
  now = () => this.#now
  turn = () => Promise.resolve()
  sleep = (ms: number) => {
    this.#now += ms
    return Promise.resolve()
  }
}

interface Step {
  readonly entry: readonly AppendSpan[] | "close"
}

interface Trouble {
  /** Per request, in turn: how long the replica that answers is behind, and whether the request fails. */
  readonly lagMs: readonly number[]
  readonly fails: readonly boolean[]
}

class Rig {
  readonly clock = new InstantClock()
  readonly fake: FakeDynamoDB
  readonly context: DynamoStoreContext
  readonly author: IndexAuthor
  readonly warnings: string[] = []
  hasTrouble = false
  #requests = 0

  constructor(trouble: Trouble) {
    this.fake = new FakeDynamoDB({
      clock: this.clock,
      conditions: { lagMs: () => (this.hasTrouble ? trouble.lagMs[this.#requests % trouble.lagMs.length]! : 0) },
    })
    const fail = () => {
      const fails = this.hasTrouble && trouble.fails[this.#requests++ % trouble.fails.length]
      if (fails) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
    }
    const { fake } = this
    const client: DynamoClient = {
      getItem: async (input) => (fail(), fake.getItem(input)),
      query: async (input) => (fail(), fake.query(input)),
      putItem: (input) => fake.putItem(input),
      updateItem: (input) => fake.updateItem(input),
      transactWriteItems: (input) => fake.transactWriteItems(input),
    }
    this.context = new DynamoStoreContext({
      client: new DynamoStoreClient(client),
      tableName: "index",
      // Many small calves, read a few at a time.
      tip: { maxEvents: 2 },
      query: { maxItems: 2 },
      clock: this.clock,
    })
    this.author = new IndexAuthor(this.context)
  }

  crawl(batchSizeCutoff: number, chosen: (stream: string) => boolean): PartitionCrawl {
    const reading = new PersistentReading({
      classify: dynamoStoreFailureClass,
      decide: retryTransient,
      backOffMs: 1000,
      maxBackOffMs: 1000,
      clock: this.clock,
      random: systemRandom,
      warn: () => {},
      onFailure: () => {},
    })
    return new PartitionCrawl({
      context: this.context,
      partition: "0",
      groupName: "g",
      chosen,
      batchSizeCutoff,
      loader: new SpanLoader(LoadMode.IndexOnly(), reading),
      reading,
      warn: (message) => this.warnings.push(message),
      signal: new AbortController().signal,
    })
  }
}

const never = new AbortController().signal
const isWanted = (stream: string) => StreamName.category(stream) !== "unwanted"

/** What a reader is to deliver from a position on. */
function expected(steps: readonly Step[], from: bigint): string[] {
  let [epoch, offset] = [0, 0]
  return steps.flatMap(({ entry }) => {
    const position = EpochPosition.of(epoch, offset)
    ;[epoch, offset] = entry === "close" ? [epoch + 1, 0] : [epoch, offset + 1]
    if (entry === "close" || position < from) return []
    return entry
      .filter(({ stream }) => isWanted(stream))
      .flatMap(({ stream, index, types }) => types.map((type, at) => `${stream}#${index + at} ${type}`))
  })
}

const delivered = ({ items }: Batch) => items.map(([stream, { index, type }]) => `${stream}#${index} ${type}`)

/** Overlaps, repeats and gaps, as redelivered records and a warning indexer leave them. */
const span: fc.Arbitrary<AppendSpan> = fc.record({
  stream: fc.constantFrom("a-1", "a-2", "b-1", "unwanted-1", "nodash"),
  index: fc.nat(12),
  types: fc.array(fc.constantFrom("X", "Y"), { minLength: 1, maxLength: 4 }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ entry: fc.array(span, { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ entry: "close" }) },
)
const trouble: fc.Arbitrary<Trouble> = fc.record({
  lagMs: fc.array(fc.nat(5000), { minLength: 1, maxLength: 7 }),
  // At most every sixth request, so that a read of several requests comes to its end.
  fails: fc
    .array(fc.boolean(), { maxLength: 4 })
    .map((fails) => [...fails.flatMap((it) => [it, false, false, false, false, false]), false]),
})

describe("crawling a partition", () => {
  it("delivers exactly what is wanted, in order, from any position, over restarts, stale replicas and failing reads", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.tuple(fc.nat(40), fc.nat(40)),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.nat(4), { minLength: 1 }),
        trouble,
        follow,
      ),
      { numRuns: 200 },
    )
  })

  it("reads the fixture from each of its positions", async () => {
    const rig = new Rig({ lagMs: [0], fails: [false] })
    await createTables(rig.fake, { events: "events", index: "index" })
    const { items } = wireFixture<{ items: WireItem[] }>("07-index.json")
    for (const Item of items) await rig.fake.putItem({ TableName: "index", Item: fromWire(Item) })
    const pages: unknown[] = []
    for (const position of [0n, 2n, 3n, 4n, 1_000_000n, 1_000_001n, 2_000_000n])
      for await (const page of rig.crawl(100, () => true).crawl(position, never))
        pages.push([position, delivered(page), page.checkpoint, page.isTail])
    expect(pages).toEqual([
      [
        0n,
        ["Cart-1#0 Created", "Cart-1#1 ItemAdded", "User-1#0 Registered", "Cart-1#2 CheckedOut", "Cart-2#0 Created"],
        1_000_000n,
        false,
      ],
      [2n, ["Cart-2#0 Created"], 1_000_000n, false],
      [3n, [], 1_000_000n, false],
      // The published reader stays here for ever.
      [4n, [], 1_000_000n, false],
      [1_000_000n, ["Cart-1#3 Paid", "Cart-2#0 Created"], 1_000_001n, true],
      [1_000_001n, [], 1_000_001n, true],
      [2_000_000n, [], 2_000_000n, true],
    ])
    expect(rig.warnings).toHaveLength(1)
  })
})

/** Begins at one step when the index has come to another, reads on while it is written, and starts anew now and then. */
async function follow(steps: Step[], begin: [number, number], cutoff: number, restarts: number[], trouble: Trouble) {
  const rig = new Rig(trouble)
  await createTables(rig.fake, { events: "events", index: "index" })
  let [epoch, offset] = [0, 0]
  const write = async ({ entry }: Step) => {
    rig.hasTrouble = false
    if (entry === "close") await rig.author.close(epoch++)
    else await rig.author.ingest(epoch, entry)
    offset = entry === "close" ? 0 : offset + 1
    await rig.clock.sleep(500)
    rig.hasTrouble = true
  }
  const before = Math.min(Math.max(...begin), steps.length)
  const places: bigint[] = []
  for (const step of steps.slice(0, before)) {
    places.push(EpochPosition.of(epoch, offset))
    await write(step)
  }
  places.push(EpochPosition.of(epoch, offset))
  const from = places[Math.min(...begin, before)]!
  const left = steps.slice(before)
  const found: string[] = []
  let position = from
  let crawl = rig.crawl(cutoff, isWanted)
  const pages = { left: restarts[0]!, at: 0 }
  const readOn = async () => {
    for await (const page of crawl.crawl(position, never)) {
      expect(page.checkpoint > position || (page.isTail && page.checkpoint === position)).toBe(true)
      expect(page.items.length <= cutoff || isOneEntry(steps, page.items.length)).toBe(true)
      found.push(...delivered(page))
      position = page.checkpoint
      if (pages.left-- > 0) continue
      // Another process goes on from the checkpoint.
      pages.left = restarts[++pages.at % restarts.length]! + 1
      crawl = rig.crawl(cutoff, isWanted)
      return
    }
  }
  for (const step of left) {
    await write(step)
    await readOn()
  }
  // Every replica has everything after the longest lag.
  await rig.clock.sleep(6000)
  const end = EpochPosition.of(epoch, offset)
  for (let reads = 0; position < end; reads++) {
    expect(reads).toBeLessThan(1000)
    await readOn()
  }
  await readOn()
  expect(position).toBe(end)
  expect(found).toEqual(expected(steps, from))
  expect(rig.warnings).toEqual([])
}

const isOneEntry = (steps: readonly Step[], events: number) =>
  steps.some(({ entry }) => entry !== "close" && countWanted(entry) === events)

const countWanted = (spans: readonly AppendSpan[]) =>
  spans.filter(({ stream }) => isWanted(stream)).reduce((sum, { types }) => sum + types.length, 0)
