import type { ICheckpoints } from "../../engine/checkpoints.js"

/** Positions outside of all processes: what a process asks of them are requests and replies, so no function goes along. */
export class KeptPositions {
  readonly #positions = new Map<string, bigint>()

  async find(key: string): Promise<bigint | undefined> {
    return this.#positions.get(key)
  }

  /** Answers what is stored, which is `origin` if nothing was. */
  async establish(key: string, origin: bigint): Promise<bigint> {
    const stored = this.#positions.get(key) ?? origin
    this.#positions.set(key, stored)
    return stored
  }

  /** Answers what is stored: `position`, or more. */
  async raise(key: string, position: bigint): Promise<bigint> {
    const stored = this.#positions.get(key) ?? 0n
    return position > stored ? this.replace(key, position) : stored
  }

  async replace(key: string, position: bigint): Promise<bigint> {
    this.#positions.set(key, position)
    return position
  }
}

const keyOf = (group: string, tranche: string) => `${group} ${tranche}`

/** Checkpoints that are kept there. */
export const keptCheckpoints = (positions: KeptPositions): ICheckpoints => ({
  async load(group, tranche, establishOrigin) {
    const key = keyOf(group, tranche)
    const known = await positions.find(key)
    return known ?? positions.establish(key, (await establishOrigin?.(tranche)) ?? 0n)
  },
  commit: (group, tranche, position) => positions.raise(keyOf(group, tranche), position),
})
