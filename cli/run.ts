import { check, type CheckProgress, type CheckResult } from "../properties/check.js"
import { properties } from "../properties/first-set.js"
import { exitCode } from "./exit-code.js"
import { listenForInterruption } from "./interruption.js"
import { jsonReporter } from "./json-reporter.js"
import { openStore, type OpenStore } from "./open-store.js"
import type { Output } from "./output.js"
import type { Reporter } from "./reporter.js"
import type { RunOptions } from "./run-options.js"
import { share } from "./share.js"
import { terminalReporter } from "./terminal-reporter.js"

/**
 * Checks the scenarios one after the other and reports. Answers the exit code.
 * @throws StoreUnavailableError
 */
export async function run(options: RunOptions, output: Output): Promise<number> {
  const interruption = listenForInterruption(output.stderr)
  try {
    const store = await openStore(options.store, output.stderr)
    try {
      return await checkAll(options, store, reporters(options, output), interruption.signal)
    } finally {
      await store.close()
    }
  } finally {
    interruption.release()
  }
}

async function checkAll(
  options: RunOptions,
  store: OpenStore,
  reporters: readonly Reporter[],
  signal: AbortSignal,
): Promise<number> {
  const results: CheckResult[] = []
  for (const reporter of reporters) reporter.started(options)
  const effort = share(options.effort, options.scenarios.length)
  for (const scenario of options.scenarios) {
    if (signal.aborted) break
    for (const reporter of reporters) reporter.checking(scenario)
    const onProgress = (progress: CheckProgress) => {
      for (const reporter of reporters) reporter.progressed(scenario, progress)
    }
    const result = await check(scenario, { ...effort, seed: options.seed, store: store.store, signal, onProgress })
    results.push(result)
    for (const reporter of reporters) reporter.checked(scenario, result)
  }
  for (const reporter of reporters) reporter.ended(results, signal.aborted)
  if (signal.aborted) return exitCode.interrupted
  return results.some(({ violations }) => violations.length > 0) ? exitCode.violated : exitCode.held
}

function reporters({ json }: RunOptions, output: Output): Reporter[] {
  const forPeople = (out: Output["stdout"]) => terminalReporter(out, output, properties, Date.now)
  return json ? [forPeople(output.stderr), jsonReporter(output.stdout)] : [forPeople(output.stdout)]
}
