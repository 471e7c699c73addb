/** A fault planted into the engine or the store's adapters: one line is another. */
export interface Mutant {
  /** What the mutated code does wrong, in a few words. */
  readonly name: string
  /** Id of the property that has to catch it; `run` when the store itself is broken. Others may as well. */
  readonly property: string
  /** The history that shows it. */
  readonly history: HistoryName
  /** From the repository's root. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
}

export type HistoryName =
  | "one consumer"
  | "several categories"
  | "consumer group"
  | "two instances"
  | "small epochs"
  | "old replicas"
  | "two indexers"
  | "several writers"
