/** Events of a stream that are not in the index, although later ones are about to be. */
export interface Gap {
  readonly stream: string
  /** Index of the first event that is missing. */
  readonly expected: number
  /** Index of the first event that is there. */
  readonly found: number
}

/** Gaps that are left as they are. */
export class PassedGaps {
  readonly #found = new Map<string, Set<number>>()

  add({ stream, found }: Gap): void {
    this.#found.set(stream, (this.#found.get(stream) ?? new Set()).add(found))
  }

  has({ stream, found }: Gap): boolean {
    return this.#found.get(stream)?.has(found) === true
  }
}

/** A span starts behind the index that follows what is indexed of its stream. Nothing of that stream was indexed. */
export class IndexGapError extends Error {
  override readonly name = "IndexGapError"
  readonly stream: string
  readonly expected: number
  readonly found: number
  constructor({ stream, expected, found }: Gap) {
    super(
      `stream "${stream}": expected event ${expected} next, found ${found}; with eventsContext the indexer reads what is ` +
        `missing, with onGap "warn" it goes on without`,
    )
    this.stream = stream
    this.expected = expected
    this.found = found
  }
}
