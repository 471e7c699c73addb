/** An item of the table, or an element of it, is not what any writer of this format writes. */
export class UnreadableItemError extends Error {
  override readonly name = "UnreadableItemError"
  readonly stream: string
  constructor(stream: string, what: string, cause?: unknown) {
    super(`stream "${stream}": ${what}`, { cause })
    this.stream = stream
  }
}
