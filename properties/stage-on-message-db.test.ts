import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { simulate } from "../sim/simulate.js"
import type { TraceEvent } from "../sim/trace.js"
import type { World } from "../sim/world.js"
import { fakeMessageDb } from "./fake-message-db.js"
import { StageOnMessageDb } from "./stage-on-message-db.js"
import { referenceEngine } from "./reference-engine.js"
import type { MessageDbConsumerOptions, MessageDbStage } from "./message-db-stage.js"

const stream = StreamName.create("a", "1")

const consuming: MessageDbConsumerOptions = {
  ...{ group: "g", categories: ["a"], batchSize: 2, maxConcurrentStreams: 1, maxReadAhead: 2 },
  ...{ tailSleepIntervalMs: 10, checkpointIntervalMs: 30, handler: async () => undefined },
}

async function onStage(seed: number, play: (stage: MessageDbStage, world: World) => Promise<void>) {
  const trace: TraceEvent[] = []
  const { outcome } = await simulate(
    seed,
    async (world) => play(await StageOnMessageDb.create(world, referenceEngine, fakeMessageDb(world)), world),
    { onEvent: (event) => trace.push(event) },
  )
  expect(outcome).toEqual({ kind: "ok" })
  return trace
}

describe("append", () => {
  test("writes every event once, in order, whatever is lost on the way", async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.nat(), counts, async (seed, appends) => {
        const trace = await onStage(seed, async (stage, world) => {
          const heal = world.fault({ process: "writer", requestLost: 0.15, replyLost: 0.15 })
          const writer = world.process("writer", async (self) => {
            for (const count of appends) await stage.append(self, stream, count)
          })
          expect(await writer.ended).toEqual({ kind: "ok" })
          heal()
        })
        const indexes = trace.flatMap((event) => (event.kind === "Appended" ? [event.index] : []))
        const total = appends.reduce((sum, count) => sum + count, 0)
        expect(indexes).toEqual(Array.from({ length: total }, (_, index) => index))
      }),
      { numRuns: 40 },
    )
  })

  test("gets connections as long as it takes: those that were lost on their way are not missing in the pool", async () => {
    await onStage(1, async (stage, world) => {
      const heal = world.fault({ operations: ["connect"], replyLost: 0.9 })
      const writer = world.process("writer", async (self) => {
        for (let n = 0; n < 10; n++) await stage.append(self, stream, 1)
      })
      expect(await writer.ended).toEqual({ kind: "ok" })
      heal()
    })
  })
})

describe("settle", () => {
  const last = (trace: readonly TraceEvent[], kind: TraceEvent["kind"]) =>
    trace.findLast((event) => event.kind === kind)

  test("waits until all is handled, the checkpoint is stored and the tail was found, and no longer", async () => {
    const trace = await onStage(1, async (stage, world) => {
      world.process("consumer", (self) => stage.consume(self, consuming))
      await world.process("writer", (self) => stage.append(self, stream, 5)).ended
      await stage.settle(60_000)
    })
    const rest = last(trace, "Quiescent")!
    expect(last(trace, "CommitDone")).toMatchObject({ position: 6n, stored: 6n })
    expect(last(trace, "PageRead")).toMatchObject({ isTail: true, items: [] })
    expect(rest.n).toBe(trace.length - 1)
    expect(rest.t).toBeLessThan(500)
  })

  test("gives up when its time is over", async () => {
    const trace = await onStage(1, async (stage, world) => {
      const handler = async () => world.clock.sleep(5_000)
      world.process("consumer", (self) => stage.consume(self, { ...consuming, handler }))
      await world.process("writer", (self) => stage.append(self, stream, 1)).ended
      await stage.settle(1_000)
    })
    expect(last(trace, "Quiescent")!.t).toBeGreaterThanOrEqual(1_000)
    expect(last(trace, "CallReturned")).toBeUndefined()
  })

  test("waits for a consumer that is down and will be started again", async () => {
    const trace = await onStage(1, async (stage, world) => {
      const consumer = world.process("consumer", (self) => stage.consume(self, consuming))
      await world.process("writer", (self) => stage.append(self, stream, 5)).ended
      await world.clock.sleep(300)
      consumer.crash()
      const settled = stage.settle(60_000)
      await world.clock.sleep(200)
      consumer.restart()
      await settled
    })
    const starts = trace.filter(({ kind }) => kind === "RunStarted")
    expect(starts).toHaveLength(2)
    expect(last(trace, "Quiescent")!.n).toBeGreaterThan(starts[1]!.n)
  })
})

test("a resize tells where each member of the new size begins, and that members no longer there hold nothing", async () => {
  const trace = await onStage(1, async (stage, world) => {
    const group = [0, 1].map((member) =>
      world.process(`member-${member}`, (self) => stage.consume(self, { ...consuming, member, size: 2 })),
    )
    await world.process("writer", (self) => stage.append(self, stream, 3)).ended
    await stage.settle(10_000)
    for (const member of group) member.stop()
    await Promise.all(group.map((member) => member.ended))
    await world.process("operator", (self) => stage.resize(self, "g", 2, 1)).ended
  })
  expect(trace.flatMap((event) => (event.kind === "Override" ? [[event.group, event.position]] : []))).toEqual([
    ["g-0", 4n],
    ["g-1", 0n],
  ])
})

test("nothing is at rest before its consumers have begun, however late that is", async () => {
  const trace = await onStage(1, async (stage, world) => {
    const late = world.process("consumer", async (self) => {
      await self.clock.sleep(700)
      await stage.consume(self, consuming)
    })
    await world.process("writer", (self) => stage.append(self, stream, 2)).ended
    await stage.settle(5_000, [late])
    late.stop()
    await late.ended
  })
  const at = (kind: TraceEvent["kind"]) => trace.findIndex((event) => event.kind === kind)
  expect(at("CallReturned")).toBeGreaterThan(0)
  expect(at("Quiescent")).toBeGreaterThan(at("CallReturned"))
})
