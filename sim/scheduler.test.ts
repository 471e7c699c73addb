import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Life } from "./life.js"
import { Scheduler, type SchedulerOptions } from "./scheduler.js"
import { seededRandom } from "./seeded-random.js"
import { type StepId, stepName } from "./step-id.js"
import { stepLabel } from "./step-label.js"
import { type Chooser, fifo, random, type ReadySteps } from "./strategy.js"

const rethrow = (error: unknown) => {
  throw error
}

const world = new Life(undefined, "world", rethrow)
const label = stepLabel("world", "test", "step", "request")

function schedulerWith(chooser: Chooser, options: Partial<SchedulerOptions> = {}): Scheduler {
  return new Scheduler({
    chooser,
    maxSteps: 1_000_000,
    maxVirtualMs: 1_000_000,
    released: () => undefined,
    held: () => undefined,
    strike: () => false,
    waiting: () => "",
    ...options,
  })
}

const anyOrder = (seed: number) => random.begin(seededRandom(seed))
const inOrder = fifo.begin(seededRandom(0))

describe("the scheduler", () => {
  it("releases steps in the order of virtual time, and jumps over time in which nothing happens", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -5, max: 1_000 }), { minLength: 1 }),
        fc.nat(),
        async (delays, seed) => {
          const scheduler = schedulerWith(anyOrder(seed))
          const released: { readonly delay: number; readonly at: number }[] = []
          for (const delay of delays)
            scheduler.add(label, world, delay, () => released.push({ delay, at: scheduler.now }))
          await scheduler.run(() => released.length === delays.length)
          for (const { delay, at } of released) expect(at).toBe(Math.max(0, delay))
          expect(released.map(({ at }) => at)).toEqual(delays.map((d) => Math.max(0, d)).sort((a, b) => a - b))
          expect(scheduler.steps).toBe(delays.length)
        },
      ),
    )
  })

  it("releases a step only after all that the one before caused without waiting is done", async () => {
    const scheduler = schedulerWith(inOrder)
    const log: string[] = []
    const longChain = async (name: string) => {
      log.push(`${name} begins`)
      for (let i = 0; i < 1_000; i++) await Promise.resolve()
      await new Promise<void>((resolve) => process.nextTick(resolve))
      for (let i = 0; i < 1_000; i++) await Promise.resolve()
      log.push(`${name} is done`)
    }
    for (const name of ["a", "b"]) scheduler.add(label, world, 0, () => void longChain(name))
    await scheduler.run(() => log.length === 4)
    expect(log).toEqual(["a begins", "a is done", "b begins", "b is done"])
  })

  it("asks its strategy only where there is a choice, and tells who was overtaken", async () => {
    const asked: number[] = []
    const order: string[] = []
    const choices = [2, 0, 1]
    const held: string[] = []
    const choose = (ready: ReadySteps) => {
      asked.push(ready.size)
      return choices.shift() ?? 0
    }
    const tell = (step: StepId, until: StepId) => held.push(`${stepName(step)} until ${stepName(until)}`)
    const scheduler = schedulerWith({ choose }, { held: tell })
    for (const name of ["a", "b", "c", "d", "e"]) scheduler.add(label, world, 0, () => order.push(name))
    await scheduler.run(() => order.length === 5)
    expect(order).toEqual(["c", "a", "d", "b", "e"])
    expect(asked).toEqual([5, 4, 3, 2])
    expect(held).toEqual([
      "world test.step request 1 until world test.step request 3",
      "world test.step request 2 until world test.step request 4",
    ])
  })

  it("holds nobody when it goes first in, first out", async () => {
    const order: number[] = []
    const held: StepId[] = []
    const scheduler = schedulerWith(inOrder, { held: (step) => held.push(step) })
    for (let i = 0; i < 100; i++) scheduler.add(label, world, i % 7, () => order.push(i))
    await scheduler.run(() => order.length === 100)
    expect(order).toEqual(order.toSorted((a, b) => (a % 7) - (b % 7) || a - b))
    expect(held).toEqual([])
  })

  it("numbers the steps of each label, and knows which follow from one another", async () => {
    const other = stepLabel("world", "test", "other", "request")
    const seen: string[] = []
    const choose = (ready: ReadySteps) => {
      for (let i = 0; i < ready.size; i++) seen.push(`${stepName(ready.at(i))} in chain ${ready.at(i).chain}`)
      return 0
    }
    const scheduler = schedulerWith({ choose })
    let done = 0
    scheduler.add(label, world, 0, () => {
      scheduler.add(label, world, 0, () => done++)
      scheduler.add(other, world, 0, () => done++)
    })
    await scheduler.run(() => done === 2)
    expect(seen).toEqual(["world test.step request 2 in chain 0", "world test.other request 1 in chain 1"])
  })

  it("forgets the steps of a life that ends, and takes none from it afterwards", async () => {
    const scheduler = schedulerWith(anyOrder(3))
    const process = new Life("p", "p#1", rethrow)
    const effects: string[] = []
    for (const delay of [0, 0, 5, 10]) scheduler.add(label, process, delay, () => effects.push("of the dead"))
    process.end()
    scheduler.add(label, process, 0, () => effects.push("of the dead, later"))
    scheduler.add(label, world, 1, () => effects.push("of the living"))
    await scheduler.run(() => effects.length > 0)
    expect(effects).toEqual(["of the living"])
    expect({ now: scheduler.now, steps: scheduler.steps }).toEqual({ now: 1, steps: 1 })
  })

  it("costs a logarithm per step, however many are pending", async () => {
    const workPerStep = async (steps: number, delay: (i: number) => number) => {
      const scheduler = schedulerWith(anyOrder(7))
      let released = 0
      for (let i = 0; i < steps; i++) scheduler.add(label, world, delay(i), () => released++)
      await scheduler.run(() => released === steps)
      return scheduler.work / steps
    }
    // 100 times the steps: about log(100 000) / log(1 000) times the work for each. Linear search would take 100 times.
    const atOnce = () => 0
    expect((await workPerStep(100_000, atOnce)) / (await workPerStep(1_000, atOnce))).toBeLessThan(3)
    const spread = (i: number) => (i * 7_919) % 100_003
    expect((await workPerStep(100_000, spread)) / (await workPerStep(1_000, spread))).toBeLessThan(3)
  })

  it("hands what a step throws to its life", async () => {
    const errors: unknown[] = []
    const process = new Life("p", "p#1", (error) => errors.push(error))
    const scheduler = schedulerWith(inOrder)
    scheduler.add(label, process, 0, () => rethrow("uncaught"))
    await scheduler.run(() => errors.length > 0)
    expect(errors).toEqual(["uncaught"])
  })
})
