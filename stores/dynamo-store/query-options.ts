import { checkOptions, flag, integer, optional } from "../../engine/options.js"

/** How streams are read. */
export interface QueryOptions {
  /** Items per request. Default 32. */
  readonly maxItems: number
  /** Requests that one read may take; one more is a `TooManyRequestsError`. Default: any number. */
  readonly maxRequests: number | undefined
  /** Read on past events that are not in the table, with a warning, instead of throwing `MissingEventsError`. Default false. */
  readonly ignoreMissing: boolean
}

export const QueryOptions = {
  /** @throws InvalidOptionError */
  create(options: Partial<QueryOptions> = {}): QueryOptions {
    const entries = { maxItems: optional(integer(1)), maxRequests: optional(integer(1)), ignoreMissing: optional(flag) }
    checkOptions("QueryOptions.create", entries, options)
    const { maxItems = 32, maxRequests, ignoreMissing = false } = options
    return { maxItems, maxRequests, ignoreMissing }
  },
}
