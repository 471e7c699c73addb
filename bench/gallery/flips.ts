/** A bug that needs a task to lose fifteen coin flips in a row, with fast-check's own scheduler beside ours. */
import { stepsPerProcess } from "../../sim/index.js"
import { fifteenFlips, hunted, runsOfFastCheck, runsText, runsToFind, strategies } from "../toy-bugs.js"
import { Table } from "./table.js"

export async function flipSection(seeds: number): Promise<string> {
  const table = new Table("scheduler", "median", "worst", "time")
  const add = async (name: string, find: (seed: number) => Promise<number>) => {
    const { median, worst, ms } = await hunted(find, seeds)
    table.add(name, runsText(median), runsText(worst), `${(ms / 1_000).toFixed(1)} s`)
  }
  const expected = await stepsPerProcess(0, fifteenFlips)
  for (const make of strategies) {
    const strategy = make(expected)
    await add(strategy.name, (seed) => runsToFind(fifteenFlips, strategy, seed))
  }
  await add("fast-check's scheduler", runsOfFastCheck)
  return [
    "Two tasks take fifteen turns each; the bug shows when one of them has taken all of its turns before the other has taken",
    `one. Runs that it took to find it, over ${seeds} seeds, and the wall time of all of them.`,
    "",
    ...table.lines,
  ].join("\n")
}
