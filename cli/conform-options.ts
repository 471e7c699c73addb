import type { Adapter } from "../properties/conformance/adapter.js"
import { type Profile, profiles } from "../properties/conformance/rule.js"
import { parseDuration } from "./duration.js"
import type { StoreName } from "./run-options.js"
import { similarNames } from "./similar-names.js"
import { UsageError, wrongValue } from "./usage-error.js"

/** What `windtunnel conform` is to do. */
export interface ConformCommand {
  readonly profiles: readonly Profile[]
  /** For each profile. */
  readonly effort: { readonly histories: number } | { readonly timeMs: number }
  readonly seed: number
  readonly store: StoreName
  readonly json: boolean
  /** Files to write the report to, besides what is printed. */
  readonly report: string | undefined
  readonly junit: string | undefined
  /** Where violations that were found on the fake are kept. */
  readonly cases: string
}

/** The options as they stand on the command line. */
export interface RawConformOptions {
  readonly profile?: string
  readonly histories?: string
  readonly time?: string
  readonly seed?: string
  readonly store?: string
  readonly json?: boolean
  readonly report?: string
  readonly junit?: string
  readonly cases: string
  readonly case?: string
}

const inVirtualTime = 200
const inRealTime = 5

/**
 * @param freshSeed Draws the seed of a command that names none.
 * @throws UsageError for the first thing that cannot be worked with
 */
export function conformCommand(raw: RawConformOptions, adapter: Adapter, freshSeed: () => number): ConformCommand {
  const { json = false, report, junit, cases } = raw
  const store = storeOf(raw, adapter)
  return {
    profiles: profilesOf(raw.profile, adapter),
    effort: effortOf(raw, store),
    seed: raw.seed === undefined ? freshSeed() : wholeNumber("--seed", raw.seed, 0),
    store,
    json,
    report,
    junit,
    cases,
  }
}

function storeOf({ store }: RawConformOptions, { time }: Adapter): StoreName {
  if (store === undefined) return time === "virtual" ? "fake" : "embedded"
  if (store !== "fake" && store !== "embedded") throw wrongValue("--store", store, `"fake" or "embedded"`)
  if (store === "fake" && time === "real")
    throw new UsageError(`--store fake is not for this adapter: it lives in real time`)
  return store
}

function profilesOf(names: string | undefined, adapter: Adapter): readonly Profile[] {
  if (names === undefined) return adapter.profiles
  return names.split(",").map((name) => {
    const found = profiles.find((profile) => profile === name)
    if (found !== undefined && adapter.profiles.includes(found)) return found
    if (found !== undefined)
      throw new UsageError(`the adapter does not list the profile ${found}: it has ${adapter.profiles.join(", ")}`)
    const similar = similarNames(name, profiles)
    const hint = similar.length > 0 ? `is it ${similar.join(" or ")}?` : `there are ${profiles.join(", ")}`
    throw new UsageError(`there is no profile ${JSON.stringify(name)}: ${hint}`)
  })
}

function effortOf({ histories, time }: RawConformOptions, store: StoreName): ConformCommand["effort"] {
  if (histories !== undefined && time !== undefined)
    throw new UsageError("--histories and --time exclude each other: one says when to stop")
  if (time !== undefined) return { timeMs: parseDuration("--time", time) }
  if (histories !== undefined) return { histories: wholeNumber("--histories", histories, 1) }
  return { histories: store === "fake" ? inVirtualTime : inRealTime }
}

function wholeNumber(option: string, text: string, least: number): number {
  const n = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(n) && n >= least) return n
  throw wrongValue(option, text, `a whole number of at least ${least}`)
}
