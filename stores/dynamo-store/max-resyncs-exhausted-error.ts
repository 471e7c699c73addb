/** Others wrote to the stream before each of the attempts. Nothing of this decision is stored. */
export class MaxResyncsExhaustedError extends Error {
  override readonly name = "MaxResyncsExhaustedError"
  readonly stream: string
  readonly attempts: number
  constructor(stream: string, attempts: number) {
    super(`stream "${stream}": concurrency violation; aborting after ${attempts} attempts`)
    this.stream = stream
    this.attempts = attempts
  }
}
