import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { failsAfterwardsWith, failsWith } from "./failure.js"
import { simulate } from "./simulate.js"
import type { World } from "./world.js"

/** A deployment with all there is: sleeps, calls, faults of all kinds, crashes, restarts. */
async function busy(world: World): Promise<void> {
  const log: string[] = []
  const store = { append: async (line: string) => log.push(line) }
  const failures = {
    full: failsWith(() => new Error("full")),
    confused: failsAfterwardsWith(() => new Error("confused")),
  }
  const options = { failures, repeats: () => true, describe: (_: string, [line]: readonly unknown[]) => ofSender(line) }
  world.fault({ requestLost: 0.1, replyLost: 0.1, delay: { rate: 0.2, ms: [0, 9] } })
  world.fault({ process: "worker", crash: { rate: 0.05, restartAfterMs: [0, 30], most: 2 } })
  world.fault({ process: "worker", delay: { rate: 0.2, ms: [1, 2] } })
  world.fault({ process: "helper", pause: { rate: 0.1, ms: [0, 40], most: 2 }, failures: { full: 0.1, odd: 0.2 } })
  world.fault({ process: "clerk", clockSkew: [-50, 50], clockJump: { rate: 0.1, ms: [-900, 900], most: 2 } })
  world.fault({ process: "clerk", repeat: { rate: 0.1, ms: [0, 20] }, failures: { confused: 0.1 } })
  const processes = ["worker", "helper", "clerk", "porter"].map((name) =>
    world.process(name, async (self) => {
      const port = self.port("store", store, options)
      const pieces = Array.from({ length: 5 }, async (_, i) => {
        await self.clock.sleep(self.random.integer(0, 4))
        if (self.strikes("odd", { port: "feed", operation: "next" })) await self.clock.turn()
        await port.append(`${self.id} ${self.random.uuid()} ${i} ${self.clock.now()}`).catch(() => 0)
        world.trace.emit({ kind: "Probe", of: self.id, count: log.length })
      })
      await Promise.all(pieces)
    }),
  )
  await world.clock.sleep(500)
  world.heal()
  await Promise.all(processes.map(({ ended }) => ended))
}

const ofSender = (line: unknown) => ({ what: "line", of: String(line).split(" ", 1)[0]! })

const ordered = (log: string[]) => async (world: World) => {
  const store = { note: async (line: string) => void log.push(line) }
  const processes = ["a", "b", "c"].map((name) =>
    world.process(name, async (self) => self.port("store", store).note(name)),
  )
  await Promise.all(processes.map(({ ended }) => ended))
}

describe("decisions", () => {
  it("give the run again that they were recorded in: order, latencies, faults and crashes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const recorded = await simulate(seed, busy)
        const replayed = await simulate(seed, busy, { decisions: recorded.decisions })
        expect(replayed).toEqual({ ...recorded, strategy: "replay", applied: recorded.decisions })
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  it("give a run again that was cut short, with steps still held that others had overtaken", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 150 }), async (seed, most) => {
        const cut = () => {
          let steps = 0
          return { stopWhen: () => steps++ === most }
        }
        const recorded = await simulate(seed, busy, cut())
        const replayed = await simulate(seed, busy, { ...cut(), decisions: recorded.decisions })
        expect(replayed.traceHash).toBe(recorded.traceHash)
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  it("in part make a run, too, which ends and needs no more decisions than were given", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.infiniteStream(fc.boolean()), async (seed, keep) => {
        const { decisions } = await simulate(seed, busy)
        const some = decisions.filter(() => keep.next().value as boolean)
        const partial = await simulate(seed, busy, { decisions: some })
        expect(partial.outcome).toEqual({ kind: "ok" })
        expect(some).toEqual(expect.arrayContaining([...partial.applied]))
        const count = (kind: string) => partial.decisions.filter((decision) => decision.kind === kind).length
        expect(count("fault")).toBeLessThanOrEqual(some.filter(({ kind }) => kind === "fault").length)
        expect(count("latency")).toBeLessThanOrEqual(some.filter(({ kind }) => kind === "latency").length)
      }),
      { numRuns: 200, seed: 2 },
    )
  })

  it("none: first in, first out, without latency and without fault", async () => {
    const log: string[] = []
    const { decisions, virtualMs } = await simulate(1, ordered(log), { decisions: [] })
    expect({ log, decisions, virtualMs }).toEqual({ log: ["a", "b", "c"], decisions: [], virtualMs: 0 })
  })

  it("say who waits for whom", async () => {
    const log: string[] = []
    const held = {
      kind: "hold",
      step: "a#1 store.note request 1",
      until: "c#1 store.note request 1",
    } as const
    const { decisions, applied } = await simulate(1, ordered(log), { decisions: [held] })
    expect(log).toEqual(["b", "c", "a"])
    expect({ decisions, applied }).toEqual({ decisions: [held], applied: [held] })
  })

  it("that name steps which do not come are left without effect, and not counted", async () => {
    const log: string[] = []
    const held = { kind: "hold", step: "a#1 store.note request 1", until: "z#1 store.note request 1" } as const
    const { outcome, applied } = await simulate(1, ordered(log), {
      decisions: [
        held,
        { kind: "latency", step: "z#1 store.note reply 1", ms: 5 },
        { kind: "fault", fault: "replyLost", step: "a#1 store.note request 1" },
      ],
    })
    // Held as long as others may go; the fault is one that no plan allows.
    expect({ outcome, applied, log }).toEqual({ outcome: { kind: "ok" }, applied: [held], log: ["b", "c", "a"] })
  })

  it("cannot do what no fault plan in force could", async () => {
    const { decisions } = await simulate(7, busy)
    const lost = decisions.filter((one) => one.kind === "fault")
    expect(lost.length).toBeGreaterThan(0)
    const healthy = await simulate(7, async (world) => busy({ ...world, fault: () => () => undefined }), {
      decisions: lost,
    })
    expect(healthy.faults).toEqual({})
  })

  it("stand instead of a strategy, not beside one", async () => {
    const both = { decisions: [], strategy: { name: "first", begin: () => ({ choose: () => 0 }) } }
    await expect(simulate(1, busy, both)).rejects.toThrow("strategy")
  })
})
