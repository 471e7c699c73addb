import { createHash } from "node:crypto"

/**
 * The seed of run `n` (from 0) of a check with the given seed. The first run has the check's own seed, so that a later
 * run is repeated alone by a check of one run with that run's seed. Others are integers of 48 bits.
 */
export function seedOfRun(seed: number | string, n: number): number | string {
  if (n === 0) return seed
  return Number.parseInt(
    createHash("sha256")
      .update(`${typeof seed} ${seed} ${n}`)
      .digest("hex")
      .slice(0, 12),
    16,
  )
}
