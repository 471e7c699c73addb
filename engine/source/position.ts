/** What the types promise: a caller without types would lose events by a position that compares with nothing. */
export function mustBeBigint(position: unknown, what: string): asserts position is bigint {
  if (typeof position !== "bigint") throw new Error(`${what} must be a bigint, received ${typeof position}`)
}
