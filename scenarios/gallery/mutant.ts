/** One line is another. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** A fault planted into the engine or the store's adapters. */
export interface Mutant extends Edit {
  /** What the mutated code does wrong, in a few words. */
  readonly name: string
  /** Id of the property that has to catch it; `run` when the store itself is broken. Others may as well. */
  readonly property: string
  /** The history that shows it. */
  readonly history: HistoryName
  /** Where one line does not make the fault. */
  readonly also?: Edit
}

export type HistoryName =
  | "one consumer"
  | "complete streams"
  | "late events"
  | "left behind"
  | "no progress at first"
  | "several categories"
  | "failures that meet"
  | "handled at once"
  | "few idle streams"
  | "stop and start"
  | "store away"
  | "consumer group"
  | "two instances"
  | "from the tail"
  | "small epochs"
  | "old replicas"
  | "two indexers"
  | "several writers"
