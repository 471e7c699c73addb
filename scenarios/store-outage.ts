import fc from "fast-check"
import { onAnyStore } from "../properties/scenario.js"
import { handlingTime, takingTime } from "../properties/deployment/handling-time.js"
import { history, writing } from "../properties/deployment/history.js"
import { host } from "../properties/deployment/host.js"
import { rest } from "../properties/deployment/rest.js"
import { stopAll } from "../properties/deployment/stop-all.js"
import { trouble, troubling } from "../properties/trouble.js"
import { tuning } from "../properties/deployment/tuning.js"

const category = "parcel"

/** Of whichever store it is: what the other one does never happens. */
const away = fc.constantFrom(
  { requestLost: 1 },
  { requestLost: 0.5, replyLost: 0.5 },
  { failures: { statementTimeout: 1, throttled: 1 } },
  { failures: { poolExhausted: 0.5, internalError: 0.5 } },
)
/** Nothing that time alone would mend: whoever reads then ends. */
const forbidden = fc.constant({ failures: { permissionDenied: 0.3, accessDenied: 0.3 } })

const outage = fc.record({
  how: fc.oneof({ weight: 5, arbitrary: away }, { weight: 1, arbitrary: forbidden }),
  afterMs: fc.nat(60),
  forMs: fc.constantFrom(20, 200, 1_000, 4_000),
  /** The consumer is asked to stop meanwhile, and started again afterwards. */
  isStopped: fc.boolean(),
})

/** How the stores are reached. */
const ports = ["message-db", "dynamodb"]

/**
 * Only the consumer is cut off, so that there is always more to read. While it is, its source reads again and again with
 * growing pauses. Where failed writes of a position are borne, the run goes on through all of it.
 */
export const storeOutage = onAnyStore({
  name: "store-outage",
  title: "A store cannot be reached for a while: sources wait for it, and go on where they were",
  setup: fc.record({
    history: history({ categories: [category], streams: [1, 6], appends: 20, pauseMs: 20 }),
    outages: fc.array(outage, { minLength: 1, maxLength: 3, size: "max" }),
    maxCheckpointFailures: fc.constantFrom(1, 1_000_000),
    trouble: trouble(["crash", "delay"]),
    tuning,
    time: handlingTime,
  }),
  sometimes: { "read failed": 20, "read repeated": 50, "restart after a failure": 200, "restart after a stop": 20 },
  async run(stage, { history, outages, maxCheckpointFailures, trouble, tuning, time }) {
    const { world } = stage
    const endTrouble = troubling(stage, "consumer", trouble)
    const consumer = world.process("consumer", (self) => {
      const handler = takingTime(self, time)
      return host(stage, self, { group: "reactor", categories: [category], maxCheckpointFailures, ...tuning, handler })
    })
    const writer = world.process("writer", writing(stage, history))
    for (const { how, afterMs, forMs, isStopped } of outages) {
      await world.clock.sleep(afterMs)
      const ends = ports.map((port) => world.fault({ ...how, process: "consumer", port }))
      await world.clock.sleep(forMs)
      if (isStopped) await stopAll([consumer])
      for (const end of ends) end()
      if (isStopped) consumer.restart()
    }
    await writer.ended
    endTrouble()
    await rest(stage, [consumer])
  },
})
