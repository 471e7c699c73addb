import { checkOptions, integer, optional } from "../../engine/options.js"

/** When a Tip's events move into a calf of their own. A limit is looked at when something is appended to a Tip with events. */
export interface TipOptions {
  /** Events in a Tip. Default: any number. */
  readonly maxEvents: number | undefined
  /** Estimated bytes of events and unfolds in a Tip. Default 32768. */
  readonly maxBytes: number
  /** Estimated bytes of events in a Tip. Default: `maxBytes`, as upstream; the published package stays at 32768. */
  readonly maxEventBytes: number
}

export const TipOptions = {
  /** @throws InvalidOptionError */
  create(options: Partial<TipOptions> = {}): TipOptions {
    const entries = {
      maxEvents: optional(integer(1)),
      maxBytes: optional(integer(1)),
      maxEventBytes: optional(integer(1)),
    }
    checkOptions("TipOptions.create", entries, options)
    const { maxEvents, maxBytes = 32_768, maxEventBytes = maxBytes } = options
    return { maxEvents, maxBytes, maxEventBytes }
  },
}
