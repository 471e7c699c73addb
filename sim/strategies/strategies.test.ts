import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Life } from "../life.js"
import { Scheduler } from "../scheduler.js"
import { seededRandom } from "../seeded-random.js"
import { simulate, type SimulationOptions } from "../simulate.js"
import { stepLabel } from "../step-label.js"
import { fifo, random, type Strategy } from "../strategy.js"
import type { ProcessContext, World } from "../world.js"
import { delayBounded } from "./delay-bounded.js"
import { withLatencies } from "./latencies.js"
import { pct } from "./pct.js"
import { portfolio } from "./portfolio.js"
import { skewed } from "./skewed.js"
import { stepsPerProcess, uniformWalk } from "./uniform-walk.js"

const strategies: readonly Strategy[] = [
  random,
  fifo,
  pct(1),
  pct(3),
  pct(4, { of: "process", choices: 40 }),
  skewed(),
  skewed("process"),
  delayBounded(0),
  delayBounded(3),
  uniformWalk({ p0: 10, p1: 3 }),
  portfolio,
]

/** Two tasks of so many turns each; the second must not have done all of its turns before the first has done one. */
const starvation = (turns: number) => async (world: World) => {
  let first = 0
  const task = (on: () => void) => async (self: ProcessContext) => {
    for (let turn = 0; turn < turns; turn++) {
      await self.clock.turn()
      on()
    }
  }
  let second = 0
  const victim = world.process(
    "first",
    task(() => first++),
  )
  const other = world.process(
    "second",
    task(() => {
      if (++second === turns && first === 0) throw new Error("the first task never got its turn")
    }),
  )
  const [, ending] = await Promise.all([victim.ended, other.ended])
  if (ending.kind === "failed") throw ending.error
}

async function runsToFind(main: (world: World) => Promise<void>, seed: number, options: SimulationOptions) {
  for (let run = 1; run <= 200; run++) {
    const { outcome } = await simulate(`${seed}/${run}`, main, options)
    if (outcome.kind === "failed") return run
  }
  return Infinity
}

/** The order in which chains of these lengths go, as one string of their numbers, and what it cost. */
async function order(strategy: Strategy, lengths: readonly number[], seed: number) {
  const life = new Life(undefined, "world", (error) => {
    throw error
  })
  const label = stepLabel("world", "test", "step", "turn")
  const taken: number[] = []
  const scheduler = new Scheduler({
    chooser: strategy.begin(seededRandom(seed)),
    maxSteps: 1_000_000,
    maxVirtualMs: 1_000_000,
    released: () => undefined,
    held: () => undefined,
    strike: () => false,
    waiting: () => "",
  })
  const step = (chain: number, left: number) => {
    if (left === 0) return
    scheduler.add(label, life, 0, () => {
      taken.push(chain)
      step(chain, left - 1)
    })
  }
  lengths.forEach((length, chain) => step(chain, length))
  const all = lengths.reduce((sum, length) => sum + length, 0)
  await scheduler.run(() => taken.length === all)
  return { taken, work: scheduler.work }
}

describe("every strategy", () => {
  const cases = strategies.map((strategy) => [strategy.name, strategy] as const)

  it.each(cases)(
    "%s runs each step once, each chain in its order, and the same way for the same seed",
    async (_, s) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 8 }),
          fc.integer(),
          async (lengths, seed) => {
            const { taken } = await order(s, lengths, seed)
            expect(lengths.map((_, chain) => taken.filter((other) => other === chain).length)).toEqual(lengths)
            expect((await order(s, lengths, seed)).taken).toEqual(taken)
          },
        ),
        { numRuns: 30 },
      )
    },
  )

  it.each(cases)("%s goes through 20 000 pending steps with a logarithm of work for each", async (_, s) => {
    const work = async (n: number) => (await order(s, new Array<number>(n).fill(1), 5)).work / n
    expect((await work(20_000)) / (await work(1_000))).toBeLessThan(3)
  })

  it.each(cases)("%s copes with steps that are called off, crashes and restarts", async (_, strategy) => {
    const main = async (world: World) => {
      world.fault({ process: "p0", crash: { rate: 0.1, restartAfterMs: [0, 2], most: 3 } })
      const service = { call: async () => 1 }
      const all = [0, 1, 2].map((i) =>
        world.process(`p${i}`, async (self) => {
          const port = self.port("service", service)
          const abort = new AbortController()
          const slept = self.clock.sleep(5, abort.signal)
          await Promise.all([port.call(), port.call(), self.clock.turn()])
          abort.abort()
          await slept
        }),
      )
      await world.clock.sleep(50)
      await Promise.all(all.map(({ ended }) => ended))
    }
    for (let seed = 0; seed < 20; seed++) {
      const once = await simulate(seed, main, { strategy })
      expect(once.outcome).toEqual({ kind: "ok" })
      expect(await simulate(seed, main, { strategy })).toEqual(once)
      const again = await simulate(seed, main, { decisions: once.decisions })
      expect(again.traceHash).toBe(once.traceHash)
    }
  })
})

/** Processes of so many turns each; a run's history is the order in which they took them. */
const race = (lengths: readonly number[], histories: string[]) => async (world: World) => {
  let history = ""
  const started = lengths.map((turns, i) =>
    world.process(`p${i}`, async (self) => {
      history += String(i)
      for (let turn = 1; turn < turns; turn++) {
        await self.clock.turn()
        history += String(i)
      }
    }),
  )
  await Promise.all(started.map(({ ended }) => ended))
  histories.push(history)
}

describe("the uniform walk", () => {
  it("meets all interleavings of processes of different lengths equally often", async () => {
    const histories: string[] = []
    const main = race([2, 5], histories)
    const expected = await stepsPerProcess(0, main)
    expect(expected).toEqual({ p0: 2, p1: 5 })
    expect(histories.splice(0)).toEqual(["0101111"])
    const runs = 2_100
    const leastAndMost = async (strategy: Strategy) => {
      for (let seed = 0; seed < runs; seed++) await simulate(seed, main, { strategy })
      const counts = new Map<string, number>()
      for (const history of histories.splice(0)) counts.set(history, (counts.get(history) ?? 0) + 1)
      expect(counts.size).toBe(21)
      return [Math.min(...counts.values()), Math.max(...counts.values())] as const
    }
    // 100 each are expected; 35 is 3.6 standard deviations.
    const [least, most] = await leastAndMost(uniformWalk(expected))
    expect(least).toBeGreaterThan(65)
    expect(most).toBeLessThan(135)
    const [, mostByRandom] = await leastAndMost(random)
    expect(mostByRandom).toBeGreaterThan(300)
  })
})

describe("PCT", () => {
  it("keeps its promise: 1 / (n · k^(d-1)) for a bug of depth 2 among n = 2 processes and k = 9 choices", async () => {
    // All turns of the first process must come between the first and the second of the other.
    const histories: string[] = []
    const main = race([5, 5], histories)
    for (let seed = 0; seed < 2_000; seed++) await simulate(seed, main, { strategy: pct(2, { choices: 9 }) })
    const met = histories.filter((history) => history === "1000001111").length
    expect(met / 2_000).toBeGreaterThan(1 / (2 * 9))
  })
})

describe("delay-bounded", () => {
  it("leaves first in, first out at so many places and no more", async () => {
    const decided = new Set<number>()
    const main = race([6, 6, 6], [])
    for (let seed = 0; seed < 200; seed++) {
      const { decisions } = await simulate(seed, main, { strategy: delayBounded(2, { choices: 15 }) })
      decided.add(decisions.length)
    }
    expect([...decided].sort()).toEqual([1, 2])
  })
})

describe("latencies", () => {
  const calls = async (world: World) => {
    const service = { call: async () => 1 }
    const caller = async (self: ProcessContext) => {
      const port = self.port("service", service)
      for (let i = 0; i < 10; i++) await port.call()
    }
    await Promise.all(["a", "b"].map((name) => world.process(name, caller).ended))
  }
  const took = async (strategy: Strategy, seed: number) =>
    (await simulate(seed, calls, { strategy, latencyMs: [2, 5] })).virtualMs

  it("are the shortest, or the same for all steps of a process, where the strategy says so", async () => {
    const virtualMs = new Set<number>()
    for (let seed = 0; seed < 60; seed++) {
      expect(await took(withLatencies(random, "none"), seed)).toBe(10 * (2 + 2))
      virtualMs.add(await took(withLatencies(random, "uneven"), seed))
      expect(await took(withLatencies(random, "drawn"), seed)).toBe(await took(random, seed))
    }
    expect([...virtualMs].sort()).toEqual([100, 40])
  })
})

describe("an adversary that holds messages back", () => {
  /** Whoever has waited for half a second gives up, and is answered later. */
  async function impatient(world: World): Promise<void> {
    const service = { call: async () => undefined }
    const ended = await world.process("caller", async (self) => {
      const port = self.port("service", service)
      for (let i = 0; i < 20; i++) {
        const answered = port.call().then(() => true)
        const gaveUp = self.clock.sleep(500).then(() => false)
        if (!(await Promise.race([answered, gaveUp]))) throw new Error("gave up")
      }
    }).ended
    if (ended.kind === "failed") throw ended.error
  }

  it("lets timers fire first, which no order and no latency in the range does", async () => {
    const runs = async (strategy: Strategy) => {
      for (let seed = 1; seed <= 100; seed++)
        if ((await simulate(seed, impatient, { strategy })).outcome.kind === "failed") return seed
      return Infinity
    }
    expect(await runs(random)).toBe(Infinity)
    expect(await runs(withLatencies(random, "uneven"))).toBe(Infinity)
    expect(await runs(withLatencies(random, "held"))).toBeLessThan(20)
  })

  it("holds back at most eight of a run, each for at most two seconds", async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { decisions } = await simulate(seed, impatient, { strategy: withLatencies(fifo, "held") })
      const held = decisions.flatMap((decision) => (decision.kind === "latency" ? [decision.ms] : []))
      expect(held.length).toBeLessThanOrEqual(8)
      for (const ms of held) expect(ms).toBeLessThanOrEqual(2_000)
    }
  })
})

describe("a strategy", () => {
  it("names what it cannot work with", () => {
    expect(() => pct(0)).toThrow('pct: option "depth" must be an integer of at least 1, received 0')
    expect(() => pct(2, { of: "thread" as never })).toThrow('"of" must be "chain" or "process", received "thread"')
    expect(() => delayBounded(-1)).toThrow(
      'delayBounded: option "delays" must be an integer of at least 0, received -1',
    )
    expect(() => skewed("thread" as never)).toThrow('"of" must be "chain" or "process", received "thread"')
    expect(() => uniformWalk({ a: -1 })).toThrow('"expected.a" must be a whole number of steps, received -1')
    expect(() => withLatencies(random, "long" as never)).toThrow('must be drawn, none, uneven, held, received "long"')
  })
})

describe("the portfolio", () => {
  it("finds within 200 runs what needs a task to lose fifteen coin flips in a row, from each of 20 seeds", async () => {
    const found = []
    for (let seed = 0; seed < 20; seed++) found.push(await runsToFind(starvation(15), seed, { strategy: portfolio }))
    expect(Math.max(...found)).toBeLessThanOrEqual(200)
  })

  it("says which of its strategies a run went by, drawn from the run's seed alone", async () => {
    const names = new Set<string>()
    for (let seed = 0; seed < 200; seed++)
      names.add((await simulate(seed, async () => undefined, { strategy: portfolio })).strategy)
    expect([...names].sort()).toMatchInlineSnapshot(`
      [
        "portfolio: delayBounded(5), no latency",
        "portfolio: fifo",
        "portfolio: pct(1), no latency",
        "portfolio: pct(2), no latency",
        "portfolio: pct(2), uneven latencies",
        "portfolio: pct(3), no latency",
        "portfolio: pct(3, of processes), no latency",
        "portfolio: random",
        "portfolio: random, no latency",
        "portfolio: random, uneven latencies",
        "portfolio: skewed(of processes), no latency",
        "portfolio: skewed, no latency",
      ]
    `)
  })
})
