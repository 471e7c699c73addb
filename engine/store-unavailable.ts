/**
 * A store could not be reached or started: not the fault of the code under test. The message never holds a password or
 * a whole connection string.
 */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError"
  /** What somebody can do about it, as one sentence. */
  readonly hint: string
  constructor(message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options)
    this.hint = hint
  }
}
