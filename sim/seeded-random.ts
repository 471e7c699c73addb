import seedrandom from "seedrandom"
import type { Random } from "../engine/random.js"

/** Randomness from a seed: same seed, same sequence, on every platform. */
export interface SeededRandom extends Random {
  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number
  /** True with probability `rate`. */
  chance(rate: number): boolean
  /** One element; an error for an empty list. */
  pick<T>(from: readonly T[]): T
  /** A new order; the argument stays as it is. */
  shuffle<T>(from: readonly T[]): T[]
  /** An independent source, named: drawing from it does not disturb this one. */
  fork(name: string): SeededRandom
}

/**
 * A source of randomness that depends on the seed and on nothing else. `7` and `"7"` are the same seed.
 *
 * The generator is Alea of the `seedrandom` package: it works on doubles alone, so it gives the same numbers on every
 * platform, and seeding it costs a fraction of seeding the package's default (ARC4). Seeding is what
 * counts here: every run has a new seed, and every process, fault plan and strategy of a run has a fork of its own.
 */
export function seededRandom(seed: string | number): SeededRandom {
  return new AleaRandom(String(seed))
}

class AleaRandom implements SeededRandom {
  readonly #seed: string
  /** Seeded with the first draw: most forks are never drawn from. */
  #draw: (() => number) | undefined

  constructor(seed: string) {
    this.#seed = seed
  }

  next(): number {
    this.#draw ??= seedrandom.alea(this.#seed)
    return this.#draw()
  }

  integer(min: number, max: number): number {
    if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max))
      throw new RangeError(`integer(min, max) needs two integers in order, received ${min} and ${max}`)
    return min + Math.floor(this.next() * (max - min + 1))
  }

  chance(rate: number): boolean {
    return this.next() < rate
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError("pick(from) needs at least one element, received an empty list")
    return from[this.integer(0, from.length - 1)] as T
  }

  shuffle<T>(from: readonly T[]): T[] {
    const order = [...from]
    for (let last = order.length - 1; last > 0; last--) {
      const other = this.integer(0, last)
      ;[order[last], order[other]] = [order[other] as T, order[last] as T]
    }
    return order
  }

  uuid(): string {
    const word = () => Math.floor(this.next() * 0x1_0000_0000)
    const hex = [word(), word(), word(), word()].map((w) => w.toString(16).padStart(8, "0")).join("")
    // Version 4 in the 13th digit, variant 10xx in the 17th (RFC 9562).
    const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) & 3]
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  fork(name: string): SeededRandom {
    // The quotes keep `fork("a").fork("b")` and `fork("a/b")` apart.
    return new AleaRandom(`${this.#seed}/${JSON.stringify(name)}`)
  }
}

/** The same source; tells of every draw from it, not of those from its forks. */
export function watched(source: SeededRandom, drawn: () => void): SeededRandom {
  return {
    next: () => (drawn(), source.next()),
    integer: (min, max) => (drawn(), source.integer(min, max)),
    chance: (rate) => (drawn(), source.chance(rate)),
    pick: <T>(from: readonly T[]) => (drawn(), source.pick(from)),
    shuffle: <T>(from: readonly T[]) => (drawn(), source.shuffle(from)),
    uuid: () => (drawn(), source.uuid()),
    fork: (name) => source.fork(name),
  }
}
