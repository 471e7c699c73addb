import type { ICheckpoints } from "./checkpoints.js"

interface Entry {
  position: bigint | undefined
  waiters: { readonly atLeast: bigint; readonly resolve: () => void }[]
}

/** Checkpoints that live as long as the process: for tests and for sources that replay from the start. */
export class MemoryCheckpoints implements ICheckpoints {
  readonly #entries = new Map<string, Entry>()

  async load(
    groupName: string,
    trancheId: string,
    establishOrigin?: (tranche: string) => Promise<bigint>,
  ): Promise<bigint> {
    const entry = this.#entry(groupName, trancheId)
    if (entry.position !== undefined) return entry.position
    const origin = establishOrigin === undefined ? 0n : await establishOrigin(trancheId)
    // Somebody else may have stored theirs while the origin was looked up.
    if (entry.position === undefined) this.#store(entry, origin)
    return entry.position ?? origin
  }

  commit(groupName: string, trancheId: string, position: bigint): Promise<bigint> {
    const entry = this.#entry(groupName, trancheId)
    if (entry.position === undefined || position > entry.position) this.#store(entry, position)
    return Promise.resolve(entry.position ?? position)
  }

  /** Sets the position whatever it was: the only way back. */
  override(groupName: string, trancheId: string, position: bigint): Promise<void> {
    this.#store(this.#entry(groupName, trancheId), position)
    return Promise.resolve()
  }

  /** Resolves when the stored position is at least `position`; at once if it is already. */
  waitForCheckpoint(groupName: string, trancheId: string, position: bigint): Promise<void> {
    const entry = this.#entry(groupName, trancheId)
    if (entry.position !== undefined && entry.position >= position) return Promise.resolve()
    return new Promise((resolve) => entry.waiters.push({ atLeast: position, resolve }))
  }

  #entry(groupName: string, trancheId: string): Entry {
    const key = JSON.stringify([groupName, trancheId])
    let entry = this.#entries.get(key)
    if (entry === undefined) this.#entries.set(key, (entry = { position: undefined, waiters: [] }))
    return entry
  }

  #store(entry: Entry, position: bigint): void {
    entry.position = position
    const waiters = entry.waiters
    if (waiters.length === 0) return
    entry.waiters = waiters.filter((waiter) => waiter.atLeast > position)
    for (const waiter of waiters) if (waiter.atLeast <= position) waiter.resolve()
  }
}
