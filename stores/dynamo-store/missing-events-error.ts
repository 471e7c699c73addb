/** Events of a stream are not in the table (nor in the archive), although others after them are. */
export class MissingEventsError extends Error {
  override readonly name = "MissingEventsError"
  readonly stream: string
  /** Index of the first event that is missing. */
  readonly from: bigint
  /** Index after the last event that is missing; undefined when the stream has calves and no Tip. */
  readonly before: bigint | undefined
  constructor(stream: string, from: bigint, before: bigint | undefined) {
    super(`stream "${stream}": ${descriptionOf(from, before)}`)
    this.stream = stream
    this.from = from
    this.before = before
  }
}

function descriptionOf(from: bigint, before: bigint | undefined): string {
  if (before === undefined) return `there are events up to ${from - 1n}, but there is no Tip`
  const events = before - from === 1n ? `event ${from}` : `events ${from} to ${before - 1n}`
  return `${events} cannot be found; QueryOptions.ignoreMissing reads past a hole`
}
