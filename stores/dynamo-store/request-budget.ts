import type { QueryOptions } from "./query-options.js"

/** A read would have needed more requests than `QueryOptions.maxRequests`. */
export class TooManyRequestsError extends Error {
  override readonly name = "TooManyRequestsError"
  readonly stream: string
  constructor(stream: string, { maxRequests, maxItems }: QueryOptions) {
    super(
      `stream "${stream}": ${maxRequests} requests of ${maxItems} items (maxRequests, maxItems) did not reach the end`,
    )
    this.stream = stream
  }
}

/** Counts the queries of one read. */
export class RequestBudget {
  readonly #stream: string
  readonly #query: QueryOptions
  #spent = 0

  constructor(stream: string, query: QueryOptions) {
    this.#stream = stream
    this.#query = query
  }

  /** @throws TooManyRequestsError */
  spend(): void {
    if (this.#spent === this.#query.maxRequests) throw new TooManyRequestsError(this.#stream, this.#query)
    this.#spent++
  }
}
