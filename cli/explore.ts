import picocolors from "picocolors"
import { exhaust, type Exhaustion, type ExhaustViolation } from "../properties/exhaust.js"
import { properties } from "../properties/invariants.js"
import { referenceEngine } from "../properties/reference-engine.js"
import { retell } from "../properties/retell.js"
import type { Scenario } from "../properties/scenario.js"
import { usualBudget } from "../properties/smallest-case.js"
import type { Census } from "../sim/explore.js"
import { CaseFolder } from "./case-folder.js"
import { parseDuration, showDuration } from "./duration.js"
import { exitCode } from "./exit-code.js"
import { counted, grouped } from "./grouped-number.js"
import { listenForInterruption } from "./interruption.js"
import { oneOf } from "./one-of.js"
import type { Channel, Output } from "./output.js"
import { plainProgress, rewrittenProgress } from "./progress-line.js"
import { findScenario } from "./run-options.js"
import { wrongValue } from "./usage-error.js"

/** The options as they stand on the command line. */
export interface RawExploreOptions {
  readonly time: string
  readonly choices: string
  readonly reduction: string
  readonly faults: string
  readonly seed: string
  readonly cases: string
}

const choices = ["calls", "steps"] as const
const reductions = ["sleepSets", "none"] as const

/**
 * Runs every schedule of a scenario on the fake, as far as the time goes, and tells how many there were. Answers the exit
 * code.
 * @throws UsageError, StoreUnavailableError
 */
export async function explore(
  name: string,
  raw: RawExploreOptions,
  known: readonly Scenario[],
  output: Output,
): Promise<number> {
  const scenario = findScenario(name, known)
  const limits = {
    maxMs: parseDuration("--time", raw.time),
    maxRuns: Number.MAX_SAFE_INTEGER,
    granularity: oneOf("--choices", raw.choices, choices),
    reduction: oneOf("--reduction", raw.reduction, reductions),
    maxFaults: wholeNumber("--faults", raw.faults),
    seed: wholeNumber("--seed", raw.seed),
  }
  const interruption = listenForInterruption(output.stderr)
  const signal = AbortSignal.any([interruption.signal, output.closed])
  const line = output.stderr.interactive
    ? rewrittenProgress(output.stderr, Date.now)
    : plainProgress(output.stderr, Date.now)
  const onProgress = (census: Census) => line.show(`${name} · ${countText(census)}`)
  try {
    const found = await exhaust(scenario, { ...limits, signal, onProgress, shrink: usualBudget })
    line.clear()
    await tell(found, scenario, new CaseFolder(raw.cases), output)
    if (signal.aborted) return exitCode.interrupted
    return found.violations.length === 0 ? exitCode.held : exitCode.violated
  } finally {
    interruption.release()
  }
}

async function tell(found: Exhaustion, scenario: Scenario, folder: CaseFolder, { stdout, colors }: Output) {
  const paint = picocolors.createColors(colors)
  stdout.write(`${paint.bold(found.scenario)} on ${found.on}, ${countText(found)}, in ${showDuration(found.wallMs)}\n`)
  stdout.write(found.seen === "all" ? "all schedules were seen\n" : `not all were seen: ${ended[found.seen]}\n`)
  for (const violation of found.violations) await tellViolation(violation, scenario, folder, stdout, paint)
  const verdict = `${found.failed === 0 ? "✓ nothing" : "✗ something"} was violated`
  stdout.write(
    `\n${found.failed === 0 ? paint.green(verdict) : paint.red(`${verdict} in ${counted(found.failed, "schedule")}`)}\n`,
  )
}

async function tellViolation(
  { property, schedules, case: kept }: ExhaustViolation,
  scenario: Scenario,
  folder: CaseFolder,
  stdout: Channel,
  paint: ReturnType<typeof picocolors.createColors>,
) {
  const { story } = await retell(kept, scenario, referenceEngine, properties)
  const file = await folder.keep(kept)
  stdout.write(`\n${paint.red(`✗ ${property}`)} in ${counted(schedules, "schedule")}; npx windtunnel replay ${file}\n`)
  for (const text of story) stdout.write(`  ${text}\n`)
}

const countText = ({ schedules, cut, steps }: Census) =>
  `${counted(schedules, "schedule")}, ${grouped(cut)} more cut, ${grouped(steps)} steps`

const ended = {
  maxRuns: "there were too many",
  maxMs: "the time was over; --time gives it more",
  aborted: "it was interrupted",
} as const

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw wrongValue(option, text, "an integer from 0 to 999999999")
}
