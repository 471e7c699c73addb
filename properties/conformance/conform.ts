import * as v from "valibot"
import type { Clock } from "../../engine/clock.js"
import { checkOptions, fn, has, integer, InvalidOptionError, milliseconds, optional } from "../../engine/options.js"
import { check, type CheckProgress } from "../check.js"
import type { CheckResult } from "../check-result.js"
import type { LiveStore } from "../live-store.js"
import { type ShrinkBudget, usualBudget } from "../smallest-case.js"
import type { Adapter } from "./adapter.js"
import { historyOf } from "./history-of.js"
import { type ConformanceReport, type Outcome, type ProfileResult, reportVersion, type RuleResult } from "./report.js"
import { type Profile, profiles as allProfiles, type Rule } from "./rule.js"
import { propertiesOf, reasonToSkip, rulesOfProfile } from "./rules.js"
import { kitVersion } from "./kit-version.js"
import { validAdapter } from "./valid-adapter.js"

export interface ConformOptions {
  /** Which of the adapter's profiles. Default: all of them. */
  readonly profiles?: readonly Profile[]
  /** How many histories for each profile: an integer of at least 1. Default: 200, in real time 3. */
  readonly histories?: number
  /** For each profile no history is begun when this many milliseconds have passed. Excludes `histories`. */
  readonly timeMs?: number
  /** What all histories are drawn from: the same seed, the same histories. Default: 1. */
  readonly seed?: number | string
  /** `fake`: in virtual time on the fake of the store. Otherwise a real one, in real time. Default: `fake`. */
  readonly store?: "fake" | LiveStore
  /** How much may be spent on making each violation smaller. Default: five seconds and 2 000 histories. */
  readonly shrink?: ShrinkBudget
  /** Called after every history. */
  readonly onProgress?: (profile: Profile, progress: CheckProgress) => void
  /** Aborted: no further history is begun. */
  readonly signal?: AbortSignal
  /** Measures how long it takes. Default: the machine's clock. */
  readonly clock?: Clock
}

const inVirtualTime = 200
const inRealTime = 3

const accepted = {
  profiles: optional(v.array(v.picklist(allProfiles, `one of ${allProfiles.join(", ")}`), "a list of profiles")),
  histories: optional(integer(1)),
  timeMs: optional(milliseconds),
  onProgress: optional(fn),
  clock: optional(has("now", "sleep", "turn")),
}

/**
 * Drives an adapter through histories, profile by profile, and says rule by rule whether it held.
 * @throws InvalidOptionError
 * @throws StoreUnavailableError when a real store cannot be reached, or what the fake needs is not installed
 */
export async function conform(adapter: Adapter, options: ConformOptions = {}): Promise<ConformanceReport> {
  checkOptions("conform", accepted, options)
  validAdapter(adapter)
  const { profiles = adapter.profiles, seed = 1, store = "fake" } = options
  for (const profile of profiles)
    if (!adapter.profiles.includes(profile))
      throw new InvalidOptionError(
        "conform",
        "profiles",
        profile,
        `what the adapter lists: ${adapter.profiles.join(", ")}`,
      )
  if (adapter.time === "real" && store === "fake")
    throw new InvalidOptionError("conform", "store", store, "a real one: the adapter lives in real time")
  const results: ProfileResult[] = []
  const rules: RuleResult[] = []
  for (const profile of profiles) {
    const asked = rulesOfProfile(profile, adapter.store)
    const result = await driven(adapter, profile, asked, { ...options, seed, store })
    results.push(profileResult(profile, result))
    rules.push(...asked.map((rule) => ruleResult(rule, adapter, result)))
  }
  const { name, version } = adapter
  return {
    windtunnelConformance: reportVersion,
    kit: kitVersion,
    adapter: { name, version, store: adapter.store, capabilities: adapter.capabilities },
    store: store === "fake" ? "fake" : store.name,
    seed,
    profiles: results,
    rules,
  }
}

function driven(
  adapter: Adapter,
  profile: Profile,
  rules: readonly Rule[],
  options: ConformOptions & { readonly seed: number | string; readonly store: "fake" | LiveStore },
): Promise<CheckResult> {
  const { histories, timeMs, seed, store, shrink = usualBudget, onProgress, signal, clock } = options
  const most = store === "fake" ? inVirtualTime : inRealTime
  return check(historyOf(adapter, profile), {
    ...(timeMs === undefined ? { runs: histories ?? most } : { timeMs }),
    seed,
    store,
    engine: adapter.globals === undefined ? {} : { globals: adapter.globals },
    properties: propertiesOf(rules, adapter),
    shrink,
    ...(onProgress && { onProgress: (progress) => onProgress(profile, progress) }),
    ...(signal && { signal }),
    ...(clock && { clock }),
  })
}

function ruleResult(rule: Rule, adapter: Adapter, result: CheckResult): RuleResult {
  const { id, profile, level, title, from } = rule
  return { id, profile, level, title, from, outcome: outcomeOf(rule, adapter, result) }
}

function outcomeOf(rule: Rule, adapter: Adapter, { properties, violations, runs }: CheckResult): Outcome {
  const reason = reasonToSkip(rule, adapter)
  if (reason !== undefined) return { kind: "skipped", reason }
  const checked = rule.property === undefined ? runs : (properties[rule.id]?.checked ?? 0)
  const name = rule.property === undefined ? "run" : rule.id
  const found = violations.filter(({ property }) => property === name)
  const [first] = found
  if (first === undefined) return checked === 0 ? { kind: "not exercised" } : { kind: "held", checked }
  const { message, run, seed, case: smallest } = first
  const violation = { message, run, seed, times: found.length, ...(smallest && { case: smallest }) }
  return { kind: "violated", checked, violation }
}

const profileResult = (profile: Profile, { runs, steps, virtualMs, wallMs, faults }: CheckResult): ProfileResult => ({
  profile,
  histories: runs,
  steps,
  virtualMs,
  wallMs,
  faults: Object.values(faults).reduce((sum, n) => sum + n, 0),
})
