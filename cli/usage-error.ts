/** The command was called in a way that it cannot work with: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}

/** Says which option (or argument), what it was given and what it accepts. */
export const wrongValue = (option: string, received: string, accepted: string) =>
  new UsageError(`${option} must be ${accepted}, received ${JSON.stringify(received)}`)
