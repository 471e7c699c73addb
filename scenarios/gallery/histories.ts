import fc from "fast-check"
import type { ConsumerOptions, Stage } from "../../properties/stage.js"
import type { DynamoStoreStage } from "../../properties/dynamo-store-stage.js"
import { onAnyStore, onDynamoStore, onMessageDb, type Scenario } from "../../properties/scenario.js"
import { type Trouble, trouble, troubling } from "../../properties/trouble.js"
import type { Process, ProcessContext } from "../../sim/world.js"
import { handlingTime, type HandlingTime, takingTime } from "../handling-time.js"
import { type History, history, writing } from "../history.js"
import { host } from "../host.js"
import { indexing } from "../indexing.js"
import { rest } from "../rest.js"
import { type Tuning, tuning } from "../tuning.js"
import { type Answer, answering, answers } from "./answers.js"
import type { HistoryName } from "./mutant.js"

/*
 * Small histories that between them use every result, every limit and every way to fail: what a planted fault needs to
 * show itself within a few dozen runs, and what the engine as it is must come through without a violation. Each shrinks
 * to one event without trouble that is handled at once.
 */

export const histories: Readonly<Record<HistoryName, Scenario>> = {
  "one consumer": onAnyStore({
    name: "one-consumer",
    title: "One consumer with every kind of result, failures and crashes",
    setup: fc.record(deployment(["a"])),
    run: (stage, setup) => deploy(stage, setup, { categories: ["a"], consumers: 1 }),
  }),
  "several categories": onAnyStore({
    name: "several-categories",
    title: "Three categories on one sink",
    setup: fc.record(deployment(["a", "b", "c"])),
    run: (stage, setup) => deploy(stage, setup, { categories: ["a", "b", "c"], consumers: 1 }),
  }),
  "consumer group": onMessageDb({
    name: "consumer-group",
    title: "A group of three",
    setup: fc.record(deployment(["a"])),
    run: (stage, setup) =>
      deploy(stage, setup, { categories: ["a"], consumers: 3 }, (self, options, member) =>
        host(stage, self, { ...options, member, size: 3 }),
      ),
  }),
  "two instances": onAnyStore({
    name: "two-instances",
    title: "Two instances of one consumer on one checkpoint, as in a rolling restart",
    setup: fc.record(deployment(["a"])),
    run: (stage, setup) => deploy(stage, setup, { categories: ["a"], consumers: 2 }),
  }),
  "small epochs": onDynamoStore({
    name: "small-epochs",
    title: "Epochs and Tips of the index hold next to nothing; the indexer is in trouble too",
    setup: fc.record({ ...indexedDeployment(["a", "b"]), epochVersion: fc.integer({ min: 1, max: 4 }) }),
    run: (stage, setup) => {
      Object.assign(stage.tuning, { epochVersion: setup.epochVersion, indexTipEvents: 2 })
      return indexed(stage, setup, { categories: ["a", "b"], consumers: 1 })
    },
  }),
  "old replicas": onDynamoStore({
    name: "old-replicas",
    title: "Two instances of one consumer, up to three writers, each read as old as another replica",
    setup: fc.record(indexedDeployment(["a"], 3)),
    run: (stage, setup) => {
      stage.conditions.lagMs = 300
      Object.assign(stage.tuning, { tipEvents: 2, indexTipEvents: 2 })
      return indexed(stage, setup, { categories: ["a"], consumers: 2 })
    },
  }),
  "two indexers": onDynamoStore({
    name: "two-indexers",
    title: "Two indexers for one table",
    setup: fc.record(indexedDeployment(["a"])),
    run: (stage, setup) => indexed(stage, setup, { categories: ["a"], consumers: 1, indexers: 2 }),
  }),
  "several writers": onDynamoStore({
    name: "several-writers",
    title: "Up to three writers to the same streams, whose Tips are small",
    setup: fc.record(indexedDeployment(["a"], 3)),
    run: (stage, setup) => {
      stage.tuning.tipEvents = 3
      return indexed(stage, setup, { categories: ["a"], consumers: 1 })
    },
  }),
}

interface Setup {
  /** One for each writer. */
  readonly writes: readonly History[]
  readonly answers: readonly Answer[]
  readonly time: HandlingTime
  readonly tuning: Tuning
  /** Of the first consumer. */
  readonly trouble: Trouble
}

interface IndexedSetup extends Setup {
  /** Of the indexers. */
  readonly indexerTrouble: Trouble
}

function deployment(categories: readonly string[], writers = 1) {
  const written = history({ categories, streams: [1, 5], appends: 25, pauseMs: 12 })
  return {
    writes: fc.array(written, { minLength: 1, maxLength: writers, size: "max" }),
    answers,
    time: handlingTime,
    tuning,
    trouble: trouble(),
  }
}

function indexedDeployment(categories: readonly string[], writers = 1) {
  return { ...deployment(categories, writers), indexerTrouble: trouble(["crash"]) }
}

interface Deployment {
  readonly categories: readonly string[]
  readonly consumers: number
}

/** A deployment with indexers of its own, that crash now and then. */
async function indexed(
  stage: DynamoStoreStage,
  setup: IndexedSetup,
  { indexers = 1, ...rest }: Deployment & { readonly indexers?: number },
): Promise<void> {
  const names = Array.from({ length: indexers }, (_, n) => `indexer-${n}`)
  const ends = names.map((name) => troubling(stage, name, setup.indexerTrouble))
  for (const name of names) indexing(stage, name)
  await deploy(stage, setup, rest, undefined, ends)
}

/** Runs the consumer with that number, again and again as a host does. */
type Consume = (self: ProcessContext, options: ConsumerOptions, n: number) => Promise<void>

async function deploy(
  stage: Stage,
  { writes, answers, time, tuning, trouble }: Setup,
  { categories, consumers: count }: Deployment,
  consume: Consume = (self, options) => host(stage, self, options),
  ends: readonly (() => void)[] = [],
): Promise<void> {
  const { world } = stage
  const endTrouble = troubling(stage, "consumer-0", trouble)
  const start = (n: number): Process => {
    const answer = answering(stage, answers)
    return world.process(`consumer-${n}`, (self) =>
      consume(self, { group: "g", categories, ...tuning, handler: answer(takingTime(self, time)) }, n),
    )
  }
  const consumers = Array.from({ length: count }, (_, n) => start(n))
  const writers = writes.map((written, n) => world.process(`writer-${n}`, writing(stage, written)))
  await Promise.all(writers.map((writer) => writer.ended))
  for (const end of [endTrouble, ...ends]) end()
  await rest(stage, consumers)
}
