/** Where the command writes, and what is there to read it: stated by the caller, so that tests can state it too. */
export interface Output {
  /** The result. */
  readonly stdout: Channel
  /** Everything that is about the result: progress, hints, errors. */
  readonly stderr: Channel
  readonly colors: boolean
  /** Aborted when nobody reads the result any more. */
  readonly closed: AbortSignal
}

export interface Channel {
  write(text: string): void
  /** A person watches: lines may be rewritten. Never in CI. */
  readonly interactive: boolean
  /** Width in characters. */
  readonly columns: number
}
