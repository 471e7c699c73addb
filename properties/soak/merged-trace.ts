/*
 * One trace out of those of several processes. Each process writes its events down in order, with the time of a clock that
 * all of them share. An event is handed on when every process that still lives has come past its time, less a second for
 * one that is between looking at the clock and writing: so what happened first comes first, whoever tells it.
 */
import type { Happening, TraceEvent } from "../../sim/trace.js"
import type { StampedEvent } from "./stamped-line.js"

const slack = 1_000_000_000n

/** One process, as it tells of itself. */
export interface Teller {
  /** See `ConsumerProcess.toldUntil`. */
  toldUntil(now: bigint): bigint | undefined
  read(): readonly StampedEvent[]
}

export class MergedTrace {
  readonly #began: bigint
  readonly #tellers = new Set<Teller>()
  readonly #onEvent: (event: TraceEvent) => void
  /** In the order of their times. */
  #waiting: StampedEvent[] = []
  #count = 0
  #until: bigint
  #handedOn = 0n

  constructor(began: bigint, onEvent: (event: TraceEvent) => void) {
    this.#began = began
    this.#until = began
    this.#onEvent = onEvent
  }

  add(teller: Teller): void {
    this.#tellers.add(teller)
  }

  /** Reads a teller to its end: it has none to tell any more. */
  remove(teller: Teller): void {
    this.#waiting.push(...teller.read())
    this.#tellers.delete(teller)
  }

  /** Whether everything that happened before this time was handed on. */
  isPast(ns: bigint): boolean {
    return this.#handedOn >= ns
  }

  /** Something that this process knows of. */
  tell(ns: bigint, happening: Happening): void {
    this.#waiting.push({ ns, event: { ...happening, n: 0, t: 0 } })
  }

  /** Hands on what nobody can come before any more. */
  advance(now: bigint): void {
    let until = now
    for (const teller of this.#tellers) {
      const told = teller.toldUntil(now)
      if (told !== undefined && told < until) until = told
      this.#waiting.push(...teller.read())
    }
    this.#handOn(until - slack)
    this.#handedOn = until - slack
  }

  /** Hands on all that is left. */
  end(): void {
    for (const teller of this.#tellers) this.remove(teller)
    this.#handOn(undefined)
  }

  #handOn(until: bigint | undefined): void {
    // Sorting is stable: of one time, what was told first comes first.
    const sorted = this.#waiting.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0))
    const later = until === undefined ? -1 : sorted.findIndex(({ ns }) => ns >= until)
    const due = later < 0 ? sorted : sorted.slice(0, later)
    this.#waiting = later < 0 ? [] : sorted.slice(later)
    for (const { ns, event } of due) {
      // What was held back for too long still comes after what was handed on already.
      if (ns > this.#until) this.#until = ns
      // The turns of one process are nothing to another.
      const { turn: _, ...happening } = event
      this.#onEvent({ ...happening, n: this.#count++, t: Number((this.#until - this.#began) / 1_000_000n) })
    }
  }
}
