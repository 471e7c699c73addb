/** The hunts of a gallery, and what of them is worth telling. */
import type { PlantedBug } from "../../scenarios/gallery/planted-bugs.js"
import type { Hunt, Journal } from "./journal.js"
import type { Pool } from "./pool.js"
import { mostMs, mostRuns } from "./strategies.js"
import { Table } from "./table.js"
import type { Hunted } from "./worker.js"

/** One strategy after one bug, seed after seed. */
interface Cell {
  readonly bug: PlantedBug
  readonly strategy: string
  /** Per seed; Infinity where it was not found. */
  readonly runs: readonly number[]
  readonly ms: number
}

/** In milliseconds. Processor time tells what it would be on a machine that has nothing else to do. */
interface Time {
  readonly wall: number
  readonly processor: number
}

interface Sweep {
  readonly cells: readonly Cell[]
  /** What all hunts with one seed take on all threads together, one for each seed. Only where it was measured. */
  readonly times: readonly Time[]
}

export interface HuntPlan {
  readonly bugs: readonly PlantedBug[]
  readonly strategies: readonly string[]
  readonly seeds: number
  readonly threads: number
}

/** Whether to ask a strategy for yet another seed of a bug. */
const isHopeless = (runs: readonly number[]): boolean => runs.length >= 3 && runs.every((n) => n === Infinity)

/** @param done Told of the strategies so far, after each of them. */
export async function huntAll(
  pool: Pool,
  journal: Journal,
  { bugs, strategies, seeds, threads }: HuntPlan,
  done: (sweeps: readonly Sweep[]) => Promise<void>,
): Promise<void> {
  const hunt = (hunted: Hunt) => journal.take(hunted, () => pool.run({ kind: "hunt", ...hunted }))
  const sweeps: Sweep[] = []
  for (const strategy of strategies) {
    const by = strategy === "portfolio" ? bySeed : byBug
    sweeps.push(await by(hunt, strategy, { bugs, seeds, threads }))
    console.log(`${strategy}: ${summaryOf(sweeps.at(-1)!)}`)
    await done(sweeps)
  }
}

type Share = Omit<HuntPlan, "strategies">
type Hunting = (hunt: Hunt) => Promise<Hunted & { readonly isNew: boolean }>

/** All bugs with one seed, then with the next, so that it can be said how long one seed takes. */
async function bySeed(hunt: Hunting, strategy: string, { bugs, seeds }: Share): Promise<Sweep> {
  const found = bugs.map((bug) => ({ bug, strategy, runs: [] as number[], ms: 0 }))
  const times: Time[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const began = performance.now()
    const used = process.cpuUsage()
    const areNew = await Promise.all(
      found.map(async (cell) => {
        const { runs = Infinity, ms, isNew } = await hunt({ bug: cell.bug.name, strategy, seed })
        cell.runs.push(runs)
        cell.ms += ms
        return isNew
      }),
    )
    if (areNew.includes(false)) continue
    const { user, system } = process.cpuUsage(used)
    times.push({ wall: performance.now() - began, processor: (user + system) / 1_000 })
    console.log(`${strategy}, seed ${seed} of ${seeds}: ${seconds(times.at(-1)!.wall)}`)
  }
  return { cells: found, times }
}

async function byBug(hunt: Hunting, strategy: string, { bugs, seeds, threads }: Share): Promise<Sweep> {
  const cells: Cell[] = []
  const left = [...bugs.entries()]
  const take = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [at, bug] = next
      const cell = { bug, strategy, runs: [] as number[], ms: 0 }
      for (let seed = 1; seed <= seeds && !isHopeless(cell.runs); seed++) {
        const { runs = Infinity, ms } = await hunt({ bug: bug.name, strategy, seed })
        cell.runs.push(runs)
        cell.ms += ms
      }
      cells[at] = cell
    }
  }
  await Promise.all(Array.from({ length: threads }, take))
  return { cells, times: [] }
}

export function huntSection(sweeps: readonly Sweep[], { bugs, seeds, threads }: HuntPlan): string {
  const overview = new Table("strategy", "bugs found by every seed", "by none", "median of medians", "worst", "time")
  for (const sweep of sweeps) overview.add(...overviewOf(sweep))
  const detail = new Table("bug", "property", ...sweeps.map(({ cells }) => cells[0]!.strategy))
  for (const [n, { name, property, where }] of bugs.entries())
    detail.add(`${name} (${where})`, property, ...sweeps.map(({ cells }) => textOf(cells[n]!)))
  return [
    `${bugs.length} bugs, ${seeds} seeds each, at most ${mostRuns.toLocaleString("en")} runs for each seed. Times are wall`,
    `times of single threads; the ones of whole hunts are of ${threads} threads.`,
    "",
    ...sweeps.filter(({ times }) => times.length > 0).flatMap((sweep) => [wallOf(sweep), ""]),
    ...overview.lines,
    "",
    "For each bug and strategy: the median of the runs that it took, the worst of the seeds, and the wall time of all of",
    `them. \`> ${mostRuns}\`: not found within as many, or within ${seconds(mostMs)}; a strategy that finds a bug with none of three seeds`,
    "is not asked further.",
    "",
    ...detail.lines,
  ].join("\n")
}

function wallOf({ cells, times }: Sweep): string {
  const walls = times.map(({ wall }) => wall)
  const processor = seconds(median(times.map((time) => time.processor)))
  return (
    `One hunt of all ${cells.length} bugs by the ${cells[0]!.strategy}, with one seed, takes ${seconds(median(walls))} ` +
    `(at most ${seconds(Math.max(...walls))}), and ${processor} of processor time.`
  )
}

function overviewOf({ cells }: Sweep): string[] {
  const always = cells.filter(({ runs }) => Math.max(...runs) < Infinity)
  const never = cells.filter(({ runs }) => Math.min(...runs) === Infinity)
  const worst = Math.max(...cells.map(({ runs }) => Math.max(...runs)))
  const ms = cells.reduce((sum, cell) => sum + cell.ms, 0)
  const medians = median(cells.map(({ runs }) => median(runs)))
  return [
    cells[0]!.strategy,
    `${always.length} of ${cells.length}`,
    `${never.length}`,
    count(medians),
    count(worst),
    seconds(ms),
  ]
}

const summaryOf = (sweep: Sweep): string => overviewOf(sweep).slice(1).join(" | ")

const textOf = ({ runs, ms }: Cell): string => `${count(median(runs))} / ${count(Math.max(...runs))} / ${seconds(ms)}`

const count = (runs: number): string => (runs === Infinity ? `> ${mostRuns}` : String(runs))
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]!
}
