import { StreamName } from "../../engine/stream-name.js"
import { StreamResult } from "../../engine/stream-result.js"
import type { SeededRandom } from "../../sim/seeded-random.js"
import type { Process, ProcessContext } from "../../sim/world.js"
import type { DynamoStoreStage } from "../dynamo-store-stage.js"
import type { Scenario } from "../scenario.js"
import type { ConsumerOptions, Handler, Stage } from "../stage.js"
import type { HistoryName } from "./mutant.js"

/*
 * Small histories that between them use every result, every limit and every way to fail: what a planted fault needs to
 * show itself within a few dozen runs, and what the engine as it is must come through without a violation.
 */

export const histories: Readonly<Record<HistoryName, Scenario>> = {
  "one consumer": {
    name: "one-consumer",
    title: "One consumer with every kind of result, failures and crashes",
    store: "any",
    run: (stage) => deploy(stage, { categories: ["a"], consumers: 1 }),
  },
  "several categories": {
    name: "several-categories",
    title: "Three categories on one sink",
    store: "any",
    run: (stage) => deploy(stage, { categories: ["a", "b", "c"], consumers: 1 }),
  },
  "consumer group": {
    name: "consumer-group",
    title: "A group of three",
    store: "message-db",
    run: (stage) =>
      deploy(stage, { categories: ["a"], consumers: 3 }, (self, options, member) =>
        stage.consume(self, { ...options, member, size: 3 }),
      ),
  },
  "two instances": {
    name: "two-instances",
    title: "Two instances of one consumer on one checkpoint, as in a rolling restart",
    store: "any",
    run: (stage) => deploy(stage, { categories: ["a"], consumers: 2 }),
  },
  "small epochs": {
    name: "small-epochs",
    title: "Epochs and Tips of the index hold next to nothing; the indexer is in trouble too",
    store: "dynamo-store",
    run: (stage) => {
      Object.assign(stage.tuning, { epochVersion: stage.world.random.integer(1, 4), indexTipEvents: 2 })
      return indexed(stage, 1, { categories: ["a", "b"], consumers: 1 })
    },
  },
  "old replicas": {
    name: "old-replicas",
    title: "Two instances of one consumer, three writers, each read as old as another replica",
    store: "dynamo-store",
    run: (stage) => {
      stage.conditions.lagMs = 300
      Object.assign(stage.tuning, { tipEvents: 2, indexTipEvents: 2 })
      return indexed(stage, 1, { categories: ["a"], consumers: 2, writers: 3 })
    },
  },
  "two indexers": {
    name: "two-indexers",
    title: "Two indexers for one table",
    store: "dynamo-store",
    run: (stage) => indexed(stage, 2, { categories: ["a"], consumers: 1 }),
  },
  "several writers": {
    name: "several-writers",
    title: "Three writers to the same streams, whose Tips are small",
    store: "dynamo-store",
    run: (stage) => {
      stage.tuning.tipEvents = 3
      return indexed(stage, 1, { categories: ["a"], consumers: 1, writers: 3 })
    },
  },
}

/** A deployment with indexers of its own, that crash now and then. */
function indexed(stage: DynamoStoreStage, indexers: number, deployment: Deployment): Promise<void> {
  const { world } = stage
  for (let n = 0; n < indexers; n++) {
    world.process(`indexer-${n}`, (self) => stage.index(self))
    const crash = { rate: 0.01, restartAfterMs: [1, 40], most: 2 } as const
    if (world.random.chance(0.5)) world.fault({ process: `indexer-${n}`, crash })
  }
  return deploy(stage, deployment)
}

interface Deployment {
  readonly categories: readonly string[]
  readonly consumers: number
  /** Default: 1. */
  readonly writers?: number
}

/** Runs the consumer with that number. */
type Consume = (self: ProcessContext, options: ConsumerOptions, n: number) => Promise<void>

async function deploy(
  stage: Stage,
  { categories, consumers: count, writers = 1 }: Deployment,
  consume: Consume = (self, options) => stage.consume(self, options),
): Promise<void> {
  const { world } = stage
  const { random } = world
  const tuning = drawTuning(random)
  const versions = watchVersions(stage)
  const heal = trouble(stage)
  const consumers = Array.from({ length: count }, (_, n) =>
    world.process(`consumer-${n}`, (self) => {
      const options = { group: "g", categories, ...tuning, handler: moody(self, versions) }
      return hosting(self, () => consume(self, options, n))
    }),
  )
  const write = (_: unknown, n: number) => world.process(`writer-${n}`, (self) => writing(stage, self, categories))
  await Promise.all(Array.from({ length: writers }, write).map((writer) => writer.ended))
  heal()
  await stage.settle(20_000, consumers)
  await stopped(consumers)
}

function drawTuning(random: SeededRandom) {
  return {
    batchSize: random.pick([1, 2, 3, 10]),
    maxConcurrentStreams: random.pick([1, 2, 3]),
    maxReadAhead: random.pick([1, 2, 3, 5]),
    tailSleepIntervalMs: random.integer(5, 30),
    checkpointIntervalMs: random.pick([2, 10, 40]),
  }
}

/** What calls of the stores are called. */
const operations = ["query", "getItem", "putItem", "updateItem", "transactWriteItems"]

function trouble({ world }: Stage): () => void {
  const { random } = world
  const plans = [
    { operations, replyLost: 0.01, requestLost: 0.01 },
    { operations, delay: { rate: 0.3, ms: [0, 40] as const } },
    { process: "consumer-0", crash: { rate: 0.01, restartAfterMs: [1, 40] as const, most: 2 } },
  ]
  const ends = plans.filter(() => random.chance(0.4)).map((plan) => world.fault(plan))
  return () => ends.forEach((end) => end())
}

/** How many events every stream has: what an outside truth may say. */
function watchVersions({ world }: Stage): ReadonlyMap<string, number> {
  const versions = new Map<string, number>()
  world.trace.subscribe((event) => {
    if (event.kind === "Appended") versions.set(event.stream, event.index + 1)
  })
  return versions
}

/** Takes its time, and answers in every way there is; fails now and then. */
function moody({ clock, random }: ProcessContext, versions: ReadonlyMap<string, number>): Handler {
  const slowness = random.pick([0, 3, 15, 40])
  const mood = random.pick(["calm", "partial", "override", "override", "any"])
  const may = (kind: string, rate: number) => (mood === kind || mood === "any") && random.chance(rate)
  return async (stream, events) => {
    await clock.sleep(random.integer(0, slowness))
    const first = Number(events[0]!.index)
    const end = first + events.length
    if (may("any", 0.05)) throw new Error("not in the mood")
    if (may("partial", 0.2)) return StreamResult.NoneProcessed
    if (may("partial", 0.4)) return StreamResult.PartiallyProcessed(random.integer(0, events.length))
    if (may("override", 0.1)) return StreamResult.OverrideNextIndex(BigInt(random.integer(0, first)))
    if (may("override", 0.6))
      return StreamResult.OverrideNextIndex(BigInt(random.integer(end, Math.max(end, versions.get(stream) ?? 0))))
    return undefined
  }
}

/** Starts the consumer again when it failed, until it is asked to end. */
async function hosting(self: ProcessContext, consume: () => Promise<void>): Promise<void> {
  while (!self.signal.aborted) {
    await consume().catch(() => self.clock.sleep(5, self.signal))
  }
}

async function writing(stage: Stage, self: ProcessContext, categories: readonly string[]): Promise<void> {
  const { random, clock } = self
  const streams = random.pick([1, 2, 3, 5])
  for (let n = random.integer(5, 25); n > 0; n--) {
    await clock.sleep(random.integer(0, 12))
    const stream = StreamName.create(random.pick(categories), String(random.integer(1, streams)))
    await stage.append(self, stream, random.integer(1, 4))
  }
}

async function stopped(consumers: readonly Process[]): Promise<void> {
  for (const consumer of consumers) consumer.stop()
  await Promise.all(consumers.map((consumer) => consumer.ended))
}
