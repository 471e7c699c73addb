/*
 * What a simulated step costs, beside fast-check's scheduler in the same process and on the same workloads:
 *
 *   toy     complete runs of 3 consumers that each take 30 steps one after another, with a check at the end
 *   chain   one run of 3 consumers that take n steps together, one after another: does a step cost more in a long run?
 *   flat    one run in which n steps are pending at once
 *   days    how much virtual time a second of real time is, for 3 consumers that poll every 100 ms for an hour
 *
 * Ours has virtual time, lives that can end, and a digest of every step; fast-check's has none of them. fast-check's is
 * driven by `waitIdle`, and beside it by the deprecated `waitAll`.
 *
 *   npm run bench:simulation                              5 rounds, chain up to 1 000 000, flat up to 100 000
 *   node --import tsx bench/simulation.ts quick           3 rounds, chain up to 100 000, flat up to 30 000
 */
import fc from "fast-check"
import { simulate } from "../sim/index.js"
import type { ProcessContext, World } from "../sim/index.js"

const quick = process.argv.includes("quick")
const rounds = quick ? 3 : 5
const toyRuns = 2_000
const consumers = 3
const chain = 30

/** The check that keeps the toy honest: every consumer took every step. */
function mustBe(expected: number, taken: number): void {
  if (taken !== expected) throw new Error(`${taken} steps were taken instead of ${expected}`)
}

type Wait = (self: ProcessContext) => () => Promise<unknown>

/** As three processes: one step more for the start of each. */
const toyOfProcesses = (wait: Wait) => async (world: World) => {
  let taken = 0
  const started = Array.from({ length: consumers }, (_, i) =>
    world.process(`consumer-${i}`, async (self) => {
      const step = wait(self)
      for (let k = 0; k < chain; k++) {
        await step()
        taken++
      }
    }),
  )
  await Promise.all(started.map(({ ended }) => ended))
  mustBe(consumers * chain, taken)
}

async function toyOnBareWorld(world: World): Promise<void> {
  let taken = 0
  const consumer = async () => {
    for (let k = 0; k < chain; k++) {
      await world.clock.turn()
      taken++
    }
  }
  await Promise.all(Array.from({ length: consumers }, consumer))
  mustBe(consumers * chain, taken)
}

async function ours(main: (world: World) => Promise<void>, seeds: number): Promise<Work> {
  let steps = 0
  for (let seed = 0; seed < seeds; seed++) {
    const result = await simulate(seed, main, { maxSteps: 2_000_000 })
    if (result.outcome.kind === "failed") throw result.outcome.error
    steps += result.steps
  }
  return { runs: seeds, steps }
}

/** How fast-check's scheduler is driven until nothing is pending. */
type Drain = "waitIdle" | "waitAll"

const fastCheckToy = (drain: Drain) => async (): Promise<Work> => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    let taken = 0
    const consumer = async () => {
      for (let k = 0; k < chain; k++) {
        await scheduler.schedule(Promise.resolve())
        taken++
      }
    }
    const all = Promise.all(Array.from({ length: consumers }, consumer))
    await scheduler[drain]()
    await all
    mustBe(consumers * chain, taken)
  })
  await fc.assert(property, { numRuns: toyRuns, seed: 1 })
  return { runs: toyRuns, steps: toyRuns * consumers * chain }
}

const longChain = (n: number) => async (world: World) => {
  const consumer = async (self: ProcessContext) => {
    for (let k = 0; k < n / consumers; k++) await self.clock.turn()
  }
  await Promise.all(Array.from({ length: consumers }, (_, i) => world.process(`consumer-${i}`, consumer).ended))
}

const fastCheckChain = (n: number, drain: Drain) => async (): Promise<Work> => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const consumer = async () => {
      for (let k = 0; k < n / consumers; k++) await scheduler.schedule(Promise.resolve())
    }
    const all = Promise.all(Array.from({ length: consumers }, consumer))
    await scheduler[drain]()
    await all
  })
  await fc.assert(property, { numRuns: 1, seed: 1 })
  return { runs: 1, steps: n }
}

const hourMs = 3_600_000

/** An hour of polling: each poll is a call that takes its time, and then a pause. */
async function hour(world: World): Promise<void> {
  const feed = { read: async () => 0 }
  const poll = async (self: ProcessContext) => {
    const port = self.port("feed", feed)
    const end = self.clock.now() + hourMs - 1_000
    while (self.clock.now() < end) {
      await port.read()
      await self.clock.sleep(100)
    }
  }
  await Promise.all(Array.from({ length: consumers }, (_, i) => world.process(`consumer-${i}`, poll).ended))
}

const flat = (n: number) => async (world: World) => {
  await Promise.all(Array.from({ length: n }, () => world.clock.turn()))
}

const flatTimers = (n: number) => async (world: World) => {
  await Promise.all(Array.from({ length: n }, (_, i) => world.clock.sleep((i * 7_919) % 100_003)))
}

const fastCheckFlat = (n: number, drain: Drain) => async (): Promise<Work> => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const all = Array.from({ length: n }, () => scheduler.schedule(Promise.resolve()))
    await scheduler[drain]()
    await Promise.all(all)
  })
  await fc.assert(property, { numRuns: 1, seed: 1 })
  return { runs: 1, steps: n }
}

interface Work {
  readonly runs: number
  readonly steps: number
}

async function eventLoopTurns(): Promise<Work> {
  const turns = 200_000
  await new Promise<void>((resolve) => {
    let left = turns
    const turn = () => (--left === 0 ? resolve() : void setImmediate(turn))
    setImmediate(turn)
  })
  return { runs: 1, steps: turns }
}

async function rate(work: () => Promise<Work>): Promise<{ readonly steps: number; readonly runs: number }> {
  const began = performance.now()
  const done = await work()
  const seconds = (performance.now() - began) / 1_000
  return { steps: done.steps / seconds, runs: done.runs / seconds }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const sizes = quick ? [1_000, 10_000, 30_000] : [1_000, 10_000, 100_000]
const lengths = quick ? [1_000, 10_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000]
const port: Wait = (self) => {
  const service = self.port("service", { call: async () => 1 })
  return () => service.call()
}
const contenders: readonly (readonly [name: string, work: () => Promise<Work>])[] = [
  ["event loop turns", eventLoopTurns],
  ["toy: fast-check", fastCheckToy("waitIdle")],
  ["toy: fast-check, waitAll", fastCheckToy("waitAll")],
  ["toy: ours, turns", () => ours(toyOnBareWorld, toyRuns)],
  [
    "toy: ours, turns in processes",
    () =>
      ours(
        toyOfProcesses((self) => () => self.clock.turn()),
        toyRuns,
      ),
  ],
  [
    "toy: ours, sleeps in processes",
    () =>
      ours(
        toyOfProcesses((self) => () => self.clock.sleep(1)),
        toyRuns,
      ),
  ],
  ["toy: ours, calls in processes", () => ours(toyOfProcesses(port), toyRuns)],
  ...lengths.flatMap((n) => [
    [`chain ${n}: fast-check`, fastCheckChain(n, "waitIdle")] as const,
    [`chain ${n}: fast-check, waitAll`, fastCheckChain(n, "waitAll")] as const,
    [`chain ${n}: ours`, () => ours(longChain(n), 1)] as const,
  ]),
  ["days: ours", () => ours(hour, 1)],
  ...sizes.flatMap((n) => [
    [`flat ${n}: fast-check`, fastCheckFlat(n, "waitIdle")] as const,
    [`flat ${n}: fast-check, waitAll`, fastCheckFlat(n, "waitAll")] as const,
    [`flat ${n}: ours, ready`, () => ours(flat(n), 1)] as const,
    [`flat ${n}: ours, timers`, () => ours(flatTimers(n), 1)] as const,
  ]),
]

const measured = new Map(contenders.map(([name]) => [name, { steps: [] as number[], runs: [] as number[] }]))
for (let round = 0; round < rounds; round++)
  for (const [name, work] of contenders) {
    const { steps, runs } = await rate(work)
    measured.get(name)!.steps.push(steps)
    measured.get(name)!.runs.push(runs)
  }

const thousands = (n: number) => `${(n / 1_000).toFixed(1)} k`.padStart(9)
console.log(`${"".padEnd(34)}   steps/s    runs/s   steps/s over fast-check   event loop turns per step`)
const turnsPerSecond = median(measured.get("event loop turns")!.steps)
for (const [name, { steps, runs }] of measured) {
  const peer = measured.get(`${name.slice(0, name.indexOf(":"))}: fast-check`)
  const ratio = peer === undefined ? "" : (median(steps) / median(peer.steps)).toFixed(2)
  const turns = (turnsPerSecond / median(steps)).toFixed(1)
  const perRun = name.startsWith("toy") ? thousands(median(runs)) : "".padStart(9)
  console.log(`${name.padEnd(34)} ${thousands(median(steps))} ${perRun} ${ratio.padStart(25)} ${turns.padStart(27)}`)
}

const runsPerSecond = median(measured.get("days: ours")!.runs)
console.log(`\nvirtual over real time: ${Math.round((runsPerSecond * hourMs) / 1_000)}`)
