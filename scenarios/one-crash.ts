import { StreamName } from "../engine/stream-name.js"
import { onMessageDb, type Scenario } from "../properties/scenario.js"
import type { ConsumerOptions } from "../properties/stage.js"
import { stopAll } from "../properties/deployment/stop-all.js"

const category = "account"
const [one, two] = [StreamName.create(category, "1"), StreamName.create(category, "2")]
const appended = [one, two, one]

/** What handling an event of the second stream takes, so that a position is stored meanwhile. */
const handlingMs = 10

/** More than any run needs to come to rest, in virtual and in real time. */
const enoughMs = { simulated: 1_000, real: 20_000 } as const

interface Size extends Pick<ConsumerOptions, "batchSize" | "maxReadAhead"> {
  /**
   * How long the deployment is given to come to rest: each millisecond costs steps in every schedule in which it does not.
   * Where calls take no time it needs no more than 50. Default: more than enough.
   */
  readonly patienceMs?: number
}

/**
 * The least that has everything: two streams side by side, one of them slow, events of one stream one after the other, a
 * position that is stored while a handler runs, a crash. Nothing is drawn, so that its schedules can be counted.
 */
export const oneCrashWith = ({ batchSize, maxReadAhead, patienceMs }: Size): Scenario =>
  onMessageDb({
    name: "one-crash",
    title: "One consumer, two streams, three events, one crash: small enough for every schedule to be seen",
    sometimes: {
      "calls at once": 100,
      "restart after a crash": 100,
      redelivery: 200,
      "crash before a checkpoint": 300,
    },
    async run(stage) {
      const { world } = stage
      await world.process("writer", async (self) => {
        for (const stream of appended) await stage.append(self, stream, 1)
      }).ended
      world.fault({ process: "consumer", crash: { rate: 0.02, restartAfterMs: [1, 1], most: 1 } })
      const consumer = world.process("consumer", (self) =>
        stage.consume(self, {
          group: "reactor",
          categories: [category],
          batchSize,
          maxConcurrentStreams: 2,
          maxReadAhead,
          tailSleepIntervalMs: 12,
          checkpointIntervalMs: 8,
          handler: async (stream) => {
            if (stream === two) await self.clock.sleep(handlingMs)
          },
          touches: (_, [stream]) => [{ part: String(stream), changes: true }],
        }),
      )
      await stage.settle(patienceMs ?? enoughMs[world.kind], [consumer])
      await stopAll([consumer])
    },
  })

/** A page for each event. */
export const oneCrash = oneCrashWith({ batchSize: 1, maxReadAhead: 2 })
