/**
 * The numbers that order what happens in streams: records, and where shards begin and end. Inside they are integers from
 * 1; as text they all have 21 digits, so that they are in the same order as text and as numbers.
 */
export class SequenceNumbers {
  #last = 0

  /** The newest number that was given out. */
  get last(): number {
    return this.#last
  }

  next(): number {
    return ++this.#last
  }
}

const base = 100_000_000_000_000_000_000n

export function sequenceText(sequence: number): string {
  return (base + BigInt(sequence)).toString()
}

/** The number that a text of decimal digits stands for; one that was never given out may be 0, negative or very large. */
export function sequenceOf(text: string): number {
  return Number(BigInt(text) - base)
}
