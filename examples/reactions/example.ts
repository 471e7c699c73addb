import type { AxisName, Reaction, Samples } from "equinox-windtunnel"

/** A reaction as a team would write it, with versions of it that look right in a review. */
export interface ReactionExample<Outside> {
  readonly name: string
  readonly events: Samples
  readonly outside: () => Outside | Promise<Outside>
  readonly observe: (outside: Outside) => unknown
  readonly right: Reaction<Outside>
  readonly wrong: readonly WrongVersion<Outside>[]
}

export interface WrongVersion<Outside> {
  /** What is wrong with it. */
  readonly flaw: string
  /** What shows it, among others perhaps. */
  readonly axis: AxisName
  /** What the hint of that axis has to say. */
  readonly hint: RegExp
  readonly reaction: Reaction<Outside>
}

/** One list of examples whose outsides differ. */
export type AnyExample = ReactionExample<never>

/** Keeps the type of the outside to the example. */
export const example = <Outside>(of: ReactionExample<Outside>): AnyExample => of as unknown as AnyExample
