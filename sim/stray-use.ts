/** A use of the machine's clock, timers or chance by code that runs in a simulation. */
export interface StrayUse {
  /** E.g. `Date.now` or `setTimeout`. */
  readonly what: string
  /** Where: the function, file, line and column of the caller. */
  readonly site: string
  readonly times: number
}

/** Counts uses by what was used and where. */
export class StrayUses {
  readonly #uses = new Map<string, StrayUse>()

  note(what: string): void {
    const site = callSite()
    const key = `${what} ${site}`
    this.#uses.set(key, { what, site, times: (this.#uses.get(key)?.times ?? 0) + 1 })
  }

  /** In the order in which they were met first. */
  get all(): readonly StrayUse[] {
    return [...this.#uses.values()]
  }
}

/** Frames of these are how the use came to be noticed. */
const own =
  /[\\/]sim[\\/](stray-use|virtual-globals|simulate)\.[jt]s|[( ]node:|\(<anonymous>\)|at (Object|Function|Reflect)\.(apply|construct|get) /

function callSite(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 25
  const stack = new Error().stack ?? ""
  Error.stackTraceLimit = limit
  const frame = stack
    .split("\n")
    .slice(1)
    .find((line) => !own.test(line))
  return frame?.trim().replace(/^at /, "") ?? "an unknown place"
}
