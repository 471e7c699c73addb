import type { Life } from "./life.js"
import { placeOf, type StepLabel } from "./step-label.js"

/** What somebody waits for, as far as the world knows of it. */
export interface Waiting {
  /** An incarnation, or `world`. */
  readonly process: string
  /** In words: calls without an answer first, the longest under way before the others. Of many, the first few. */
  readonly for: readonly string[]
}

const shown = 5

/** @param now As the pace of the life has it, in milliseconds. */
export function waitingOf(life: Life, now: number): Waiting {
  const calls = new Map<string, { times: number; readonly since: number }>()
  for (const { label, since } of life.unanswered) {
    const known = calls.get(placeOf(label))
    if (known === undefined) calls.set(placeOf(label), { times: 1, since })
    else known.times++
  }
  const steps = new Map<string, number>()
  for (const { what = "something" } of life.pending) steps.set(what, (steps.get(what) ?? 0) + 1)
  const all = [
    ...[...calls].map(([call, { times, since }]) => `${counted(call, times)}, unanswered for ${now - since} ms`),
    ...[...steps].map(([what, times]) => counted(what, times)),
    ...(life.paused ? ["the end of its pause"] : []),
  ]
  const more = all.length > shown ? [`${all.length - shown} more`] : []
  return { process: life.id, for: [...all.slice(0, shown), ...more] }
}

/** What is pending, in words. */
export function pendingText(label: StepLabel): string {
  if (label.phase === "timer") return "a timer"
  const place = placeOf(label)
  return place === "" ? `its ${label.phase}` : `the ${label.phase} of ${place}`
}

/** One line for each process, and one for the world if it waits for something itself. */
export const waitingText = (all: readonly Waiting[]): string =>
  all
    .filter(({ process, for: what }) => process !== "world" || what.length > 0)
    .map(({ process, for: what }) => `  ${process} waits for ${what.join("; ") || unknown}`)
    .join("\n")

const unknown = "a promise that no port and no timer is going to keep"

const counted = (what: string, times: number): string => (times === 1 ? what : `${what} (${times} times)`)
