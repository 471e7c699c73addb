/** A thread of `bench/gallery.ts`: hunts bugs and makes what it finds smaller, one task at a time. */
import { parentPort } from "node:worker_threads"
import { caseText } from "../../properties/case.js"
import { retell } from "../../properties/retell.js"
import { smallestCase, usualBudget } from "../../properties/smallest-case.js"
import { hunt, type Prey } from "../../scenarios/gallery/hunt.js"
import { plantedBugs } from "../../scenarios/gallery/planted-bugs.js"
import { portfolio, type Strategy } from "../../sim/index.js"
import { mostMs, mostRuns, strategies } from "./strategies.js"

export type Task =
  | { readonly kind: "hunt"; readonly bug: string; readonly strategy: string; readonly seed: number }
  | { readonly kind: "story"; readonly bug: string; readonly seed: number }

export interface Hunted {
  /** Undefined: it was not found. */
  readonly runs: number | undefined
  readonly ms: number
}

/** What was found, made smaller. */
export interface Told {
  readonly decisions: number
  readonly faults: number
  /** How long it took to make it smaller, in milliseconds of processor time. */
  readonly ms: number
  readonly case: string
  readonly story: readonly string[]
}

/** Of the whole program, so that nothing else should run beside it. Does not depend on what else the machine does. */
const processorTime = {
  now(): number {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  },
}

const preys = new Map<string, Promise<Prey>>()

function preyOf(bug: string): Promise<Prey> {
  const known = preys.get(bug)
  if (known !== undefined) return known
  const prey = plantedBugs.find(({ name }) => name === bug)!.prey()
  preys.set(bug, prey)
  return prey
}

const begun = new Map<string, Promise<Strategy>>()

function strategyOf(name: string, bug: string, prey: Prey): Promise<Strategy> {
  const key = `${name} ${bug}`
  const known = begun.get(key)
  if (known !== undefined) return known
  const strategy = Promise.resolve(strategies[name]!(prey))
  begun.set(key, strategy)
  return strategy
}

async function hunted({ bug, strategy: name, seed }: Extract<Task, { kind: "hunt" }>): Promise<Hunted> {
  const prey = await preyOf(bug)
  const strategy = await strategyOf(name, bug, prey)
  const began = performance.now()
  const isOver = () => performance.now() - began > mostMs
  const found = await hunt(prey, { seed, strategy, mostRuns, isOver })
  return { runs: found?.runs, ms: performance.now() - began }
}

async function told({ bug, seed }: Extract<Task, { kind: "story" }>): Promise<Told | undefined> {
  const prey = await preyOf(bug)
  const found = await hunt(prey, { seed, strategy: portfolio, mostRuns })
  if (found === undefined) return undefined
  const began = processorTime.now()
  const smallest = await smallestCase(found.under, found.run, found.violation, usualBudget, processorTime)
  const ms = processorTime.now() - began
  if (smallest === undefined) throw new Error(`"${bug}" is not shown again by its own decisions`)
  const { story } = await retell(smallest, prey.play.scenario, prey.engine, prey.properties)
  const faults = smallest.decisions.filter(({ kind }) => kind === "fault").length
  return { decisions: smallest.decisions.length, faults, ms, case: caseText(smallest), story }
}

parentPort?.on("message", (task: Task) => {
  const done = task.kind === "hunt" ? hunted(task) : told(task)
  done.then(
    (value) => parentPort?.postMessage({ value }),
    (error: unknown) => parentPort?.postMessage({ error }),
  )
})
