/**
 * Deployments that hang, each for another reason, and what a person reads about it: who waits for whom.
 */
import { expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { StreamResult } from "../engine/stream-result.js"
import { simulate } from "../sim/simulate.js"
import { fifo } from "../sim/strategy.js"
import type { ProcessContext } from "../sim/world.js"
import { comesToRest } from "./comes-to-rest.js"
import type { EngineUnderTest } from "./engine-under-test.js"
import { fakeMessageDb } from "./fake-message-db.js"
import type { PgPool } from "../stores/message-db/pg.js"
import type { MessageDbBackend } from "./message-db-backend.js"
import { referenceEngine } from "./reference-engine.js"
import { StageOnMessageDb } from "./stage-on-message-db.js"
import type { Handler } from "./stage.js"
import { Watch } from "./watch.js"

interface Hang {
  readonly handler?: (self: ProcessContext) => Handler
  readonly engine?: Partial<EngineUnderTest>
  readonly maxConcurrentStreams?: number
  readonly backend?: (backend: MessageDbBackend) => MessageDbBackend
}

/** One consumer, two streams, five events: what is said about its coming to rest. */
async function reportOf({ handler, engine, backend, maxConcurrentStreams = 2 }: Hang): Promise<string> {
  const watch = new Watch([comesToRest])
  const limits = { batchSize: 2, maxConcurrentStreams, maxReadAhead: 2 }
  const options = { group: "g", categories: ["a"], ...limits, tailSleepIntervalMs: 50, checkpointIntervalMs: 50 }
  const { outcome } = await simulate(
    1,
    async (world) => {
      const store = fakeMessageDb(world)
      const stage = await StageOnMessageDb.create(world, { ...referenceEngine, ...engine }, backend?.(store) ?? store)
      const writer = world.process("writer", async (self) => {
        await stage.append(self, StreamName.create("a", "1"), 3)
        await stage.append(self, StreamName.create("a", "2"), 2)
      })
      await writer.ended
      const consumer = world.process("consumer", (self) =>
        stage.consume(self, { ...options, handler: handler?.(self) ?? (async () => undefined) }),
      )
      await stage.settle(1_000, [consumer])
    },
    { strategy: fifo, latencyMs: [1, 1], onEvent: (event) => watch.observe(event) },
  )
  expect(outcome).toEqual({ kind: "ok" })
  return watch.violations.map(({ message }) => message).join("\n")
}

const never = () => new Promise<never>(() => undefined)

test("a handler whose mailer never answers", async () => {
  const handler = (self: ProcessContext): Handler => {
    const mailer = self.port("mailer", { send: async (to: string) => (to === "a-1" ? never() : undefined) })
    return (stream) => mailer.send(stream)
  }
  expect(await reportOf({ handler })).toMatchInlineSnapshot(`
    "consumer#1.1:a: at rest batch #1 is not complete, a-1@0 is not handled (event 20, 1022 ms)
    after 1000 ms without more input and trouble, who waits for whom:
      consumer#1.1:a waits for batch #1 before it reads on, and that for a-1@0
      a-1@0 waits for call #1, which has run for 992 ms
      consumer#1 waits for handler.handle(a-1), unanswered for 991 ms; mailer.send, unanswered for 990 ms; a timer at 1028 ms"
  `)
})

test("a handler that forgets to settle a promise", async () => {
  const handler = (): Handler => async (stream) => (stream === "a-1" ? never() : undefined)
  expect(await reportOf({ handler })).toMatchInlineSnapshot(`
    "consumer#1.1:a: at rest batch #1 is not complete, a-1@0 is not handled (event 20, 1022 ms)
    after 1000 ms without more input and trouble, who waits for whom:
      consumer#1.1:a waits for batch #1 before it reads on, and that for a-1@0
      a-1@0 waits for call #1, which has run for 992 ms
      consumer#1 waits for handler.handle(a-1), unanswered for 991 ms; a timer at 1028 ms"
  `)
})

test("a call that takes the only turn", async () => {
  const handler = (): Handler => async (stream) => (stream === "a-2" ? never() : StreamResult.NoneProcessed)
  expect(await reportOf({ handler, maxConcurrentStreams: 1 })).toMatchInlineSnapshot(`
    "consumer#1.1:a: at rest batch #1 is not complete, a-1@0 is not handled (event 20, 1022 ms)
    after 1000 ms without more input and trouble, who waits for whom:
      consumer#1.1:a waits for batch #1 before it reads on, and that for a-1@0
      a-1@0 waits for its turn: 1 of 1 run, the oldest is call #2, which has run for 990 ms
      consumer#1 waits for handler.handle(a-2), unanswered for 989 ms; a timer at 1028 ms"
  `)
})

test("a wake-up that is lost: what made no progress is not called again", async () => {
  const asleep: EngineUnderTest["StreamsSink"] = {
    create: (options) => referenceEngine.StreamsSink.create({ ...options, clock: { ...options.clock!, sleep: never } }),
  }
  const handler = (): Handler => async (stream) => (stream === "a-1" ? StreamResult.NoneProcessed : undefined)
  expect(await reportOf({ handler, engine: { StreamsSink: asleep } })).toMatchInlineSnapshot(`
    "not everything is handled that was appended, or not every consumer has read to the tail (event 5, 1022 ms)
    after 1000 ms without more input and trouble, who waits for whom:
    "
  `)
})

test("a store that does not answer any more", async () => {
  let reads = 0
  const silent = (backend: MessageDbBackend): MessageDbBackend => ({
    ...backend,
    connect: () => {
      const connection = backend.connect()
      const { pool } = connection
      const query = (...args: Parameters<PgPool["query"]>) =>
        JSON.stringify(args).includes("get_category_messages") && ++reads > 2 ? never() : pool.query(...args)
      return { ...connection, pool: { query, connect: () => pool.connect() } as PgPool }
    },
  })
  expect(await reportOf({ backend: silent })).toMatchInlineSnapshot(`
    "consumer#1.1:a: at rest the run does not find the tail (event 27, 1022 ms)
    after 1000 ms without more input and trouble, who waits for whom:
      consumer#1.1:a has read up to position 5, the last time 990 ms ago
      consumer#1 waits for message-db.get_category_messages(a), unanswered for 989 ms; a timer at 1030 ms"
  `)
})

test("checkpoints that never load", async () => {
  class Forgetful extends referenceEngine.PgCheckpoints {
    override load = never
  }
  expect(await reportOf({ engine: { PgCheckpoints: Forgetful } })).toMatchInlineSnapshot(`
    "not everything is handled that was appended, or not every consumer has read to the tail (event 10, 1022 ms)
    after 1000 ms without more input and trouble, who waits for whom:
      consumer#1.1:a waits for its stored position
      consumer#1 waits for a promise that no port and no timer is going to keep"
  `)
})

test("a deployment that does not hang has nothing to say", async () => {
  expect(await reportOf({})).toBe("")
})
