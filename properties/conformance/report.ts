import type { Case } from "../case.js"
import type { Level, Profile } from "./rule.js"

/** What a rule came to. */
export type Outcome =
  | { readonly kind: "held"; readonly checked: number }
  | { readonly kind: "violated"; readonly checked: number; readonly violation: RuleViolation }
  /** It does not concern the adapter. */
  | { readonly kind: "skipped"; readonly reason: string }
  /** No history came to where it could have been violated: nothing is known. */
  | { readonly kind: "not exercised" }

export interface RuleViolation {
  /** What shows it; its first line says what, and where. */
  readonly message: string
  /** In which of the histories, from 0, and the seed of that one. */
  readonly run: number
  readonly seed: number | string
  /** In how many of the histories it was violated. */
  readonly times: number
  /** The smallest history found that shows it. */
  readonly case?: Case
}

export interface RuleResult {
  readonly id: string
  readonly profile: Profile
  readonly level: Level
  readonly title: string
  readonly from: string
  readonly outcome: Outcome
}

/** What a profile's histories came to. */
export interface ProfileResult {
  readonly profile: Profile
  readonly histories: number
  readonly steps: number
  readonly virtualMs: number
  readonly wallMs: number
  readonly faults: number
}

/** Of the format of reports. */
export const reportVersion = 1

/** What an adapter's conformance came to: plain JSON. */
export interface ConformanceReport {
  readonly windtunnelConformance: typeof reportVersion
  /** Version of the kit. */
  readonly kit: string
  readonly adapter: {
    readonly name: string
    readonly version: string
    readonly store: string
    readonly capabilities: readonly string[]
  }
  /** `fake`, or the real store's name. */
  readonly store: string
  readonly seed: number | string
  readonly profiles: readonly ProfileResult[]
  readonly rules: readonly RuleResult[]
}

/** No rule is violated, and no rule of the core that concerns the adapter was left unexercised. */
export const conforms = ({ rules }: ConformanceReport): boolean =>
  rules.every(({ outcome }) => outcome.kind !== "violated")
