import fc from "fast-check"
import { StreamResult } from "../../engine/stream-result.js"
import type { ConsumerOptions, Handler } from "../../properties/stage.js"
import { trouble } from "../../properties/trouble.js"
import { onAnyStore, onDynamoStore, onMessageDb, type Scenario } from "../../properties/scenario.js"
import type { ProcessContext } from "../../sim/world.js"
import { history, writing } from "../../properties/deployment/history.js"
import { host } from "../../properties/deployment/host.js"
import { errors, noneAtFirst, peacefulAnswers } from "./answers.js"
import { lateEvents } from "../late-events.js"
import { leftBehind } from "../left-behind.js"
import { deploy, deployIndexed, deploymentSetup, indexedSetup } from "./deployment.js"
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
    setup: fc.record(deploymentSetup(["a"])),
    run: (stage, setup) => deploy(stage, setup, { categories: ["a"], consumers: 1 }),
  }),
  "complete streams": onAnyStore({
    name: "complete-streams",
    title: "One consumer that requires complete streams, and never starts again",
    setup: fc.record({ ...deploymentSetup(["a"]), answers: peacefulAnswers, trouble: trouble(["delay"]) }),
    run: (stage, setup) =>
      deploy(stage, setup, {
        categories: ["a"],
        consumers: 1,
        consume: (self, options) => host(stage, self, { ...options, requireCompleteStreams: true }),
      }),
  }),
  "late events": lateEvents,
  "left behind": leftBehind,
  "no progress at first": onAnyStore({
    name: "no-progress-at-first",
    title: "One consumer whose first calls make no progress, so that its streams wait for each other",
    setup: fc.record({ ...deploymentSetup(["a"]), answers: noneAtFirst, trouble: trouble(["delay"]) }),
    run: (stage, setup) => deploy(stage, setup, { categories: ["a"], consumers: 1 }),
  }),
  "several categories": onAnyStore({
    name: "several-categories",
    title: "Three categories on one sink",
    setup: fc.record(deploymentSetup(["a", "b", "c"])),
    run: (stage, setup) => deploy(stage, setup, { categories: ["a", "b", "c"], consumers: 1 }),
  }),
  "failures that meet": onAnyStore({
    name: "failures-that-meet",
    title: "Calls that take long and fail, and a position that often cannot be stored meanwhile",
    setup: fc.record({
      ...{ ...deploymentSetup(["a"]), answers: errors, trouble: trouble(["delay"]) },
      // Soon all is read, and nobody hears of a failure by waiting for room.
      writes: fc.tuple(history({ categories: ["a"], streams: [3, 5], appends: 15, pauseMs: 1 })),
      time: fc.record({ mostMs: fc.constantFrom(50, 100) }),
      notStored: fc.constantFrom(0, 0.3, 0.7),
    }),
    run: (stage, { notStored, ...setup }) => {
      const failing = {
        ...{ operations: ["commitCheckpoint"], replyLost: notStored },
        delay: { rate: 1, ms: [0, 100] as const },
      }
      const tuning = { ...setup.tuning, maxConcurrentStreams: 10, maxReadAhead: 100, checkpointIntervalMs: 10 }
      return deploy(
        stage,
        { ...setup, tuning, trouble: [...setup.trouble, failing], maxCheckpointFailures: 1 },
        { categories: ["a"], consumers: 1 },
      )
    },
  }),
  "handled at once": onAnyStore({
    name: "handled-at-once",
    title: "A reaction that reaches nothing outside of its process, and makes no progress at first",
    setup: fc.record({ ...deploymentSetup(["a"]), answers: peacefulAnswers, readyAfterMs: fc.nat(60) }),
    run: (stage, { readyAfterMs, ...setup }) =>
      deploy(
        stage,
        { ...setup, time: { mostMs: 0 } },
        {
          categories: ["a"],
          consumers: 1,
          consume: (self, options) => {
            const readyAt = stage.world.clock.now() + readyAfterMs
            const handler: Handler = async (stream, events) =>
              stage.world.clock.now() < readyAt ? StreamResult.NoneProcessed : options.handler(stream, events)
            return host(stage, self, { ...options, handler, isHandledAtOnce: true })
          },
        },
      ),
  }),
  "few idle streams": onMessageDb({
    name: "few-idle-streams",
    title: "A consumer that remembers one stream without work",
    // A feed that delivers again, or an answer ahead of it, would show what is forgotten.
    setup: fc.record({ ...deploymentSetup(["a"]), trouble: trouble(["crash", "delay"]) }),
    run: (stage, setup) =>
      deploy(
        stage,
        { ...setup, answers: [] },
        {
          categories: ["a"],
          consumers: 1,
          consume: (self, options) => host(stage, self, { ...options, maxIdleStreams: 1 }),
        },
      ),
  }),
  "stop and start": onAnyStore({
    name: "stop-and-start",
    title: "A consumer is asked to stop at any moment and started again",
    setup: fc.record({
      ...deploymentSetup(["a"]),
      stops: fc.array(fc.record({ afterMs: fc.nat(80), pauseMs: fc.nat(20) }), { maxLength: 4, size: "max" }),
    }),
    run: (stage, { stops, ...setup }) =>
      deploy(stage, setup, {
        categories: ["a"],
        consumers: 1,
        async meanwhile([consumer]) {
          for (const { afterMs, pauseMs } of stops) {
            await stage.world.clock.sleep(afterMs)
            consumer!.stop()
            await consumer!.ended
            await stage.world.clock.sleep(pauseMs)
            if (consumer!.state !== "running") consumer!.restart()
          }
        },
      }),
  }),
  "store away": onMessageDb({
    name: "store-away",
    title: "A consumer whose store is away for a while: it waits, or is asked to stop and started again afterwards",
    setup: fc.record({
      ...{ ...deploymentSetup(["a"]), answers: peacefulAnswers, trouble: trouble(["delay"]) },
      afterMs: fc.nat(40),
      waits: fc.constantFrom(
        { isStopped: false, awayForMs: 12_000, backOff: {} },
        { isStopped: true, awayForMs: 500, backOff: { readBackOffMs: 60_000, maxReadBackOffMs: 60_000 } },
      ),
    }),
    run: (stage, { afterMs, waits, ...setup }) =>
      deploy(
        stage,
        // Writes of a position fail as well.
        { ...setup, maxCheckpointFailures: 1_000_000 },
        {
          categories: ["a"],
          consumers: 1,
          consume: (self, options) => host(stage, self, { ...options, ...waits.backOff }),
          async meanwhile([consumer]) {
            const { clock } = stage.world
            await clock.sleep(afterMs)
            const comesBack = stage.world.fault({ requestLost: 1, process: "consumer-0", port: "message-db" })
            await clock.sleep(waits.awayForMs)
            if (waits.isStopped) {
              consumer!.stop()
              await consumer!.ended
            }
            comesBack()
            if (waits.isStopped) consumer!.restart()
          },
        },
      ),
  }),
  "consumer group": onMessageDb({
    name: "consumer-group",
    title: "A group of three",
    setup: fc.record(deploymentSetup(["a"])),
    run: (stage, setup) =>
      deploy(stage, setup, {
        categories: ["a"],
        consumers: 3,
        consume: (self: ProcessContext, options: ConsumerOptions, member: number) =>
          host(stage, self, { ...options, member, size: 3 }),
      }),
  }),
  "two instances": onAnyStore({
    name: "two-instances",
    title: "Two instances of one consumer on one checkpoint, as in a rolling restart",
    setup: fc.record(deploymentSetup(["a"])),
    breaks: ["A5"],
    run: (stage, setup) => deploy(stage, setup, { categories: ["a"], consumers: 2 }),
  }),
  "from the tail": onDynamoStore({
    name: "from-the-tail",
    title: "A consumer starts at the tail of the index, crashes, and starts again",
    setup: fc.record({
      ...indexedSetup(["a"]),
      before: history({ categories: ["a"], streams: [1, 3], appends: 5, pauseMs: 0 }),
    }),
    run: async (stage, { before, ...setup }) => {
      await stage.world.process("early-writer", writing(stage, before)).ended
      await deployIndexed(stage, setup, {
        categories: ["a"],
        consumers: 1,
        consume: async (self, options) => {
          await self.clock.sleep(100, self.signal)
          await host(stage, self, { ...options, startFromTail: true })
        },
      })
    },
  }),
  "small epochs": onDynamoStore({
    name: "small-epochs",
    title: "Epochs and Tips of the index hold next to nothing; the indexer is in trouble too",
    setup: fc.record({ ...indexedSetup(["a", "b"]), epochVersion: fc.integer({ min: 1, max: 4 }) }),
    run: (stage, { epochVersion, ...setup }) => {
      Object.assign(stage.tuning, { epochVersion, indexTipEvents: 2 })
      return deployIndexed(stage, setup, { categories: ["a", "b"], consumers: 1 })
    },
  }),
  "old replicas": onDynamoStore({
    name: "old-replicas",
    title: "Two instances of one consumer, up to three writers, each read as old as another replica",
    setup: fc.record(indexedSetup(["a"], 3)),
    run: (stage, setup) => {
      stage.conditions.lagMs = 300
      Object.assign(stage.tuning, { tipEvents: 2, indexTipEvents: 2 })
      return deployIndexed(stage, setup, { categories: ["a"], consumers: 2 })
    },
  }),
  "two indexers": onDynamoStore({
    name: "two-indexers",
    title: "Two indexers for one table",
    setup: fc.record(indexedSetup(["a"])),
    run: (stage, setup) => deployIndexed(stage, setup, { categories: ["a"], consumers: 1, indexers: 2 }),
  }),
  "several writers": onDynamoStore({
    name: "several-writers",
    title: "Up to three writers to the same streams, whose Tips are small",
    setup: fc.record(indexedSetup(["a"], 3)),
    run: (stage, setup) => {
      stage.tuning.tipEvents = 3
      return deployIndexed(stage, setup, { categories: ["a"], consumers: 1 })
    },
  }),
}
