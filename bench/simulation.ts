/*
 * What a simulated step costs, beside fast-check's scheduler in the same process and on the same workloads:
 *
 *   toy    complete runs of 3 consumers that each take 30 steps one after another, with a check at the end
 *   flat   one run in which n steps are pending at once
 *
 * Ours has virtual time, lives that can end, and a digest of every step; fast-check's has none of them.
 *
 *   node --import tsx bench/simulation.ts            5 rounds, flat up to 100 000
 *   node --import tsx bench/simulation.ts quick      3 rounds, flat up to 30 000
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
    const result = await simulate(seed, main)
    if (result.outcome.kind === "failed") throw result.outcome.error
    steps += result.steps
  }
  return { runs: seeds, steps }
}

async function fastCheckToy(): Promise<Work> {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    let taken = 0
    const consumer = async () => {
      for (let k = 0; k < chain; k++) {
        await scheduler.schedule(Promise.resolve())
        taken++
      }
    }
    const all = Promise.all(Array.from({ length: consumers }, consumer))
    await scheduler.waitIdle()
    await all
    mustBe(consumers * chain, taken)
  })
  await fc.assert(property, { numRuns: toyRuns, seed: 1 })
  return { runs: toyRuns, steps: toyRuns * consumers * chain }
}

const flat = (n: number) => async (world: World) => {
  await Promise.all(Array.from({ length: n }, () => world.clock.turn()))
}

const flatTimers = (n: number) => async (world: World) => {
  await Promise.all(Array.from({ length: n }, (_, i) => world.clock.sleep((i * 7_919) % 100_003)))
}

const fastCheckFlat = (n: number) => async (): Promise<Work> => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const all = Array.from({ length: n }, () => scheduler.schedule(Promise.resolve()))
    await scheduler.waitIdle()
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
const port: Wait = (self) => {
  const service = self.port("service", { call: async () => 1 })
  return () => service.call()
}
const contenders: readonly (readonly [name: string, work: () => Promise<Work>])[] = [
  ["event loop turns", eventLoopTurns],
  ["toy: fast-check", fastCheckToy],
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
  ...sizes.flatMap((n) => [
    [`flat ${n}: fast-check`, fastCheckFlat(n)] as const,
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
