/*
 * What properties may take for granted of the world around an engine. Each is a switch: a scenario says which of them it
 * breaks on purpose, and whoever watches a trace may say so as well. A property that rests on one that does not hold asks
 * less or is not asked at all, and the result says which.
 */

/** By name, what is taken for granted. */
export const assumptions = {
  A1: "the feed yields the events of every stream in the order of their indexes; an event may come again",
  A2: "no two events have one stream and one index, but different bodies",
  A3: "checkpoints of pages never decrease, and a read from a position yields every visible event from there on",
  A4: "an index that a handler answers by OverrideNextIndex is true: everything below it is covered",
  A5: "one run at a time for each group, tranche and member",
} as const

export type Assumption = keyof typeof assumptions

/** What becomes of a property when an assumption that it rests on does not hold. */
export type Weakening = "asks less" | "not asked"

/** What a property rests on, and what becomes of it without. */
export type Assumed = Readonly<Partial<Record<Assumption, Weakening>>>

/** That part of what a property rests on which does not hold; undefined when all of it does. */
export function broken(assumes: Assumed, without: readonly Assumption[]): Assumed | undefined {
  const missing = Object.entries(assumes).filter(([name]) => without.includes(name as Assumption))
  return missing.length === 0 ? undefined : Object.fromEntries(missing)
}

/** Whether a property is asked at all. */
export const isAsked = (missing: Assumed | undefined): boolean =>
  missing === undefined || !Object.values(missing).includes("not asked")
