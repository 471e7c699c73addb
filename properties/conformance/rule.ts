import type { Property } from "../monitor.js"
import type { Capability } from "./capability.js"

export const profiles = ["source", "checkpoints", "sink", "consumer-groups", "event-store"] as const

/** A part of a store or a consumer that can be tested by itself. */
export type Profile = (typeof profiles)[number]

/** `core`: nobody can rely on the adapter without it. `extended`: how well it behaves beyond that. */
export type Level = "core" | "extended"

/** What an adapter has to hold. */
export interface Rule {
  /** Profile and number, e.g. `SRC-03`. It never means anything else, in no version of the kit. */
  readonly id: string
  readonly profile: Profile
  readonly level: Level
  readonly title: string
  /** What must hold, in one or two sentences. */
  readonly statement: string
  /** What it goes back to: an invariant of reactions (`I-10`), an assumption (`A3`), or a fact of a store. */
  readonly from: string
  /** What an adapter has to be able to do for the rule to concern it. */
  readonly needs: readonly Capability[]
  /** What watches for it; absent: that every history comes to its end. */
  readonly property?: Property
}

/** A rule as its profile lists it. */
type Entry = {
  /** Its number. */
  readonly n: number
  readonly level?: Level
  readonly needs?: readonly Capability[]
} & ({ readonly of: Property } | { readonly runs: true })

/** The rules of a profile, whose numbers begin with `prefix`. */
export const rulesOf = (profile: Profile, prefix: string, entries: readonly Entry[]): readonly Rule[] =>
  entries.map((entry) => {
    const { n, level = "core", needs = [] } = entry
    const id = `${prefix}-${String(n).padStart(2, "0")}`
    const common = { id, profile, level, needs }
    if ("runs" in entry) return { ...common, ...comesToItsEnd }
    const { title, statement, id: from } = entry.of
    return { ...common, title, statement, from, property: { ...entry.of, id } }
  })

const comesToItsEnd = {
  title: "Does what it is asked",
  statement:
    "What is opened, made and started works: no history ends with an error of its own, and in virtual time one seed gives one history.",
  from: "the contract",
}
