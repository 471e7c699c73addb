import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns, type RunStarted } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"

export const tailDiscipline: Property = {
  id: "I-24",
  title: "Tail discipline",
  statement:
    "Each read begins at the checkpoint of the page before it, also when it is the repetition of one that failed. After a page that was the tail nothing is read for tailSleepIntervalMs; after any other page the source does not sleep. Reads that fail in a row come further and further apart.",
  weakened:
    "Sleep is seen where the clock of the source is observed, and is not told apart where checkpointIntervalMs is the same. As pauses between repetitions are drawn from 0 up to a bound, only many in a row are known to be too short: 20 failures, with at least ten pauses of whatever bound, take half of that bound but once in billions of times. In real time a timer may fire a millisecond early. Of a run whose pause is not told, such as on DynamoStore, where pages are known by what was read of the index, only the beginnings of reads are looked at.",
  takes: ["RunStarted", "RunEnded", "Crashed", "Loaded", "PageRead", "ReadFailed", "Slept"],
  monitor: () => new TailDiscipline(),
}

interface Run {
  /** Undefined where it is not told, so that nothing is known of pauses. */
  readonly tailSleepMs: number | undefined
  /** Where the next read has to begin; undefined while nothing was read. */
  next: bigint | undefined
  /** When the tail was read, if it was the last page. */
  tail: number | undefined
  /** The least that so many failures in a row take; undefined where it is not told how they are repeated. */
  readonly leastMs: number | undefined
  /** When the last reads failed, since there was one that did not. */
  failed: number[]
}

interface Sink {
  readonly tailSleepMs: number | undefined
  /** Pages that were the tail, of all its tranches, for each of which it may sleep once. */
  tails: number
  sleeps: number
}

type Of<K extends Happening["kind"]> = Extract<TraceEvent, { kind: K }>

const earlyMs = 1
const failuresInARow = 20
/** The bound of the pause after so many failures is that of ten more, or less. */
const doublings = 9

/** Keeps the last page of each run. */
class TailDiscipline implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns(
    ({ tailSleepIntervalMs, readBackOffMs, maxReadBackOffMs = Infinity }: RunStarted): Run => ({
      tailSleepMs: tailSleepIntervalMs,
      next: undefined,
      tail: undefined,
      leastMs: readBackOffMs && Math.min(maxReadBackOffMs, readBackOffMs * 2 ** doublings) / 2,
      failed: [],
    }),
  )
  readonly #sinks = new LiveSinks(({ tailSleepIntervalMs, checkpointIntervalMs }: RunStarted): Sink => ({
    tailSleepMs: tailSleepIntervalMs === checkpointIntervalMs ? undefined : tailSleepIntervalMs,
    tails: 0,
    sleeps: 0,
  }))

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    this.#sinks.observe(event)
    switch (event.kind) {
      case "PageRead":
        return this.#read(event)
      case "Loaded":
        this.#succeeded(event.run)
        return undefined
      case "ReadFailed":
        return this.#failed(event)
      case "Slept":
        return this.#slept(event)
      default:
        return undefined
    }
  }

  #succeeded(name: string): void {
    const run = this.#runs.get(name)
    if (run !== undefined && run.failed.length > 0) run.failed = []
  }

  #failed({ run: name, class: failureClass, t }: Of<"ReadFailed">): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined || failureClass !== "transient") return undefined
    const { leastMs, failed } = run
    if (leastMs === undefined) return undefined
    failed.push(t)
    if (failed.length < failuresInARow) return undefined
    this.checked++
    const tookMs = t - failed.shift()!
    if (tookMs >= leastMs - failuresInARow * earlyMs) return undefined
    return `${name}: ${failuresInARow} reads in a row have failed within ${tookMs} ms, which with pauses between them take ${leastMs} ms at least: busy polling`
  }

  #read({ run: name, seq, from, checkpoint, isTail, t }: Of<"PageRead">): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined) return undefined
    this.#succeeded(name)
    if (isTail) this.#sinks.ofRun(name)!.tails++
    const { next, tail, tailSleepMs = 0 } = run
    run.next = checkpoint
    run.tail = isTail ? t : undefined
    if (next === undefined) return undefined
    this.checked++
    if (from !== next) return `${name}: page #${seq} was read from ${from}, the page before it ended at ${next}`
    if (tail === undefined || t - tail >= tailSleepMs - earlyMs) return undefined
    return `${name}: page #${seq} was read ${t - tail} ms after the tail was found, the pause at the tail is ${tailSleepMs} ms: busy polling`
  }

  #slept({ sink: name, ms }: Of<"Slept">): string | undefined {
    const sink = this.#sinks.get(name)
    if (sink?.tailSleepMs !== ms) return undefined
    this.checked++
    if (++sink.sleeps <= sink.tails) return undefined
    return `${name}: has slept for ${ms} ms after a page that was not the tail: ${sink.sleeps} sleeps, ${sink.tails} pages that were`
  }
}
