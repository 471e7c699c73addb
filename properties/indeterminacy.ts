import { type Difference, firstDifference } from "../sim/first-difference.js"
import type { Strategy } from "../sim/strategy.js"
import type { StrayUse } from "../sim/stray-use.js"
import { type Run, type RunUnderTest, simulatedRun } from "./simulated-run.js"

/**
 * Runs a seed once more and compares the histories. What says that they differ names the first step that went another
 * way, and whoever read the machine's clock or chance, or set its timers.
 * @returns undefined when they are the same.
 */
export async function indeterminacy(under: RunUnderTest, run: Run, strategy: Strategy): Promise<string | undefined> {
  const second = await simulatedRun(under, { strategy })
  if (second.traceHash === run.traceHash) return undefined
  let stray: readonly StrayUse[] = []
  const difference = await firstDifference(async (onLine) => {
    const watched = await simulatedRun(under, { strategy, onLine, globals: under.engine.globals ?? "watched" })
    stray = watched.stray ?? []
  })
  const uses = stray.map(({ what, site, times }) => `${what} is used ${times === 1 ? "" : `${times} times `}by ${site}`)
  return ["two runs of one seed gave two histories", ...whereText(difference), ...uses].join("\n")
}

function whereText(difference: Difference | undefined): readonly string[] {
  if (difference === undefined) return ["two more were alike: something that outlives a run has settled meanwhile"]
  const { step, during, lines } = difference
  const since = step === 0 ? "from the beginning" : `from step ${step} on, ${during}`
  return [`they differ ${since}:`, `  once ${lines[0] ?? "it was over"}`, `  then ${lines[1] ?? "it was over"}`]
}
