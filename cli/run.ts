import { check, type CheckProgress, type CheckResult } from "../properties/check.js"
import { properties } from "../properties/first-set.js"
import { exitCode } from "./exit-code.js"
import { listenForInterruption } from "./interruption.js"
import { jsonReporter } from "./json-reporter.js"
import { openStores, type OpenStores } from "./open-stores.js"
import type { Output } from "./output.js"
import type { Reporter } from "./reporter.js"
import type { RunOptions } from "./run-options.js"
import { share } from "./share.js"
import { terminalReporter } from "./terminal-reporter.js"

/**
 * Checks the scenarios one after the other and reports. Answers the exit code.
 * @throws StoreUnavailableError when no store that was asked for is there.
 */
export async function run(options: RunOptions, output: Output): Promise<number> {
  const interruption = listenForInterruption(output.stderr)
  const signal = AbortSignal.any([interruption.signal, output.closed])
  try {
    const stores = await openStores(options, output.stderr)
    try {
      const plan = options.plan.filter(({ on }) => stores.byKind.has(on))
      return await checkAll({ ...options, plan }, stores, reporters(options, output), signal)
    } finally {
      await stores.close()
    }
  } finally {
    interruption.release()
  }
}

async function checkAll(
  options: RunOptions,
  { byKind, skipped }: OpenStores,
  reporters: readonly Reporter[],
  signal: AbortSignal,
): Promise<number> {
  const results: CheckResult[] = []
  for (const reporter of reporters) reporter.started(options, skipped)
  const effort = share(options.effort, options.plan.length)
  for (const play of options.plan) {
    if (signal.aborted) break
    for (const reporter of reporters) reporter.checking(play)
    const onProgress = (progress: CheckProgress) => {
      for (const reporter of reporters) reporter.progressed(play, progress)
    }
    const { scenario, on } = play
    const store = byKind.get(on)!
    const result = await check(scenario, { ...effort, seed: options.seed, store, on, signal, onProgress })
    results.push(result)
    for (const reporter of reporters) reporter.checked(play, result)
  }
  for (const reporter of reporters) reporter.ended(results, signal.aborted)
  if (signal.aborted) return exitCode.interrupted
  return results.some(({ violations }) => violations.length > 0) ? exitCode.violated : exitCode.held
}

function reporters({ json }: RunOptions, output: Output): Reporter[] {
  const forPeople = (out: Output["stdout"]) => terminalReporter(out, output, properties, Date.now)
  return json ? [forPeople(output.stderr), jsonReporter(output.stdout)] : [forPeople(output.stdout)]
}
