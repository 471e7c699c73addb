import fc from "fast-check"
import { expect, it } from "vitest"
import { schedule } from "./schedule.js"
import type { World } from "./world.js"

/** Readers who take it that the writer, who starts first and has less to do, is done when they come. */
const impatient = (readers: number) => async (world: World) => {
  const register = { value: 0, write: async () => void (register.value = 1), read: async () => register.value }
  world.fault({ process: "writer", delay: { rate: 0.2, ms: [1, 50] } })
  const writer = world.process("writer", (self) => self.port("register", register).write())
  const processes = Array.from({ length: readers }, (_, n) =>
    world.process(`reader-${n}`, async (self) => {
      await self.clock.turn()
      if ((await self.port("register", register).read()) === 0) throw new Error("too early")
    }),
  )
  await writer.ended
  for (const { ended } of processes) if ((await ended).kind === "failed") throw new Error("too early")
}

it("shrinks with the input to the smallest input and the one decision that matters", async () => {
  const property = fc.asyncProperty(fc.integer({ min: 1, max: 9 }), schedule(), async (readers, schedule) => {
    await schedule.simulate(impatient(readers))
  })
  const details = await fc.check(property, { seed: 1, numRuns: 100 })
  expect(details.failed).toBe(true)
  const [readers, smallest] = details.counterexample!
  expect(readers).toBe(1)
  expect(smallest.decisions).toHaveLength(1)
  expect(fc.stringify(smallest)).toMatchInlineSnapshot(`
    "Schedule of seed 1364534468, decided:
      writer#1 register.write request 1 takes 1 ms"
  `)
})

it("gives the same counterexample for the same seed", async () => {
  const failing = async () => {
    const property = fc.asyncProperty(schedule(), async (schedule) => {
      await schedule.simulate(impatient(3))
    })
    const { counterexample, numShrinks } = await fc.check(property, { seed: 3 })
    return [fc.stringify(counterexample), numShrinks]
  }
  expect(await failing()).toEqual(await failing())
})

it("has nothing to shrink before it was run, and goes through when nothing fails", async () => {
  const [fresh] = fc.sample(schedule(), { numRuns: 1, seed: 1 })
  expect(fresh!.decisions).toEqual([])
  const calm = fc.asyncProperty(schedule(), async (schedule) => {
    await schedule.simulate((world) => world.clock.sleep(5))
  })
  await fc.assert(calm)
})
