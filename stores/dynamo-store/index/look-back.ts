/*
 * The closed epochs before the open one, as far as an indexer looks back.
 *
 * A closed epoch never changes, so what was once read of it stays true. Folds are kept newest first, up to a number of
 * streams; those that do not fit are read again whenever they are asked for.
 */
import type { DynamoStoreContext } from "../dynamo-store-context.js"
import { EpochFold } from "./epoch-fold.js"

/** Streams in all folds that are kept, some 100 bytes each. */
const maxStreams = 500_000

export interface Past {
  /** Index after what is indexed of a stream; undefined where nothing is known of it. */
  readonly nextOf: (stream: string) => number | undefined
}

export class LookBack {
  readonly #context: DynamoStoreContext
  readonly #partition: string
  readonly #epochs: number
  #kept: EpochFold[] = []

  /** @param epochs how many epochs before the open one are looked at */
  constructor(context: DynamoStoreContext, partition: string, epochs: number) {
    this.#context = context
    this.#partition = partition
    this.#epochs = epochs
  }

  /** Takes an epoch that has just been left behind. */
  add(closed: EpochFold): void {
    this.#keep([closed, ...this.#kept.filter(({ epoch }) => epoch !== closed.epoch)])
  }

  /**
   * What is known of streams from the epochs before `open`. Where all epochs were looked at, a stream without events in
   * them is known to start at 0.
   */
  async before(open: number): Promise<Past> {
    const oldest = Math.max(0, open - this.#epochs)
    const folds: EpochFold[] = []
    for (let epoch = open - 1; epoch >= oldest; epoch--) folds.push(await this.#fold(epoch))
    this.#keep(folds)
    const isComplete = oldest === 0 && folds.every(({ isClosed }) => isClosed)
    return { nextOf: (stream) => highest(folds, stream) ?? (isComplete ? 0 : undefined) }
  }

  async #fold(epoch: number): Promise<EpochFold> {
    const kept = this.#kept.find((fold) => fold.epoch === epoch)
    if (kept !== undefined) return kept
    const fold = new EpochFold(this.#context, this.#partition, epoch)
    await fold.refresh()
    return fold
  }

  #keep(folds: readonly EpochFold[]): void {
    this.#kept = []
    let room = maxStreams
    for (const fold of folds.filter(({ isClosed }) => isClosed).sort((a, b) => b.epoch - a.epoch)) {
      room -= fold.streams
      if (this.#kept.length === this.#epochs || room < 0) return
      this.#kept.push(fold)
    }
  }
}

/** Not simply the newest: an indexer without look-back may have indexed the start of a stream once more. */
function highest(folds: readonly EpochFold[], stream: string): number | undefined {
  let next: number | undefined
  for (const fold of folds) {
    const ofFold = fold.nextOf(stream)
    if (ofFold !== undefined && (next === undefined || ofFold > next)) next = ofFold
  }
  return next
}
