import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import type { DynamoClient } from "../dynamo-client.js"
import { EventsContext } from "../events-context.js"
import { appendsHandler } from "./appends-handler.js"
import { type AppendSpan, endOf } from "./append-span.js"
import { decodeIndexEvent } from "./appends-index.js"
import { EpochPosition } from "./epoch-position.js"
import { readPartitions, readTailPosition, walkEpoch } from "./epoch-reader.js"
import type { StreamRecord } from "./stream-records.js"
import { RestlessClock, seeded, TablesUnderTest } from "./tables-under-test.js"

/*
 * Two indexers, each told of everything that was appended, in competition, with crashes, lost requests and lost replies;
 * and a reader who follows them on replicas that lag behind.
 */

interface Trouble {
  readonly seed: number
  /** Of each request to the index table: how often, in percent, it is lost, and its reply is. */
  readonly lost: number
  /** The longest that a read may lag behind, in milliseconds; every look at the clock takes one. */
  readonly lagMs: number
  /** Whether records are also lost and overtake one another in their stream. */
  readonly isDisorderly: boolean
}

interface Case extends Trouble {
  readonly appends: readonly { readonly stream: number; readonly count: number }[]
  readonly maxEpochVersion: number
  readonly maxEpochStreams: number
  readonly tipEvents: number
  readonly maxItems: number
  readonly batch: number
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.nat(),
  lost: fc.constantFrom(0, 0, 5, 20),
  lagMs: fc.constantFrom(0, 20, 200),
  isDisorderly: fc.boolean(),
  appends: fc.array(fc.record({ stream: fc.nat(4), count: fc.integer({ min: 0, max: 4 }) }), {
    minLength: 1,
    maxLength: 25,
  }),
  maxEpochVersion: fc.integer({ min: 1, max: 5 }),
  maxEpochStreams: fc.constantFrom(1, 3, 100),
  tipEvents: fc.integer({ min: 1, max: 4 }),
  maxItems: fc.integer({ min: 1, max: 4 }),
  batch: fc.integer({ min: 1, max: 8 }),
})

describe("however records are delivered", () => {
  test(
    "the index has every event of every stream, in order, once, and a reader never goes back",
    { timeout: 120_000 },
    () =>
      fc.assert(
        fc.asyncProperty(cases, fc.scheduler(), async (history, scheduler) => {
          await new Deployment(history, scheduler).run()
        }),
        { numRuns: 150 },
      ),
  )
})

class Deployment {
  readonly #case: Case
  readonly #scheduler: fc.Scheduler
  readonly #random
  #isCalm = false

  constructor(history: Case, scheduler: fc.Scheduler) {
    this.#case = history
    this.#scheduler = scheduler
    this.#random = seeded(history.seed)
  }

  async run(): Promise<void> {
    const tables = await this.#tables()
    for (const { stream, count } of this.#case.appends) await tables.append(`Cat-${stream}`, count)
    const written = tables.records.length
    const reader = new Reader(tables)
    let indexing = 2
    const index = async () => {
      await this.#deliver(tables, tables.records.slice(0, written))
      indexing--
    }
    const read = async () => {
      while (indexing > 0) await this.#patiently(() => reader.crawl(this.#flaky(tables)))
    }
    await this.#scheduler.waitFor(Promise.all([index(), index(), read()]))
    this.#isCalm = true
    await this.#lastWord(tables, tables.records.slice(0, written))
    await this.#check(tables, reader)
  }

  async #tables(): Promise<TablesUnderTest> {
    const clock = new RestlessClock()
    const { tipEvents, maxItems, lagMs } = this.#case
    const conditions = { lagMs: () => (this.#isCalm ? 0 : Math.floor(this.#random.next() * (lagMs + 1))) }
    const ddb = new FakeDynamoDB({ clock, random: this.#random, conditions })
    return TablesUnderTest.create(ddb, { clock, random: this.#random, tip: { maxEvents: tipEvents }, maxItems })
  }

  /** One indexer's life, or lives: it ends with an error now and then, and a new one is given the same records. */
  async #deliver(tables: TablesUnderTest, records: readonly StreamRecord[]): Promise<void> {
    const told = this.#case.isDisorderly ? this.#inDisorder(records) : this.#streamsInAnyOrder(records)
    let handler = this.#handler(tables)
    for (let at = 0; at < told.length;) {
      const size = 1 + Math.floor(this.#random.next() * this.#case.batch)
      await this.#patiently(
        () => handler({ Records: told.slice(at, at + size) }),
        () => (handler = this.#handler(tables)),
      )
      // Sometimes what was handled comes once more.
      if (this.#random.next() > 0.2) at += size
    }
  }

  #handler(tables: TablesUnderTest) {
    const { maxEpochVersion, maxEpochStreams } = this.#case
    const heals = this.#case.isDisorderly ? { eventsContext: tables.context("events") } : {}
    const options = { maxEpochVersion, maxEpochStreams, lookBackEpochs: Infinity, ...heals }
    return appendsHandler(tables.indexer(options, this.#flaky(tables)))
  }

  /** The order of each stream's own records stays. */
  #streamsInAnyOrder(records: readonly StreamRecord[]): StreamRecord[] {
    const queues = new Map<string, StreamRecord[]>()
    for (const record of records) {
      const stream = record.dynamodb!.Keys!["p"]!.S!
      queues.set(stream, [...(queues.get(stream) ?? []), record])
    }
    const order = records
      .map((record) => [this.#random.next(), record.dynamodb!.Keys!["p"]!.S!] as const)
      .sort(([a], [b]) => a - b)
    return order.map(([, stream]) => queues.get(stream)!.shift()!)
  }

  /** Every record may be moved or lost; the last of each stream is told in the end. */
  #inDisorder(records: readonly StreamRecord[]): StreamRecord[] {
    const kept = records.filter(() => this.#random.next() > 0.3)
    return kept
      .map((record, at) => [at + this.#random.next() * 6, record] as const)
      .sort(([a], [b]) => a - b)
      .map(([, record]) => record)
  }

  /** A last delivery without trouble: records that were lost, and a crash before the last epoch was recorded. */
  async #lastWord(tables: TablesUnderTest, records: readonly StreamRecord[]): Promise<void> {
    const { spans } = await tables.readIndex()
    await this.#handler(tables)({ Records: records })
    if (!this.#case.isDisorderly) expect((await tables.readIndex()).spans).toEqual(spans)
  }

  /** Requests take their turns, and some of them, or their replies, are lost. */
  #flaky(tables: TablesUnderTest): DynamoClient {
    const { primary } = tables.context("index").client
    const call = async <T>(send: () => Promise<T>): Promise<T> => {
      if (this.#isCalm) return send()
      await this.#scheduler.schedule(Promise.resolve())
      if (this.#isLost()) throw timeout()
      const answer = await send()
      await this.#scheduler.schedule(Promise.resolve())
      if (this.#isLost()) throw timeout()
      return answer
    }
    return {
      getItem: (input) => call(() => primary.getItem(input)),
      putItem: (input) => call(() => primary.putItem(input)),
      updateItem: (input) => call(() => primary.updateItem(input)),
      transactWriteItems: (input) => call(() => primary.transactWriteItems(input)),
      query: (input) => call(() => primary.query(input)),
    }
  }

  #isLost(): boolean {
    return this.#random.next() * 100 < this.#case.lost
  }

  async #patiently(act: () => Promise<void>, afterFailure: () => void = () => undefined): Promise<void> {
    for (;;) {
      try {
        await act()
        return
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "TimeoutError") throw error
        if (this.#random.next() < 0.5) afterFailure()
      }
    }
  }

  async #check(tables: TablesUnderTest, reader: Reader): Promise<void> {
    const index = await tables.readIndex()
    await reader.crawl(tables.context("index").client.primary)
    expect(reader.spans).toEqual(index.spans)
    expect(reader.position).toBe(index.position)
    expect(await readTailPosition(tables.context("index"), "0")).toBe(index.position)
    expect(typesByStream(index.spans)).toEqual(
      Object.fromEntries([...tables.written].filter(([, { length }]) => length > 0)),
    )
    expect(await readPartitions(tables.context("index"))).toEqual(["0"])
    const started = await this.#startedEpochs(tables)
    expect(started).toEqual([...new Set(started)].sort((a, b) => a - b))
    if (index.spans.length > 0) expect(started.at(-1)).toBe(EpochPosition.parse(index.position).epoch)
    expect(tables.warnings).toEqual([])
  }

  async #startedEpochs(tables: TablesUnderTest): Promise<number[]> {
    const events = await new EventsContext(tables.context("index")).read("$AppendsIndex-0")
    return events.flatMap((event) => {
      const decoded = decodeIndexEvent(event)
      return decoded?.type === "Started" ? [decoded.epoch] : []
    })
  }
}

const timeout = () => Object.assign(new Error("no answer"), { name: "TimeoutError" })

/** Follows the index on replicas. */
class Reader {
  readonly spans: AppendSpan[] = []
  position = 0n
  readonly #tables: TablesUnderTest

  constructor(tables: TablesUnderTest) {
    this.#tables = tables
  }

  /** To the tail as one replica or another shows it. */
  async crawl(client: DynamoClient): Promise<void> {
    const context = this.#tables.context("index", client)
    for (;;) {
      const { epoch, offset } = EpochPosition.parse(this.position)
      for await (const page of walkEpoch(context, "0", epoch, offset)) {
        this.spans.push(...page.entries.flatMap(({ spans }) => spans))
        const next = page.isEnd && page.isClosed ? EpochPosition.closed(epoch) : EpochPosition.of(epoch, page.next)
        expect(next).toBeGreaterThanOrEqual(this.position)
        this.position = next
        if (page.isEnd && !page.isClosed) return
      }
    }
  }
}

/** The types of each stream, with what is wrong where an event is missing or there twice. */
function typesByStream(spans: readonly AppendSpan[]): Record<string, readonly string[]> {
  const byStream = new Map<string, string[]>()
  for (const one of spans) {
    const types = byStream.get(one.stream) ?? []
    byStream.set(one.stream, types)
    if (one.index !== types.length) types.push(`${one.index} to ${endOf(one)} after ${types.length}`)
    else types.push(...one.types)
  }
  return Object.fromEntries(byStream)
}
