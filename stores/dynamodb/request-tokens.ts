/*
 * The idempotency tokens of transactions. The service knows a token for ten minutes after the request that brought it has
 * ended. Tokens are in the order of that time, so forgetting costs a constant for each.
 */
import { createHash } from "node:crypto"
import type { Clock } from "../../engine/clock.js"
import { ServiceError } from "./service-error.js"

const rememberedMs = 10 * 60_000

interface Request {
  readonly fingerprint: string
  readonly endedAt: number
}

export class RequestTokens {
  readonly #clock: Clock
  readonly #running = new Map<string, string>()
  readonly #ended = new Map<string, Request>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Whether the same request has been carried out already.
   * @throws ServiceError IdempotentParameterMismatchException, TransactionInProgressException
   */
  isRepeated(token: string, request: object): boolean {
    this.#forget()
    const fingerprint = fingerprintOf(request)
    const running = this.#running.get(token)
    const known = running ?? this.#ended.get(token)?.fingerprint
    if (known === undefined) return false
    if (known !== fingerprint)
      throw new ServiceError(
        "IdempotentParameterMismatchException",
        "Request parameters do not match with those of an earlier request with the same client request token",
      )
    if (running !== undefined)
      throw new ServiceError(
        "TransactionInProgressException",
        "The transaction with the given request token is already in progress.",
      )
    return true
  }

  begin(token: string, request: object): void {
    this.#running.set(token, fingerprintOf(request))
  }

  /** A request that failed is as if it had never been. */
  fail(token: string): void {
    this.#running.delete(token)
  }

  succeed(token: string): void {
    const fingerprint = this.#running.get(token)
    this.#running.delete(token)
    if (fingerprint !== undefined) this.#ended.set(token, { fingerprint, endedAt: this.#clock.now() })
  }

  #forget(): void {
    const before = this.#clock.now() - rememberedMs
    for (const [token, { endedAt }] of this.#ended) {
      if (endedAt > before) return
      this.#ended.delete(token)
    }
  }
}

/** The same for requests that mean the same, whatever the order of their members. */
function fingerprintOf(request: object): string {
  return createHash("sha256").update(JSON.stringify(request, inOrder)).digest("base64")
}

function inOrder(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64")
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
