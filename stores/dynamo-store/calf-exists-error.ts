/**
 * The place where the Tip's events would move to is taken by a calf with other events: the table was restored in part, or
 * edited. Nothing was written, and no append to this stream can calve before that is repaired.
 */
export class CalfExistsError extends Error {
  override readonly name = "CalfExistsError"
  readonly stream: string
  /** Index of the calf. */
  readonly index: bigint
  constructor(stream: string, index: bigint, cause: unknown) {
    super(`stream "${stream}": there is a calf at ${index} already, with other events than the Tip's`, { cause })
    this.stream = stream
    this.index = index
  }
}
