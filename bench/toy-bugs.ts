/** Small bugs on which strategies are compared; `bench/strategies.ts` says what they are. */
import fc from "fast-check"
import {
  delayBounded,
  fifo,
  pct,
  portfolio,
  type Process,
  type ProcessContext,
  random,
  simulate,
  skewed,
  type StepsPerProcess,
  type Strategy,
  uniformWalk,
  withLatencies,
  type World,
} from "../sim/index.js"

/** Runs of one hunt, at most. */
export const most = 1_000

/** Runs a scenario in which a bug may show itself; throws when it does. */
export type Scenario = (world: World) => Promise<void>

class Found extends Error {}

export async function fifteenFlips(world: World): Promise<void> {
  const turns = 15
  const taken = [0, 0]
  const task = (i: 0 | 1) => async (self: ProcessContext) => {
    while (taken[i]! < turns) {
      await self.clock.turn()
      taken[i]!++
      if (taken[1] === turns && taken[0] === 0) throw new Found()
    }
  }
  await allOf([world.process("first", task(0)), world.process("second", task(1))])
}

/** The same on ports, with latencies: a flip is who of two calls is done first. */
async function fifteenCalls(world: World): Promise<void> {
  const done = [0, 0]
  const store = {
    put: async (i: 0 | 1) => {
      done[i]!++
    },
  }
  const task = (i: 0 | 1) => async (self: ProcessContext) => {
    const port = self.port("store", store)
    while (done[i]! < 15) {
      await port.put(i)
      if (done[1] === 15 && done[0] === 0) throw new Found()
    }
  }
  await allOf([world.process("first", task(0)), world.process("second", task(1))])
}

async function lostUpdate(world: World): Promise<void> {
  const counter = { value: 0, read: async () => counter.value, write: async (n: number) => void (counter.value = n) }
  const add = async (self: ProcessContext) => {
    const port = self.port("counter", counter)
    await self.clock.sleep(self.random.integer(0, 60))
    await port.write((await port.read()) + 1)
  }
  await allOf(["a", "b", "c"].map((name) => world.process(name, add)))
  if (counter.value !== 3) throw new Found()
}

async function lease(world: World): Promise<void> {
  const ms = 20
  let holder = ""
  let until = 0
  const store = {
    acquire: async (who: string) => {
      if (world.clock.now() < until && holder !== who) return false
      holder = who
      until = world.clock.now() + ms
      return true
    },
    write: async (who: string) => {
      if (holder !== who) throw new Found()
    },
  }
  const work = async (self: ProcessContext) => {
    const port = self.port("store", store)
    while (!(await port.acquire(self.name))) await self.clock.sleep(5)
    for (let i = 0; i < 4; i++) {
      await self.clock.sleep(1)
      await port.write(self.name)
    }
  }
  await allOf([world.process("a", work), world.process("b", work)])
}

async function nested(world: World): Promise<void> {
  const log: string[] = []
  const task = (name: string, turns: number) =>
    world.process(name, async (self) => {
      for (let i = 0; i < turns; i++) {
        await self.clock.turn()
        log.push(`${name}${i}`)
      }
    })
  await allOf([task("a", 8), task("b", 8), task("c", 8)])
  const order = ["a0", "b0", "c0", "c7", "b7", "a7"].map((step) => log.indexOf(step))
  if (order.every((place, i) => i === 0 || place > order[i - 1]!)) throw new Found()
}

async function zombie(world: World): Promise<void> {
  let version = 0
  const store = { read: async () => version, bump: async () => (version += 1) }
  const reader = world.process("reader", async (self) => {
    const port = self.port("store", store)
    const seen = await port.read()
    await self.clock.turn()
    if (seen === 0 && version === 12) throw new Found()
  })
  const writer = world.process("writer", async (self) => {
    const port = self.port("store", store)
    for (let i = 0; i < 12; i++) await port.bump()
  })
  await allOf([reader, writer])
}

async function allOf(processes: readonly Process[]): Promise<void> {
  for (const ending of await Promise.all(processes.map(({ ended }) => ended))) {
    if (ending.kind === "failed") throw ending.error
  }
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  "fifteen flips": fifteenFlips,
  "fifteen calls": fifteenCalls,
  "lost update": lostUpdate,
  lease,
  nested,
  zombie,
}

export const strategies: readonly ((expected: StepsPerProcess) => Strategy)[] = [
  () => portfolio,
  () => random,
  () => withLatencies(random, "none"),
  () => withLatencies(random, "uneven"),
  () => fifo,
  () => withLatencies(pct(1), "none"),
  () => withLatencies(pct(2), "none"),
  () => withLatencies(pct(3), "none"),
  () => withLatencies(pct(3, { of: "process" }), "none"),
  () => withLatencies(pct(2), "uneven"),
  () => withLatencies(skewed(), "none"),
  () => withLatencies(skewed("process"), "none"),
  () => withLatencies(delayBounded(2), "none"),
  () => withLatencies(delayBounded(5), "none"),
  (expected) => withLatencies(uniformWalk(expected), "none"),
]

export async function runsToFind(scenario: Scenario, strategy: Strategy, seed: number): Promise<number> {
  for (let run = 1; run <= most; run++) {
    const { outcome } = await simulate(`${seed}/${run}`, scenario, { strategy })
    if (outcome.kind === "ok") continue
    if (outcome.error instanceof Found) return run
    throw outcome.error
  }
  return Infinity
}

/** fast-check's own scheduler on the tasks of "fifteen flips": the only ones of these that it can express as they are. */
export async function runsOfFastCheck(seed: number): Promise<number> {
  let runs = 0
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    runs++
    const taken = [0, 0]
    const task = async (i: 0 | 1) => {
      while (taken[i]! < 15) {
        await scheduler.schedule(Promise.resolve())
        taken[i]!++
        if (taken[1] === 15 && taken[0] === 0) throw new Found()
      }
    }
    const all = Promise.all([task(0), task(1)])
    all.catch(() => undefined)
    await scheduler.waitIdle()
    await all
  })
  const { failed } = await fc.check(property, { numRuns: most, seed, endOnFailure: true })
  return failed ? runs : Infinity
}

/** What hunts with several seeds came to. */
export interface Hunted {
  readonly median: number
  readonly worst: number
  readonly ms: number
}

export async function hunted(find: (seed: number) => Promise<number>, seeds: number): Promise<Hunted> {
  const began = performance.now()
  const found: number[] = []
  for (let seed = 0; seed < seeds; seed++) found.push(await find(seed))
  found.sort((a, b) => a - b)
  return { median: found[Math.floor((seeds - 1) / 2)]!, worst: found.at(-1)!, ms: performance.now() - began }
}

/** `> 1000` where it was not found. */
export const runsText = (runs: number): string => (runs === Infinity ? `> ${most}` : String(runs))
