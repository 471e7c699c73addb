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
