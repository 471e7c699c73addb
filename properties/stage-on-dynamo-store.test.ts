import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { needsDynamoDb, realDynamoDb } from "../stores/dynamodb/real-dynamodb.js"
import { clientConfig } from "../stores/dynamodb/client-config.js"
import { simulate } from "../sim/simulate.js"
import type { TraceEvent } from "../sim/trace.js"
import type { World } from "../sim/world.js"
import { check } from "./check.js"
import { host } from "./deployment/host.js"
import type { DynamoStoreConsumerOptions } from "./dynamo-store-stage.js"
import { drawn } from "./drawn.js"
import { dynamoStoreSetup } from "./dynamo-store-run.js"
import { fakeDynamoStore } from "./fake-dynamo-store.js"
import { referenceEngine } from "./reference-engine.js"
import type { Scenario } from "./scenario.js"
import { StageOnDynamoStore } from "./stage-on-dynamo-store.js"

const stream = StreamName.create("a", "1")

const consuming: DynamoStoreConsumerOptions = {
  ...{ group: "g", categories: ["a"], batchSize: 2, maxConcurrentStreams: 1, maxReadAhead: 2 },
  ...{ tailSleepIntervalMs: 10, checkpointIntervalMs: 30, handler: async () => undefined },
}

type Play = (stage: StageOnDynamoStore, world: World) => Promise<void>

async function onStage(seed: number, play: Play) {
  const trace: TraceEvent[] = []
  const { outcome } = await simulate(
    seed,
    async (world) => {
      const setup = drawn(dynamoStoreSetup, seed).value
      await play(new StageOnDynamoStore(world, referenceEngine, await fakeDynamoStore(world), setup), world)
    },
    { onEvent: (event) => trace.push(event) },
  )
  return { outcome, trace }
}

const last = (trace: readonly TraceEvent[], kind: TraceEvent["kind"]) => trace.findLast((event) => event.kind === kind)

test("append writes every event once, in order, whatever is lost on the way", async () => {
  const counts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(fc.nat(), counts, async (seed, appends) => {
      const { outcome, trace } = await onStage(seed, async (stage, world) => {
        const heal = world.fault({ requestLost: 0.15, replyLost: 0.15 })
        world.process("indexer", (self) => stage.index(self))
        const writer = world.process("writer", async (self) => {
          for (const count of appends) await stage.append(self, stream, count)
        })
        expect(await writer.ended).toEqual({ kind: "ok" })
        heal()
        await stage.settle(60_000)
      })
      expect(outcome).toEqual({ kind: "ok" })
      const indexes = trace.flatMap((event) => (event.kind === "Appended" ? [event.index] : []))
      const total = appends.reduce((sum, count) => sum + count, 0)
      expect(indexes).toEqual(Array.from({ length: total }, (_, index) => index))
    }),
    { numRuns: 40 },
  )
})

test("a stream's version is how many events it has", async () => {
  const versions: bigint[] = []
  await onStage(1, async (stage, world) => {
    await world.process("writer", async (self) => {
      versions.push(await stage.streamVersion(self, stream))
      await stage.append(self, stream, 5)
      versions.push(await stage.streamVersion(self, stream))
    }).ended
  })
  expect(versions).toEqual([0n, 5n])
})

describe("settle", () => {
  test("waits until all is indexed and handled, the checkpoint is stored and the tail was found, and no longer", async () => {
    const { outcome, trace } = await onStage(1, async (stage, world) => {
      stage.startIndexer()
      world.process("consumer", (self) => stage.consume(self, consuming))
      await world.process("writer", (self) => stage.append(self, stream, 5)).ended
      await stage.settle(60_000)
    })
    expect(outcome).toEqual({ kind: "ok" })
    const stored = last(trace, "CommitDone") as Extract<TraceEvent, { kind: "CommitDone" }>
    const appended = last(trace, "Appended") as Extract<TraceEvent, { kind: "Appended" }>
    expect(stored.stored).toBeGreaterThan(appended.pos)
    expect(last(trace, "PageRead")).toMatchObject({ isTail: true, items: [] })
    expect(last(trace, "Quiescent")).toMatchObject({ n: trace.length - 1 })
    expect(last(trace, "Quiescent")!.t).toBeLessThan(1_500)
  })

  test("tells of events that never came into the index, before it declares rest, when its time is over", async () => {
    const { trace } = await onStage(1, async (stage, world) => {
      world.process("consumer", (self) => stage.consume(self, consuming))
      await world.process("writer", (self) => stage.append(self, stream, 2)).ended
      await stage.settle(1_000)
    })
    expect(trace.slice(-3)).toMatchObject([
      { kind: "Appended", index: 0, tranche: "0", pos: 0n },
      { kind: "Appended", index: 1, tranche: "0", pos: 0n },
      { kind: "Quiescent" },
    ])
    expect(last(trace, "Quiescent")!.t).toBeGreaterThanOrEqual(1_000)
  })

  test("ends what the service did of its own accord", async () => {
    await onStage(1, async (stage) => {
      Object.assign(stage.conditions, { lagMs: 5, streamLagMs: 5, throttleRate: 1, transactionMs: 5 })
      await stage.settle(100)
      expect(stage.conditions).toEqual({ lagMs: 0, streamLagMs: 0, throttleRate: 0, transactionMs: 0 })
    })
  })
})

test("without an indexer nothing comes to rest, and every event is lost, which at least once says", async () => {
  const scenario: Scenario = {
    name: "no-indexer",
    title: "Nobody indexes",
    store: "dynamo-store",
    run: async (stage) => {
      stage.world.process("consumer", (self) => stage.consume(self, consuming))
      await stage.world.process("writer", (self) => stage.append(self, stream, 2)).ended
      await stage.settle(500)
    },
  }
  const { violations } = await check(scenario, { seed: 1, store: "fake" })
  expect(violations.map(({ property, message }) => `${property}: ${message.split("\n")[0]}`)).toEqual([
    "I-21: not everything is handled that was appended, or not every consumer has read to the tail (event 58, 500 ms)",
    "I-15: group g: a-1@0, position 0 of 0, was never handled (and 1 more)",
    "I-29: group g: a-1@0, position 0 of 0, was read by no member (and 1 more)",
  ])
})

/** Every kind of page: epochs that close soon, categories that nobody reads, a consumer that is killed. */
const bordersAndCrashes: Scenario = {
  name: "borders-and-crashes",
  title: "Small epochs, a consumer of one of two categories that fails once, and crashes",
  store: "dynamo-store",
  async run(stage) {
    const { world } = stage
    stage.tuning.epochVersion = 2
    world.process("indexer", (self) => stage.index(self))
    let calls = 0
    const consumer = world.process("consumer", (self) => {
      const handler = async () => {
        await self.clock.sleep(self.random.integer(0, 4))
        if (++calls === 2) throw new Error("the handler fails once")
      }
      return host(stage, self, { ...consuming, handler })
    })
    const writer = world.process("writer", async (self) => {
      for (let n = 0; n < 16; n++) await stage.append(self, StreamName.create("ab"[n % 2]!, String(n % 5)), 1 + (n % 3))
    })
    await world.clock.sleep(60)
    consumer.crash()
    consumer.restart()
    await writer.ended
    await stage.settle(20_000)
    consumer.stop()
    await consumer.ended
  },
}

test(
  "a scenario runs in real time on a real DynamoDB, and all properties but those of groups and options are put to the test",
  { ...needsDynamoDb, timeout: 60_000 },
  async () => {
    const dynamoDb = realDynamoDb()
    const store = { kind: "dynamo-store", name: "embedded", config: clientConfig(dynamoDb.endpoint) } as const
    const result = await check(bordersAndCrashes, { seed: 1, store })
    await dynamoDb.close()
    expect(result.violations).toEqual([])
    expect(result).toMatchObject({ on: "dynamo-store", store: "embedded", strategy: "real time", faults: { crash: 1 } })
    const untested = Object.entries(result.properties).filter(([, { checked }]) => checked === 0)
    // Whether the crash makes events come again (I-16) is up to the machine.
    expect(untested.map(([id]) => id).filter((id) => id !== "I-16")).toEqual(["I-06", "I-17", "I-28", "I-30"])
  },
)
