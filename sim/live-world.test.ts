import { describe, expect, it } from "vitest"
import { ManualClock } from "../engine/manual-clock.js"
import { liveWorld } from "./live-world.js"

describe("liveWorld", () => {
  it("lets the machine's time pass", async () => {
    const world = liveWorld({ seed: 1 })
    const before = Date.now()
    expect(Math.abs(world.clock.now() - before)).toBeLessThan(1_000)
    await world.clock.sleep(20)
    expect(Date.now() - before).toBeGreaterThanOrEqual(19)
    world.close()
  })

  it("calls objects directly: a method runs before its caller goes on", () => {
    const world = liveWorld({ seed: 1 })
    const calls: string[] = []
    void world.port("service", { call: async () => calls.push("called") }).call()
    expect(calls).toEqual(["called"])
    world.close()
  })

  it("strikes the same calls of a process for the same seed, however time goes", async () => {
    const fates = async (seed: number, pauseMs: () => number) => {
      const world = liveWorld({ seed })
      world.fault({ requestLost: 0.5 })
      const fate: string[] = []
      const process = world.process("p", async (self) => {
        const port = self.port("service", { call: async () => "done" })
        for (let i = 0; i < 20; i++) {
          fate.push(await port.call().catch(() => "lost"))
          await self.clock.sleep(pauseMs())
        }
      })
      await process.ended
      world.close()
      return fate
    }
    const fast = await fates(1, () => 0)
    expect(new Set(fast)).toEqual(new Set(["done", "lost"]))
    expect(await fates(1, () => Math.random() * 3)).toEqual(fast)
    expect(await fates(2, () => 0)).not.toEqual(fast)
  })

  it("counts faults", async () => {
    const world = liveWorld({ seed: 1 })
    world.fault({ replyLost: 1 })
    await expect(world.port("service", { call: async () => 1 }).call()).rejects.toThrow(
      "connection lost during service.call",
    )
    world.process("p", () => new Promise(() => undefined)).crash()
    expect(world.faultCounts).toEqual({ crash: 1, replyLost: 1 })
    world.close()
  })

  it("is closed for good: processes are killed and cleaned up after, and nothing goes on", async () => {
    const clock = new ManualClock()
    const world = liveWorld({ seed: 1, clock })
    const effects: string[] = []
    const process = world.process("p", async (self) => {
      self.onCrash(() => effects.push("connections closed"))
      void self.clock.sleep(5).then(() => effects.push("woke up"))
      await new Promise(() => undefined)
    })
    await clock.advance(1)
    world.fault({ crash: { rate: 1, restartAfterMs: [1, 1], most: 9 } })
    void world.clock.sleep(5).then(() => effects.push("woke up, too"))
    world.close()
    expect(world.faultCounts).toEqual({})
    expect(await process.ended).toEqual({ kind: "crashed" })
    await clock.advance(20)
    expect(effects).toEqual(["connections closed"])
  })

  it("hands what a cleanup throws to whoever wants to know", async () => {
    const errors: unknown[] = []
    const world = liveWorld({ seed: 1, onError: (error) => errors.push(error) })
    const error = new Error("already closed")
    world.process("p", async (self) => {
      self.onCrash(() => {
        throw error
      })
      await new Promise(() => undefined)
    })
    await world.clock.turn()
    await world.clock.sleep(1)
    world.close()
    expect(errors).toEqual([error])
  })

  it("refuses a seed that is none", () => {
    expect(() => liveWorld({ seed: Number.NaN })).toThrow(
      'liveWorld: option "seed" must be a string or a finite number, received NaN',
    )
  })
})
