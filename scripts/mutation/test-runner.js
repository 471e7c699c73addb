/*
 * A test runner for Stryker that runs the property suite and nothing else, in its own process: mutants are switched on and off
 * in modules that are loaded once, so one that is caught by the first history costs milliseconds. Stryker starts the process
 * anew when a mutant does not come to an end.
 */
import { pathToFileURL } from "node:url"
import { resolve } from "node:path"

/** What Stryker's instrumented code and its runners share. */
const shared = () => (globalThis.__stryker__ ??= {})

class PropertySuite {
  #trials = []

  capabilities() {
    return { reloadEnvironment: false }
  }

  /** The working directory is Stryker's copy of the sources, with all mutants in it. */
  async init() {
    const suite = pathToFileURL(resolve("scripts/mutation/property-suite.ts")).href
    this.#trials = (await import(suite)).trials
  }

  async dryRun() {
    const tests = []
    for (const trial of this.#trials) {
      shared().currentTestId = trial.name
      const began = Date.now()
      const violation = await trial.run()
      tests.push(outcome(trial, violation, Date.now() - began))
    }
    shared().currentTestId = undefined
    return { status: "complete", tests, mutantCoverage: shared().mutantCoverage }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    const world = shared()
    world.activeMutant = activeMutant.id
    world.hitCount = hitLimit === undefined ? undefined : 0
    world.hitLimit = hitLimit
    const covering = this.#trials.filter(({ name }) => testFilter?.includes(name) ?? true)
    try {
      return await firstCatch(covering)
    } finally {
      world.activeMutant = undefined
      world.hitCount = world.hitLimit = undefined
    }
  }
}

async function firstCatch(trials) {
  let nrOfTests = 0
  for (const trial of trials) {
    nrOfTests++
    const failureMessage = await trial.run().catch((error) => `run: ${error}`)
    const { hitCount, hitLimit } = shared()
    if (hitLimit !== undefined && hitCount > hitLimit)
      return { status: "timeout", reason: `hit ${hitCount} times, ${hitLimit} allowed` }
    if (failureMessage !== undefined) return { status: "killed", killedBy: [trial.name], failureMessage, nrOfTests }
  }
  return { status: "survived", nrOfTests }
}

const outcome = ({ name }, violation, timeSpentMs) => ({
  id: name,
  name,
  timeSpentMs,
  ...(violation === undefined ? { status: 0 } : { status: 1, failureMessage: violation }),
})

const runner = () => new PropertySuite()
runner.inject = []

export const strykerPlugins = [{ kind: "TestRunner", name: "property-suite", factory: runner }]
