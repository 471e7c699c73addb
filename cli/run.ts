import { check, checkElsewhere, type CheckOptions, type CheckProgress } from "../properties/check.js"
import type { CheckResult } from "../properties/check-result.js"
import { properties } from "../properties/invariants.js"
import { exitCode } from "./exit-code.js"
import { listenForInterruption } from "./interruption.js"
import { openStores, type OpenStores } from "./open-stores.js"
import type { Output } from "./output.js"
import type { EngineUnderTest } from "../properties/engine-under-test.js"
import { retell } from "../properties/retell.js"
import { usualBudget } from "../properties/smallest-case.js"
import type { Play } from "../properties/play.js"
import { CaseFolder } from "./case-folder.js"
import { engineOf } from "./engine-module.js"
import type { Reporter } from "./reporter.js"
import { reporters } from "./reporters.js"
import { RunMakers } from "./run-makers.js"
import type { RunOptions } from "./run-options.js"
import { share } from "./share.js"
import { TraceFile } from "./trace-file.js"
import type { TraceEvent } from "../sim/trace.js"
import { strategyNamed } from "./strategy-option.js"
import { toldFailures } from "./told-failures.js"

/**
 * Checks the scenarios one after the other and reports. Answers the exit code.
 * @throws UsageError when the engine's module is none.
 * @throws StoreUnavailableError when no store that was asked for is there.
 * @throws RunMakerError when a worker thread fails.
 */
export async function run(options: RunOptions, output: Output): Promise<number> {
  const interruption = listenForInterruption(output.stderr)
  const signal = AbortSignal.any([interruption.signal, output.closed])
  try {
    const engine = await engineOf(options.engine)
    const stores = await openStores(options, output.stderr)
    try {
      const plan = options.plan.filter(({ on }) => stores.byKind.has(on))
      const makers = options.workers > 1 ? await RunMakers.start(options.workers) : undefined
      try {
        return await checkAll({ ...options, plan }, engine, stores, makers, reporters(options, output), signal)
      } finally {
        await makers?.close()
      }
    } finally {
      await stores.close()
    }
  } finally {
    interruption.release()
  }
}

async function checkAll(
  options: RunOptions,
  engine: EngineUnderTest,
  { byKind, skipped }: OpenStores,
  makers: RunMakers | undefined,
  reporters: readonly Reporter[],
  signal: AbortSignal,
): Promise<number> {
  const results: CheckResult[] = []
  for (const reporter of reporters) reporter.started(options, skipped)
  const folder = new CaseFolder(options.cases, options.engine)
  const isReplayedGood = await replayKept(options, engine, folder, reporters)
  const effort = share(options.effort, options.plan.length)
  for (const play of options.plan) {
    if (signal.aborted) break
    for (const reporter of reporters) reporter.checking(play)
    const onProgress = (progress: CheckProgress) => {
      for (const reporter of reporters) reporter.progressed(play, progress)
    }
    const store = byKind.get(play.on)!
    const recording = recordingOf(play, options)
    const onEvent = recording === undefined ? {} : { onEvent: (event: TraceEvent) => recording.write(event) }
    const result = await checked(
      play,
      { ...options, effort },
      { engine, store, signal, onProgress, ...onEvent },
      makers,
    )
    recording?.close()
    results.push(result)
    const failures = await toldFailures(play, engine, result, folder)
    for (const reporter of reporters) reporter.checked(play, result, failures)
  }
  for (const reporter of reporters) reporter.ended(results, signal.aborted)
  if (signal.aborted) return exitCode.interrupted
  const held = isReplayedGood && results.every(({ violations }) => violations.length === 0)
  return held ? exitCode.held : exitCode.violated
}

function recordingOf({ scenario, on }: Play, { trace, store, seed }: RunOptions): TraceFile | undefined {
  if (trace === undefined) return undefined
  const where = store === "fake" ? `the fake ${on}` : `a real ${on}`
  return new TraceFile(trace, `${scenario.name} on ${where}, seed ${seed}`)
}

/** By worker threads where there are any, and else here. */
function checked(
  { scenario, on }: Play,
  { effort, seed, shard, strategy, engine: module }: RunOptions,
  how: Pick<CheckOptions, "engine" | "store" | "signal" | "onProgress" | "onEvent">,
  makers: RunMakers | undefined,
): Promise<CheckResult> {
  const order = { ...effort, on, seed, shard }
  const options: CheckOptions = { ...order, ...how, strategy: strategyNamed(strategy), shrink: usualBudget }
  if (makers === undefined) return check(scenario, options)
  return checkElsewhere(scenario, options, (report) =>
    makers.make({ ...order, scenario: scenario.name, strategy, engine: module }, report, how.signal),
  )
}

/** Runs what earlier commands kept of the scenarios at hand. Answers whether all of it holds now. */
async function replayKept(
  { plan, store }: RunOptions,
  engine: EngineUnderTest,
  folder: CaseFolder,
  reporters: readonly Reporter[],
): Promise<boolean> {
  if (store !== "fake") return true
  let held = true
  for (const { scenario, on } of plan)
    for (const { file, case: kept } of await folder.of(scenario.name, on)) {
      const { violated } = await retell(kept, scenario, engine, properties)
      if (violated) held = false
      for (const reporter of reporters) reporter.replayed({ file, property: kept.violation.property, violated })
    }
  return held
}
