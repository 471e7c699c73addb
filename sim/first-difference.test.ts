import { expect, it } from "vitest"
import { firstDifference } from "./first-difference.js"
import { simulate } from "./simulate.js"
import type { World } from "./world.js"

const twice = (main: (world: World) => Promise<void>) => firstDifference((onLine) => simulate(1, main, { onLine }))

it("finds none in what comes from the seed alone", async () => {
  const difference = await twice(async (world) => {
    const process = world.process("p", async (self) => self.clock.sleep(self.random.integer(0, 9)))
    await process.ended
  })
  expect(difference).toBeUndefined()
})

it("names the step that did what another run did not", async () => {
  let calls = 0
  const difference = await twice(async (world) => {
    const process = world.process("p", async (self) => {
      await self.clock.turn()
      // State that outlives a run, as a module's cache does.
      self.trace.emit({ kind: "Probe", of: "calls", count: calls++ })
    })
    await process.ended
  })
  expect(difference).toEqual({
    step: 2,
    during: "0 p#1 clock.turn turn",
    lines: [`0 0 Probe of="calls" count=0`, `0 0 Probe of="calls" count=1`],
  })
})

it("sees a run that goes on where another one ended", async () => {
  let sleeps = 0
  const difference = await twice(async (world) => {
    for (let i = 0; i <= sleeps; i++) await world.clock.sleep(1)
    sleeps++
  })
  expect(difference?.step).toBe(1)
  expect(difference?.lines[0]).toBeUndefined()
  expect(difference?.lines[1]).toContain("world clock.sleep timer")
})
