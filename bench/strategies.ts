/*
 * In how many runs each strategy finds a bug, beside fast-check's scheduler in the same process:
 *
 *   fifteen flips   a task does all of its fifteen turns before another one has done its first
 *   fifteen calls   the same with calls of a port, each of which takes 0 to 6 ms
 *   lost update     two of three processes read a counter before either has written it
 *   lease           a slow holder writes after its lease of 20 ms was taken over: a matter of time, not only of order
 *   nested          all of a task comes between the first and the last turn of another, and all of that within a third
 *   zombie          a process does nothing while another one makes twelve calls, and then goes on with what it had read
 *
 * For each the median of the runs to find it over 20 seeds (1,000 at most), the worst of them, and the wall time of all.
 *
 *   node --import tsx bench/strategies.ts            20 seeds
 *   node --import tsx bench/strategies.ts quick      5 seeds
 */
import { stepsPerProcess } from "../sim/index.js"
import { fifteenFlips, hunted, runsOfFastCheck, runsText, runsToFind, scenarios, strategies } from "./toy-bugs.js"

const seeds = process.argv.includes("quick") ? 5 : 20

async function line(name: string, find: (seed: number) => Promise<number>): Promise<void> {
  const { median, worst, ms } = await hunted(find, seeds)
  const time = `${ms.toFixed(0)} ms`.padStart(10)
  console.log(`  ${name.padEnd(34)} ${runsText(median).padStart(8)} ${runsText(worst).padStart(8)} ${time}`)
}

console.log(`runs to find, ${seeds} seeds                      median    worst  wall time`)
for (const [name, scenario] of Object.entries(scenarios)) {
  console.log(name)
  if (scenario === fifteenFlips) await line("fast-check's scheduler", runsOfFastCheck)
  const expected = await stepsPerProcess(0, scenario)
  for (const make of strategies) {
    const strategy = make(expected)
    await line(strategy.name, (seed) => runsToFind(scenario, strategy, seed))
  }
}
