import fc from "fast-check"
import { afterEach, describe, expect, test, vi } from "vitest"
import type { Batch, Sink } from "../batch.js"
import type { ICheckpoints } from "../checkpoints.js"
import { ManualClock } from "../manual-clock.js"
import { MemoryCheckpoints } from "../memory-checkpoints.js"
import { StreamsSink } from "../sink/streams-sink.js"
import type { EventHandler, StreamsSinkOptions } from "../sink/streams-sink.js"
import { StreamName } from "../stream-name.js"
import type { ITimelineEvent } from "../timeline-event.js"
import { TailingFeedSource } from "./tailing-feed-source.js"
import type { TailingFeedSourceOptions } from "./tailing-feed-source.js"

type Crawl = TailingFeedSourceOptions["crawl"]

const event = (index: number): ITimelineEvent => ({
  id: "",
  time: new Date(0),
  type: "T",
  index: BigInt(index),
  isUnfold: false,
  size: -1,
})

/** A tranche in memory: position p holds the p-th appended event. Pages of `size`, then an empty page at the tail. */
class Log {
  readonly entries: [StreamName, ITimelineEvent][] = []
  readonly reads: string[] = []
  readonly size: number
  #next = new Map<string, number>()

  constructor(size = 10) {
    this.size = size
  }

  append(...ids: string[]) {
    for (const id of ids) {
      const index = this.#next.get(id) ?? 0
      this.#next.set(id, index + 1)
      this.entries.push([StreamName.create("c", id), event(index)])
    }
  }

  readonly crawl: Crawl = async function* (this: Log, tranche: string, position: bigint): AsyncIterable<Batch> {
    this.reads.push(`${tranche}@${position}`)
    await Promise.resolve()
    const items = this.entries.slice(Number(position), Number(position) + this.size)
    yield { items, checkpoint: position + BigInt(items.length), isTail: items.length === 0 }
  }.bind(this)
}

/** A tranche without end in one crawl, a page for each event. */
const endless = (onRead: (n: number) => void | Promise<void>): Crawl =>
  async function* (_, position) {
    for (let n = Number(position); ; n++) {
      await onRead(n)
      yield { items: [[StreamName.create("c", "a"), event(n)]], checkpoint: BigInt(n) + 1n, isTail: false }
    }
  }

class Rig {
  readonly clock = new ManualClock()
  readonly stop = new AbortController()
  readonly calls: string[] = []
  readonly commits: string[] = []
  readonly warnings: string[] = []
  readonly checkpoints = new MemoryCheckpoints()
  readonly source: TailingFeedSource
  readonly sink: StreamsSink
  running: Promise<void> = Promise.resolve()

  constructor(
    crawl: Crawl,
    handler: EventHandler = async () => {},
    options: Partial<TailingFeedSourceOptions> = {},
    sinkOptions: Partial<StreamsSinkOptions> = {},
  ) {
    this.sink = StreamsSink.create({
      maxConcurrentStreams: 4,
      maxReadAhead: 3,
      clock: this.clock,
      handler: (stream, events) => {
        this.calls.push(`${StreamName.id(stream)}:${events.map(({ index }) => index).join(" ")}`)
        return handler(stream, events)
      },
      ...sinkOptions,
    })
    const checkpoints = options.checkpoints ?? this.checkpoints
    this.source = new TailingFeedSource({
      crawl,
      sink: this.sink,
      groupName: "g",
      tailSleepIntervalMs: 100,
      checkpointIntervalMs: 1000,
      clock: this.clock,
      warn: (message) => this.warnings.push(message),
      ...options,
      checkpoints: {
        load: (...args) => checkpoints.load(...args),
        commit: (group, tranche, position) => {
          this.commits.push(`${tranche}:${position}`)
          return checkpoints.commit(group, tranche, position)
        },
      },
    })
  }

  async start(tranches: string | string[] = "t"): Promise<this> {
    this.running = this.source.start(tranches, this.stop.signal)
    this.running.catch(() => undefined)
    await this.clock.settle()
    return this
  }

  async end(): Promise<void> {
    this.stop.abort()
    await this.clock.advance(20_000)
    await this.running
  }
}

const rigs: Rig[] = []
function rig(...args: ConstructorParameters<typeof Rig>): Rig {
  const made = new Rig(...args)
  rigs.push(made)
  return made
}
afterEach(async () => {
  for (const r of rigs.splice(0)) await r.end().catch(() => undefined)
})

const never = () => new Promise<never>(() => {})

describe("reading", () => {
  test("reads to the tail without pausing, then polls at the interval", async () => {
    const log = new Log(2)
    log.append("a", "a", "b", "a", "b")
    const r = rig(log.crawl)
    await r.start()
    expect(log.reads).toEqual(["t@0", "t@2", "t@4", "t@5"])
    await r.clock.advance(250)
    expect(log.reads.slice(4)).toEqual(["t@5", "t@5"])
    log.append("a")
    await r.clock.advance(60)
    expect(r.calls.join(", ")).toMatch(/a:0 1, .*a:3$/)
  })

  test("a crawl may yield many pages, and be at the tail with a page that has events", async () => {
    const pages: Batch[] = [
      { items: [[StreamName.create("c", "a"), event(0)]], checkpoint: 1n, isTail: false },
      { items: [], checkpoint: 7n, isTail: false },
      { items: [[StreamName.create("c", "a"), event(1)]], checkpoint: 8n, isTail: true },
    ]
    const from: bigint[] = []
    const r = rig(async function* (_, position) {
      from.push(position)
      if (position === 0n) for (const page of pages) yield await Promise.resolve(page)
    })
    await r.start()
    expect(from).toEqual([0n])
    await r.clock.advance(100)
    expect(from).toEqual([0n, 8n])
    await r.end()
    expect(r.commits).toEqual(["t:8"])
  })

  test.each<[string, Crawl]>([
    ["a crawl that yields nothing counts as tail", async function* () {}],
    [
      "empty pages without the tail flag",
      async function* (_, position) {
        yield await Promise.resolve({ items: [], checkpoint: position, isTail: false })
      },
    ],
  ])("%s: time goes on (E-09)", async (_, crawl) => {
    const r = rig(crawl)
    await r.start()
    const timer = vi.fn()
    void r.clock.sleep(50).then(timer)
    await r.clock.advance(60)
    expect(timer).toHaveBeenCalledOnce()
    await r.end()
  })

  test("nothing is read while the window is full", async () => {
    const log = new Log(1)
    log.append("a", "b", "c", "d", "e")
    await rig(log.crawl, never, {}, { drainTimeoutMs: 0 }).start()
    expect(log.reads).toEqual(["t@0", "t@1", "t@2"])
  })

  test("the next page is asked for before one is handed over, as soon as the sink is known to have room for both", async () => {
    const order: string[] = []
    const crawl = endless((n) => void order.push(`read ${n}`))
    const r = rig(crawl, async (_, [event]) => {
      order.push(`handle ${event!.index}`)
      if (event!.index === 3n) await never()
    })
    await r.start()
    expect(order.join(", ")).toMatchInlineSnapshot(
      `"read 0, read 1, handle 0, read 2, handle 1, read 3, handle 2, read 4, handle 3, read 5"`,
    )
  })

  test("but never one for which there is no room", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        async (maxReadAhead, times) => {
          let completed = 0
          let mostAtOnce = 0
          const crawl = endless((n) => void (mostAtOnce = Math.max(mostAtOnce, n + 1 - completed)))
          const handler = (_: StreamName, [event]: ITimelineEvent[]) =>
            r.clock.sleep(times[Number(event!.index) % times.length]!)
          const r = rig(crawl, handler, {}, { maxReadAhead })
          r.source.stats.on("completed", () => completed++)
          await r.start()
          await r.clock.advance(200)
          expect(mostAtOnce).toBe(maxReadAhead)
        },
      ),
      { numRuns: 50 },
    )
  })

  test("a page that cannot be handed over fails the run, though the next one is still read", async () => {
    const crawl = endless((n) => (n === 4 ? never() : undefined))
    const r = rig(crawl, undefined, { drainTimeoutMs: 300 })
    r.source.stats.on("ingested", ({ checkpoint }) => {
      if (checkpoint === 4n) throw new Error("listener")
    })
    await r.start()
    await r.clock.advance(300)
    await expect(r.running).rejects.toThrow("listener")
    expect(r.clock.sleeping).toBe(0)
  })

  test("a page whose checkpoint is lower than where it was read from fails the run (E-34)", async () => {
    const log = new Log()
    log.append("a")
    const crawl: Crawl = async function* (tranche, position, signal) {
      for await (const page of log.crawl(tranche, position, signal))
        yield position > 0n ? { ...page, checkpoint: position - 1n } : page
    }
    const r = rig(crawl)
    await r.start()
    await expect(r.running).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: tranche t: a page read from 1 has the lower checkpoint 0]`,
    )
  })

  test("a failing read ends the run with its error, and what was handled is stored", async () => {
    const log = new Log(1)
    log.append("a", "b")
    const crawl: Crawl = (tranche, position, signal) => {
      if (position === 2n) throw new Error("connection lost")
      return log.crawl(tranche, position, signal)
    }
    const r = rig(crawl)
    await r.start()
    await expect(r.running).rejects.toThrow("connection lost")
    expect(r.commits).toEqual(["t:2"])
  })
})

describe("a read that fails for a reason that may pass", () => {
  class Lost extends Error {}
  const transient: Partial<TailingFeedSourceOptions> = {
    classify: (error) => (error instanceof Lost ? "transient" : "permanent"),
    random: { next: () => 0.5, uuid: () => "" },
  }

  test("is repeated from where the pages that were taken in end, and meanwhile all else goes on", async () => {
    const from: bigint[] = []
    let failures = 2
    const pageOf = (position: bigint): Batch => ({
      items: [[StreamName.create("c", "a"), event(Number(position))]],
      checkpoint: position + 1n,
      isTail: false,
    })
    const crawl: Crawl = async function* (_, position) {
      from.push(position)
      if (position === 0n) yield* [pageOf(0n), pageOf(1n)]
      if (position <= 2n && failures-- > 0) throw new Lost("connection lost")
      if (position === 2n) yield await Promise.resolve(pageOf(2n))
    }
    const r = rig(crawl, undefined, { ...transient, readBackOffMs: 2000, checkpointIntervalMs: 100 })
    await r.start()
    expect(from).toEqual([0n])
    await r.clock.advance(900)
    expect(r.commits).toEqual(["t:2"])
    await r.clock.advance(2100)
    expect(from.slice(0, 3)).toEqual([0n, 2n, 2n])
    expect(r.calls.join(" ")).toBe("a:0 a:1 a:2")
    expect(r.warnings).toEqual([
      "reading tranche t from 2 failed, next attempt in 1000 ms: Error: connection lost",
      "reading tranche t from 2 failed 2 times in a row, next attempt in 2000 ms: Error: connection lost",
    ])
    expect(r.source.stats.takeMetrics("t").readsFailed).toBe(2)
  })

  test("may be that of the stored position", async () => {
    const log = new Log()
    log.append("a")
    const stored = new MemoryCheckpoints()
    let failures = 1
    const load: ICheckpoints["load"] = async (...args) => {
      if (failures-- > 0) throw new Lost("not up yet")
      return stored.load(...args)
    }
    const checkpoints = { load, commit: stored.commit.bind(stored) }
    const r = rig(log.crawl, undefined, { ...transient, checkpoints })
    await r.start()
    expect(log.reads).toEqual([])
    await r.clock.advance(50)
    expect(r.calls).toEqual(["a:0"])
    expect(r.warnings).toEqual([
      "reading the stored position of tranche t failed, next attempt in 50 ms: Error: not up yet",
    ])
  })

  const broken: Crawl = () => {
    throw new Lost("connection lost")
  }

  test("ends the run when the host has had enough of it", async () => {
    const told: string[] = []
    const r = rig(broken, undefined, {
      ...transient,
      onReadFailure: ({ class: failureClass, attempts }) =>
        failureClass === "transient" && attempts < 3 ? "retry" : "fail",
    })
    r.source.stats.on("readFailed", ({ trancheId, position, attempts }, decision) =>
      told.push(`${trancheId}@${position} ${attempts} ${decision}`),
    )
    await r.start()
    await r.clock.advance(1000)
    await expect(r.running).rejects.toThrow("connection lost")
    expect(told).toEqual(["t@0 1 retry", "t@0 2 retry", "t@0 3 fail"])
  })

  test("is not waited for when the run is to stop, or another tranche has failed", async () => {
    const stopped = rig(broken, undefined, { ...transient, readBackOffMs: 10_000 })
    await stopped.start()
    stopped.stop.abort()
    await stopped.clock.settle()
    await expect(stopped.running).resolves.toBeUndefined()
    expect(stopped.clock.sleeping).toBe(0)

    const crawl: Crawl = (tranche, position, signal) => {
      if (tranche === "bad" && stop) throw new Error("no such table")
      return tranche === "bad" ? new Log().crawl(tranche, position, signal) : broken(tranche, position, signal)
    }
    let stop = false
    const beside = rig(crawl, undefined, { ...transient, readBackOffMs: 10_000 })
    await beside.start(["lost", "bad"])
    stop = true
    await beside.clock.advance(100)
    await expect(beside.running).rejects.toThrow("no such table")
    expect(beside.clock.sleeping).toBe(0)
  })
})

describe("checkpoints", () => {
  test("only the newest position is written, at the interval, once", async () => {
    const log = new Log(1)
    log.append("a", "b", "c", "d")
    const r = rig(log.crawl)
    await r.start()
    expect(r.commits).toEqual([])
    await r.clock.advance(1000)
    expect(r.commits).toEqual(["t:4"])
    await r.clock.advance(3000)
    await r.end()
    expect(r.commits).toEqual(["t:4"])
  })

  test("a run begins where the last one ended", async () => {
    const log = new Log()
    log.append("a", "a")
    const first = rig(log.crawl)
    await first.start()
    await first.end()
    log.append("a")
    const second = rig(log.crawl, undefined, { checkpoints: first.checkpoints })
    await second.start()
    expect(second.calls).toEqual(["a:2"])
  })

  test("the established origin is where a group without a position begins, and what two first starts agree on", async () => {
    const log = new Log()
    log.append("a", "a", "a")
    const establishOrigin = async (tranche: string) => (tranche === "t" ? 2n : 0n)
    const first = rig(log.crawl, undefined, { establishOrigin })
    await first.start()
    expect(log.reads[0]).toBe("t@2")
    await rig(log.crawl, undefined, { checkpoints: first.checkpoints, establishOrigin: async () => 1n }).start()
    expect(log.reads.filter((read) => read === "t@1")).toEqual([])
  })

  test("pages without events move the checkpoint, with and without batches in progress (E-11)", async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const pages: Batch[] = [
      { items: [[StreamName.create("c", "a"), event(0)]], checkpoint: 1n, isTail: false },
      ...Array.from({ length: 50 }, (_, i) => ({ items: [], checkpoint: BigInt(i + 2), isTail: false })),
    ]
    const crawl: Crawl = async function* (_, position) {
      const page = pages[Number(position)]
      yield await Promise.resolve(page ?? { items: [], checkpoint: position, isTail: true })
    }
    const r = rig(crawl, () => gate, {}, { maxReadAhead: 2 })
    await r.start()
    await r.clock.advance(1000)
    expect(r.commits).toEqual([])
    release()
    await r.clock.advance(1000)
    expect(r.commits).toEqual(["t:51"])
    pages.push({ items: [], checkpoint: 60n, isTail: false })
    await r.clock.advance(2000)
    expect(r.commits).toEqual(["t:51", "t:60"])
  })

  function failingCheckpoints(failures: number): ICheckpoints & { stored: bigint } {
    return {
      stored: 0n,
      load: async () => 0n,
      async commit(_, __, position) {
        if (failures-- > 0) throw new Error("database down")
        this.stored = position
      },
    }
  }

  test("a failed write ends the run by default, and the last flush tries again (E-14)", async () => {
    const log = new Log()
    log.append("a")
    const checkpoints = failingCheckpoints(1)
    const r = rig(log.crawl, undefined, { checkpoints })
    await r.start()
    await r.clock.advance(1000)
    await expect(r.running).rejects.toThrow("database down")
    expect(checkpoints.stored).toBe(1n)
  })

  test("failed writes may be tolerated: the position is written with the next try", async () => {
    const log = new Log()
    log.append("a")
    const checkpoints = failingCheckpoints(2)
    const r = rig(log.crawl, undefined, { checkpoints, maxCheckpointFailures: 3 })
    await r.start()
    await r.clock.advance(2000)
    expect(checkpoints.stored).toBe(0n)
    await r.clock.advance(1000)
    expect(checkpoints.stored).toBe(1n)
  })

  test("a flush that fails at the end does not replace the error that ended the run, and is told", async () => {
    const log = new Log(1)
    log.append("a", "bad")
    const handler: EventHandler = async (stream) => {
      if (stream === "c-bad") throw new Error("handler")
    }
    const r = rig(log.crawl, handler, { checkpoints: failingCheckpoints(9) })
    await r.start()
    await expect(r.running).rejects.toThrow("handler")
    expect(r.warnings).toMatchInlineSnapshot(`
      [
        "the last checkpoint of tranche t could not be stored: database down",
      ]
    `)
  })

  test("a store that is further ahead is reported, and the run goes on", async () => {
    const log = new Log()
    log.append("a")
    const r = rig(log.crawl)
    await r.start()
    const superseded = vi.fn()
    r.source.stats.on("superseded", superseded)
    await r.checkpoints.commit("g", "t", 50n)
    await r.clock.advance(1000)
    expect(superseded).toHaveBeenCalledWith({ trancheId: "t", position: 1n, stored: 50n })
    await r.end()
    expect(await r.checkpoints.load("g", "t")).toBe(50n)
  })
})

describe("stopping", () => {
  test("aborted before start: nothing is loaded or read (E-04a)", async () => {
    const log = new Log()
    const load = vi.fn(async () => 0n)
    const r = rig(log.crawl, undefined, { checkpoints: { load, commit: async () => {} } })
    r.stop.abort()
    await r.source.start("t", r.stop.signal)
    expect([load.mock.calls.length, log.reads.length]).toEqual([0, 0])
  })

  test("aborted while the checkpoint loads: ends when it has, nothing is read (E-04b)", async () => {
    const log = new Log()
    let loaded = (_: bigint) => {}
    const load = () => new Promise<bigint>((resolve) => (loaded = resolve))
    const r = rig(log.crawl, undefined, { checkpoints: { load, commit: async () => {} } })
    await r.start()
    r.stop.abort()
    loaded(0n)
    await r.running
    expect(log.reads).toEqual([])
  })

  test("aborted while a page is read and the window then is full: ends (E-04c)", async () => {
    const log = new Log(1)
    log.append("a", "b")
    const r = rig(
      async function* (tranche, position, signal) {
        await r.clock.sleep(10)
        yield* log.crawl(tranche, position, signal)
      },
      never,
      {},
      { maxReadAhead: 1, drainTimeoutMs: 0 },
    )
    await r.start()
    r.stop.abort()
    await r.clock.advance(10)
    await r.running
  })

  test("aborted while a read hangs: ends after the drain limit (E-04d)", async () => {
    const crawl: Crawl = async function* () {
      yield await never()
    }
    const r = rig(crawl, undefined, { drainTimeoutMs: 300 })
    await r.start()
    r.stop.abort()
    let ended = false
    void r.running.then(() => (ended = true))
    await r.clock.advance(299)
    expect(ended).toBe(false)
    await r.clock.advance(1)
    await r.running
  })

  test("aborted while the stored position, or the origin, is never answered: ends after the drain limit", async () => {
    const log = new Log()
    const load: ICheckpoints["load"] = async (_, tranche, establishOrigin) => establishOrigin?.(tranche) ?? 0n
    for (const options of [
      { checkpoints: { load: never, commit: async () => {} } },
      { checkpoints: { load, commit: async () => {} }, establishOrigin: never },
    ]) {
      const r = rig(log.crawl, undefined, { ...options, drainTimeoutMs: 300 })
      await r.start()
      r.stop.abort()
      let ended = false
      void r.running.then(() => (ended = true))
      await r.clock.advance(299)
      expect(ended).toBe(false)
      await r.clock.advance(1)
      await r.running
    }
    expect(log.reads).toEqual([])
  })

  test("aborted during the pause at the tail: ends at once, without another read (H-01, H-09)", async () => {
    const log = new Log()
    const r = rig(log.crawl, undefined, { tailSleepIntervalMs: 10_000 })
    await r.start()
    r.stop.abort()
    await r.running
    expect(log.reads.length).toBe(1)
  })

  test("running calls are waited for, and their checkpoint is stored when start settles (E-17, H-11)", async () => {
    const log = new Log()
    log.append("a")
    const r = rig(log.crawl, () => r.clock.sleep(300))
    await r.start()
    r.stop.abort()
    await r.clock.advance(300)
    await r.running
    expect(await r.checkpoints.load("g", "t")).toBe(1n)
  })

  test("nothing of a run is left when it has ended: no listener, no timer (E-25)", async () => {
    const log = new Log()
    log.append("a")
    const r = rig(log.crawl, undefined, { statsIntervalMs: 50 })
    const added = vi.spyOn(r.stop.signal, "addEventListener")
    const removed = vi.spyOn(r.stop.signal, "removeEventListener")
    await r.start()
    await r.clock.advance(400)
    r.stop.abort()
    await r.running
    await r.clock.settle()
    expect(r.clock.sleeping).toBe(0)
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(added.mock.calls.length)
  })

  test("a failing load leaves no timer behind (E-25)", async () => {
    const load = () => Promise.reject(new Error("no table"))
    const checkpoints: ICheckpoints = { load, commit: async () => {} }
    const r = rig(new Log().crawl, undefined, { checkpoints, statsIntervalMs: 50 })
    await r.start()
    await expect(r.running).rejects.toThrow("no table")
    expect(r.clock.sleeping).toBe(0)
  })

  test("the same source and sink start again: nothing is left of the first run", async () => {
    const log = new Log(1)
    log.append("a", "b", "c", "d")
    let stuck = true
    const handler = () => (stuck ? never() : Promise.resolve())
    const r = rig(log.crawl, handler, {}, { drainTimeoutMs: 0 })
    await r.start()
    r.stop.abort()
    await r.clock.advance(0)
    await r.running
    stuck = false
    const again = new AbortController()
    const running = r.source.start("t", again.signal)
    await r.clock.settle()
    again.abort()
    await running
    expect(r.calls.slice(-4).sort()).toEqual(["a:0", "b:0", "c:0", "d:0"])
    expect(await r.checkpoints.load("g", "t")).toBe(4n)
  })
})

describe("several tranches", () => {
  test("a handler that fails stops all of them, with its error (E-18)", async () => {
    const log = new Log(1)
    log.append("a", "bad")
    const other = new Log(1)
    const crawl: Crawl = (tranche, position, signal) =>
      (tranche === "t1" ? log : other).crawl(tranche, position, signal)
    const handler: EventHandler = async (stream) => {
      if (stream === "c-bad") throw new Error("boom")
    }
    const r = rig(crawl, handler)
    await r.start(["t1", "t2"])
    await expect(r.running).rejects.toThrow("boom")
    const reads = other.reads.length
    other.append("x")
    await r.clock.advance(1000)
    expect(other.reads.length).toBe(reads)
    expect(r.calls).not.toContain("x:0")
  })

  test("one that cannot be read stops the others (E-02 B)", async () => {
    const log = new Log(1)
    const crawl: Crawl = (tranche, position, signal) => {
      if (tranche === "t2") throw new Error("no such partition")
      return log.crawl(tranche, position, signal)
    }
    const r = rig(crawl)
    await r.start(["t1", "t2"])
    await expect(r.running).rejects.toThrow("no such partition")
  })

  test("one that fails stops the others at once, also while its own calls are waited for, and its error counts", async () => {
    const log = new Log(1)
    const other = new Log(1)
    log.append("slow")
    let fail = false
    const crawl: Crawl = (tranche, position, signal) => {
      if (tranche === "t2" && fail) throw new Error("a later failure")
      if (tranche === "t1" && position === 1n) {
        fail = true
        throw new Error("no such partition")
      }
      return (tranche === "t1" ? log : other).crawl(tranche, position, signal)
    }
    const r = rig(crawl, (stream) => (stream === "c-slow" ? r.clock.sleep(1000) : Promise.resolve()))
    await r.start(["t1", "t2"])
    const reads = other.reads.length
    other.append("x")
    await r.clock.advance(2000)
    await expect(r.running).rejects.toThrow("no such partition")
    expect(other.reads.length).toBe(reads)
    expect(r.calls).toEqual(["slow:0"])
  })

  test("a handler's failure is the outcome also when a read fails while other calls are waited for", async () => {
    const log = new Log(1)
    log.append("slow", "bad")
    let fail = false
    const crawl: Crawl = (tranche, position, signal) => {
      if (tranche === "t2" && fail) throw new Error("a later failure")
      return (tranche === "t1" ? log : new Log(1)).crawl(tranche, position, signal)
    }
    const handler: EventHandler = async (stream) => {
      if (stream === "c-slow") return r.clock.sleep(1000)
      fail = true
      throw new Error("boom")
    }
    const r = rig(crawl, handler)
    await r.start(["t1", "t2"])
    await r.clock.advance(2000)
    await expect(r.running).rejects.toThrow("boom")
  })

  test("thirty tranches whose checkpoints load at different speeds keep order, limits and safety (E-02, E-03)", async () => {
    const logs = new Map<string, Log>()
    const tranches = Array.from({ length: 30 }, (_, i) => `t${i}`)
    for (const t of tranches) {
      const log = new Log(3)
      logs.set(t, log)
      for (let i = 0; i < 20; i++) log.append(`${t}x${i % 2}`, `${t}x${i % 2}`)
    }
    const memory = new MemoryCheckpoints()
    const handled = new Map<string, number>()
    const busy = new Set<string>()
    const violations: string[] = []
    const handler: EventHandler = async (stream, events) => {
      if (busy.has(stream) || busy.size >= 4) violations.push(`busy ${stream}`)
      if (Number(events[0]?.index) !== (handled.get(stream) ?? 0)) violations.push(`order ${stream}`)
      busy.add(stream)
      await r.clock.sleep(events.length)
      busy.delete(stream)
      handled.set(stream, Number(events.at(-1)?.index) + 1)
    }
    const crawl: Crawl = (t, position, signal) => (logs.get(t) as Log).crawl(t, position, signal)
    const r = rig(crawl, handler, {
      checkpointIntervalMs: 25,
      checkpoints: {
        load: async (g, t) => {
          await r.clock.sleep(7 * Number(t.slice(1)))
          return memory.load(g, t)
        },
        commit: (g, t, position) => {
          const below = (logs.get(t) as Log).entries.slice(0, Number(position))
          for (const [stream, { index }] of below)
            if ((handled.get(stream) ?? 0) <= Number(index))
              violations.push(`commit ${t}:${position} before ${stream} ${index}`)
          return memory.commit(g, t, position)
        },
      },
    })
    await r.start(tranches)
    await r.clock.advance(2000)
    await r.end()
    expect(violations).toEqual([])
    for (const t of tranches) expect(await memory.load("g", t)).toBe(40n)
  })
})

describe("callbacks that fail", () => {
  const failing = () => {
    throw new Error("callback")
  }

  test.each(["ingested", "completed", "tail"] as const)(
    "a throwing listener on %s fails the run (E-07)",
    async (name) => {
      const log = new Log()
      log.append("a")
      const r = rig(log.crawl)
      r.source.stats.on(name, failing)
      await r.start()
      await expect(r.running).rejects.toThrow("callback")
    },
  )

  test("a throwing listener on superseded is no failed write: it fails the run at once", async () => {
    const log = new Log()
    log.append("a")
    const r = rig(log.crawl, undefined, { maxCheckpointFailures: 3 })
    r.source.stats.on("superseded", failing)
    await r.start()
    await r.checkpoints.commit("g", "t", 50n)
    await r.clock.advance(1000)
    await expect(r.running).rejects.toThrow("callback")
  })

  test("a warning that cannot be given does not replace the error that ended the run", async () => {
    const log = new Log(1)
    log.append("a", "bad")
    const handler: EventHandler = async (stream) => {
      if (stream === "c-bad") throw new Error("handler")
    }
    const checkpoints: ICheckpoints = { load: async () => 0n, commit: () => Promise.reject(new Error("database down")) }
    const r = rig(log.crawl, handler, { checkpoints, warn: failing })
    await r.start()
    await expect(r.running).rejects.toThrow("handler")
  })

  test.each<[string, Partial<ICheckpoints>]>([
    ["load throws", { load: failing }],
    ["commit throws", { commit: failing }],
  ])("a store whose %s instead of rejecting fails the run", async (_, store) => {
    const log = new Log()
    log.append("a")
    const r = rig(log.crawl, undefined, { checkpoints: { load: async () => 0n, commit: async () => {}, ...store } })
    await r.start()
    await r.clock.advance(1000)
    await expect(r.running).rejects.toThrow("callback")
  })

  test("a sink whose start throws instead of rejecting fails the run, and leaves no listener", async () => {
    const sink = { start: failing, pump: () => {}, addTracingAttrs: () => {} }
    const r = rig(new Log().crawl, undefined, { sink })
    const added = vi.spyOn(r.stop.signal, "addEventListener")
    const removed = vi.spyOn(r.stop.signal, "removeEventListener")
    await r.start()
    await expect(r.running).rejects.toThrow("callback")
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
    expect(r.clock.sleeping).toBe(0)
  })

  test("a sink that completes a younger batch first is told, and no position passes the older one (H-05)", async () => {
    const log = new Log(1)
    log.append("a", "b")
    const completions: (() => void)[] = []
    const sink: Sink = {
      start: (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
      pump: ({ onComplete }) => void completions.push(onComplete),
      addTracingAttrs: () => {},
    }
    const r = rig(log.crawl, undefined, { sink })
    await r.start()
    expect(completions[1]).toThrowErrorMatchingInlineSnapshot(
      `[Error: a sink completed a batch before an older one, or twice]`,
    )
    await r.end()
    expect(r.commits).toEqual([])
  })
})

describe("what a feed or a store may not answer", () => {
  test("a stored position that is no bigint fails the run", async () => {
    const load = () => Promise.resolve(undefined as unknown as bigint)
    const r = rig(new Log().crawl, undefined, { checkpoints: { load, commit: async () => {} } })
    await r.start()
    await expect(r.running).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: tranche t: the position that the checkpoint store loaded must be a bigint, received undefined]`,
    )
  })

  test("a page's checkpoint that is no bigint fails the run", async () => {
    const r = rig(async function* () {
      yield await Promise.resolve({ items: [], checkpoint: 5 as unknown as bigint, isTail: false })
    })
    await r.start()
    await expect(r.running).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: tranche t: the checkpoint of a page must be a bigint, received number]`,
    )
  })

  test("a crawl that yields the same page object again has yielded a page, and found no tail by it", async () => {
    const empty: Batch = { items: [], checkpoint: 0n, isTail: false }
    const r = rig(async function* () {
      yield await Promise.resolve(empty)
    })
    const tail = vi.fn()
    r.source.stats.on("tail", tail)
    await r.start()
    expect(tail).not.toHaveBeenCalled()
  })
})

describe("leaving a crawl", () => {
  /** Pages of one event, and what becomes of the crawl that yields them. */
  function watched(log: Log, cleanUp: () => Promise<void> = async () => {}) {
    const seen = { open: 0 }
    const crawl: Crawl = async function* (tranche, position, signal) {
      seen.open++
      try {
        for (let from = position; ; from++)
          for await (const page of log.crawl(tranche, from, signal)) {
            if (page.items.length === 0) return
            yield page
          }
      } finally {
        await cleanUp()
        seen.open--
      }
    }
    return { crawl, seen }
  }

  test.each(["abort", "failure"])("a crawl that is left in the middle by %s is closed", async (how) => {
    const log = new Log(1)
    log.append("a", "b", "c")
    const { crawl, seen } = watched(log)
    const r = rig(crawl)
    r.source.stats.on("ingested", ({ checkpoint }) => {
      if (checkpoint < 2n) return
      if (how === "failure") throw new Error("listener")
      r.stop.abort()
    })
    await r.start()
    await r.running.catch(() => undefined)
    expect(seen.open).toBe(0)
  })

  test.each(["abort", "failure"])(
    "one that cannot be closed delays the end, after %s, by the drain limit",
    async (how) => {
      const log = new Log(1)
      log.append("a", "b", "c")
      const r = rig(watched(log, never).crawl, undefined, { drainTimeoutMs: 300 })
      r.source.stats.on("ingested", () => {
        if (how === "failure") throw new Error("listener")
        r.stop.abort()
      })
      await r.start()
      const ended = vi.fn()
      r.running.then(ended, ended)
      await r.clock.advance(299)
      expect(ended).not.toHaveBeenCalled()
      await r.clock.advance(1)
      expect(ended).toHaveBeenCalledOnce()
      expect(r.clock.sleeping).toBe(0)
    },
  )
})

describe("several sources", () => {
  test("a call that outlives the source it was made for disturbs neither the other nor the next run", async () => {
    const log = new Log()
    log.append("slow")
    const other = new Log()
    const clock = new ManualClock()
    let release = () => {}
    const sink = StreamsSink.create({
      handler: (stream) =>
        stream === "c-slow" ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve(),
      maxConcurrentStreams: 2,
      maxReadAhead: 2,
      drainTimeoutMs: 10,
      clock,
    })
    const sourceOf = (crawl: Crawl) =>
      new TailingFeedSource({
        crawl,
        sink,
        checkpoints: new MemoryCheckpoints(),
        groupName: "g",
        tailSleepIntervalMs: 10,
        checkpointIntervalMs: 10,
        clock,
      })
    const [a, b] = [sourceOf(log.crawl), sourceOf(other.crawl)]
    const [stopA, stopB] = [new AbortController(), new AbortController()]
    const runA = a.start("t", stopA.signal)
    const runB = b.start("t", stopB.signal)
    await clock.advance(10)
    stopA.abort()
    await clock.advance(10)
    await runA
    const again = new AbortController()
    const runAgain = a.start("t", again.signal)
    await clock.advance(20)
    release()
    await clock.advance(20)
    other.append("x")
    const tail = Promise.all([a.stats.waitForTail(), b.stats.waitForTail()])
    await clock.advance(50)
    await tail
    again.abort()
    stopB.abort()
    await clock.advance(10)
    await Promise.all([runAgain, runB])
  })
})

/**
 * Everything outside fails or is stopped at any time; then the same source starts again, as often as it takes. What
 * must hold: every start settles, no position is stored before all below it is handled, nothing is left behind, and
 * in the end all is handled.
 */
test("whatever fails or stops whenever: every start ends, no position passes what is not handled, nothing is left", async () => {
  const outside = ["load", "crawl", "read", "handler", "result", "commit", "listener", "abort"] as const
  const scenario = fc.record({
    ids: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 25 }),
    size: fc.integer({ min: 1, max: 4 }),
    tolerated: fc.integer({ min: 1, max: 3 }),
    drainTimeoutMs: fc.constantFrom(0, 5, 1000),
    faults: fc.array(fc.record({ where: fc.constantFrom(...outside), after: fc.integer({ min: 0, max: 8 }) }), {
      maxLength: 6,
    }),
    pauses: fc.infiniteStream(fc.integer({ min: 0, max: 12 })),
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ ids, size, tolerated, drainTimeoutMs, faults, pauses }) => {
      const logs = { t1: new Log(size), t2: new Log(size) }
      logs.t1.append(...ids)
      logs.t2.append(...ids.map((id) => `${id}2`))
      const handled = new Map<string, number>()
      const memory = new MemoryCheckpoints()
      const violations: string[] = []
      let fault: (typeof faults)[number] | undefined
      let stop = new AbortController()
      const meet = (where: (typeof outside)[number]) => {
        if (fault === undefined || (fault.where !== where && fault.where !== "abort") || fault.after-- > 0) return
        if (fault.where === "abort") stop.abort()
        else {
          fault = undefined
          throw new Error(where)
        }
      }
      const clock = new ManualClock()
      const pause = () => clock.sleep(pauses.next().value as number)
      const sink = StreamsSink.create({
        maxConcurrentStreams: 2,
        maxReadAhead: 2,
        drainTimeoutMs,
        clock,
        handler: async (stream, events) => {
          meet("handler")
          await pause()
          meet("result")
          handled.set(stream, Math.max(handled.get(stream) ?? 0, Number(events.at(-1)?.index) + 1))
        },
      })
      const source = new TailingFeedSource({
        crawl: (tranche, position, signal) => {
          meet("crawl")
          const pages = logs[tranche as "t1" | "t2"].crawl(tranche, position, signal)
          return (async function* () {
            await pause()
            meet("read")
            yield* pages
          })()
        },
        sink,
        checkpoints: {
          load: async (group, tranche) => {
            await pause()
            meet("load")
            return memory.load(group, tranche)
          },
          commit: async (group, tranche, position) => {
            for (const [stream, { index }] of logs[tranche as "t1" | "t2"].entries.slice(0, Number(position)))
              if ((handled.get(stream) ?? 0) <= Number(index))
                violations.push(`${tranche}:${position} stored too early`)
            await pause()
            meet("commit")
            return memory.commit(group, tranche, position)
          },
        },
        groupName: "g",
        tailSleepIntervalMs: 20,
        checkpointIntervalMs: 9,
        maxCheckpointFailures: tolerated,
        drainTimeoutMs: 20,
        statsIntervalMs: 11,
        clock,
        warn: () => {},
      })
      source.stats.on("completed", () => meet("listener"))
      for (const next of [...faults, undefined]) {
        fault = next && { ...next }
        stop = new AbortController()
        const added = vi.spyOn(stop.signal, "addEventListener")
        const removed = vi.spyOn(stop.signal, "removeEventListener")
        let settled = false
        const running = source.start(["t1", "t2"], stop.signal).finally(() => (settled = true))
        running.catch(() => undefined)
        await clock.advance(400)
        stop.abort()
        await clock.advance(1100)
        if (!settled) violations.push(`a start with ${next?.where} does not end`)
        else if (next === undefined || next.where === "abort") await running
        if (removed.mock.calls.length !== added.mock.calls.length) violations.push("a listener is left")
        if (clock.sleeping > 0) violations.push("a timer is left")
        if (violations.length > 0) break
      }
      expect(violations).toEqual([])
      for (const t of ["t1", "t2"]) expect(await memory.load("g", t)).toBe(BigInt(ids.length))
    }),
    { numRuns: 30 },
  )
})

describe("options", () => {
  const valid: TailingFeedSourceOptions = {
    crawl: new Log().crawl,
    sink: StreamsSink.create({ handler: async () => {}, maxConcurrentStreams: 1, maxReadAhead: 1 }),
    checkpoints: new MemoryCheckpoints(),
    groupName: "g",
    tailSleepIntervalMs: 1,
    checkpointIntervalMs: 1,
  }
  test.each([
    [{ crawl: 1 }],
    [{ sink: {} }],
    [{ checkpoints: undefined }],
    [{ groupName: "" }],
    [{ tailSleepIntervalMs: -1 }],
    [{ checkpointIntervalMs: Infinity }],
    [{ statsIntervalMs: "5" }],
    [{ establishOrigin: 5n }],
    [{ maxCheckpointFailures: 0 }],
  ])("%o is refused with its name and value (E-22)", (wrong) => {
    const create = () => new TailingFeedSource({ ...valid, ...wrong } as unknown as TailingFeedSourceOptions)
    expect(create).toThrowErrorMatchingSnapshot()
  })
})
