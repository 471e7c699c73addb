/*
 * A worker thread of the command: makes those runs of a check that it is asked for, and reports each. It has the
 * scenarios of its own; what it is asked for comes by name, as plain data.
 */
import { parentPort, workerData } from "node:worker_threads"
import { makeRuns } from "../properties/check.js"
import type { Scenario } from "../properties/scenario.js"
import { engineOf } from "./engine-module.js"
import type { FromRunMaker, RunMakerData, ToRunMaker } from "./run-makers.js"
import { strategyNamed } from "./strategy-option.js"

const port = parentPort!
const tell = (message: FromRunMaker) => port.postMessage(message)
const { scenarios } = (await import((workerData as RunMakerData).scenarios)) as { scenarios: readonly Scenario[] }
let stopping = new AbortController()

port.on("message", (message: ToRunMaker) => {
  if (message.kind === "stop") return stopping.abort()
  // What fails here fails the thread, and so the command.
  void make(message)
})
tell({ kind: "ready" })

async function make({ order }: Extract<ToRunMaker, { kind: "make" }>): Promise<void> {
  stopping = new AbortController()
  const { scenario: name, strategy, engine: module, ...options } = order
  const engine = await engineOf(module)
  const scenario = scenarios.find((each) => each.name === name)!
  const { signal } = stopping
  await makeRuns(scenario, { ...options, engine, strategy: strategyNamed(strategy), store: "fake", signal }, (report) =>
    tell({ kind: "report", report }),
  )
  tell({ kind: "done" })
}
