/*
 * States of streams, kept in memory between calls; the least recently used go first.
 *
 * What a load made of the value held takes its place. If another value came meanwhile, the one of the higher version
 * stays: a load that began before a write and ends after it does not bring the older state back.
 */
import type { Clock } from "../../engine/clock.js"
import { systemClock } from "../../engine/clock.js"
import { checkOptions, has, integer, optional } from "../../engine/options.js"

export interface Versioned {
  readonly version: bigint
}

/** What a category needs of a cache. Keys hold the table's name, so one cache serves several tables (but one account and region). */
export interface Cache {
  /**
   * The value held, if it was current less than `maxStaleMs` ago; else what `load` makes of the one held. A load of the
   * same key that began less than `maxStaleMs` ago is waited for; with 0 each call asks for itself.
   */
  readThrough<Value extends Versioned>(
    key: string,
    maxStaleMs: number,
    load: (held: Value | undefined) => Promise<Value>,
  ): Promise<Value>
  /** Takes a value that was current at `at` (milliseconds since the Unix epoch), unless one of a higher version is held. */
  put(key: string, at: number, value: Versioned): void
}

interface Entry {
  readonly value: Versioned
  readonly at: number
}

interface Load {
  readonly startedAt: number
  readonly value: Promise<Versioned>
}

/** Categories freeze the states they put here (see `DynamoStoreCategory`), so callers share them without harm. */
export class MemoryCache implements Cache {
  readonly #max: number
  readonly #clock: Clock
  /** The least recently used comes first. */
  readonly #entries = new Map<string, Entry>()
  readonly #loads = new Map<string, Load>()

  /**
   * @param options `max`: entries, default 1 000 000; `clock`: default the machine's. A number is taken for `max`.
   * @throws InvalidOptionError
   */
  constructor(options: number | { readonly max?: number; readonly clock?: Clock } = {}) {
    const given = typeof options === "number" ? { max: options } : options
    checkOptions("MemoryCache", { max: optional(integer(1)), clock: optional(has("now")) }, given)
    this.#max = given.max ?? 1_000_000
    this.#clock = given.clock ?? systemClock
  }

  async readThrough<Value extends Versioned>(
    key: string,
    maxStaleMs: number,
    load: (held: Value | undefined) => Promise<Value>,
  ): Promise<Value> {
    const now = this.#clock.now()
    const entry = this.#touch(key)
    if (entry !== undefined && isWithin(maxStaleMs, entry.at, now)) return entry.value as Value
    const inFlight = this.#loads.get(key)
    if (inFlight !== undefined && isWithin(maxStaleMs, inFlight.startedAt, now)) return (await inFlight.value) as Value
    return this.#load(key, now, entry, load)
  }

  put(key: string, at: number, value: Versioned): void {
    const held = this.#touch(key)
    if (held === undefined || value.version >= held.value.version) this.#set(key, { value, at })
  }

  async #load<Value extends Versioned>(
    key: string,
    at: number,
    from: Entry | undefined,
    load: (held: Value | undefined) => Promise<Value>,
  ): Promise<Value> {
    const started: Load = { startedAt: at, value: load(from?.value as Value | undefined) }
    this.#loads.set(key, started)
    try {
      const value = (await started.value) as Value
      const held = this.#entries.get(key)
      if (held === from || held === undefined || value.version > held.value.version) this.#set(key, { value, at })
      return value
    } finally {
      if (this.#loads.get(key) === started) this.#loads.delete(key)
    }
  }

  #touch(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#set(key, entry)
    return entry
  }

  #set(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size > this.#max) this.#entries.delete(this.#entries.keys().next().value!)
  }
}

/** What lies in the future is of a clock that has been put back since: nobody knows how old it is. */
const isWithin = (ms: number, at: number, now: number): boolean => ms === Infinity || (at <= now && now - at < ms)
