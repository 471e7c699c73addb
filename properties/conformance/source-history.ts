import fc from "fast-check"
import { takingTime, handlingTime } from "../deployment/handling-time.js"
import { history, writing } from "../deployment/history.js"
import { host } from "../deployment/host.js"
import { tuning } from "../deployment/tuning.js"
import type { Process } from "../../sim/world.js"
import { trouble, troubling } from "../trouble.js"
import { judging } from "./judged.js"
import type { StageOnAdapter } from "./stage-on-adapter.js"

const category = "account"
const categories = [category, "order"]
const instance = fc.record({ tuning, time: handlingTime })

/** What interrupts a consumer: it is asked to stop, or dies, and is started again. */
const interruption = fc.record({ how: fc.constantFrom("stop", "crash"), afterMs: fc.nat(80), pauseMs: fc.nat(40) })

/**
 * A history for a consumer as a whole: it catches up and tails, is stopped and dies and is started again, in trouble that
 * ends; now and then a second instance runs beside it, as in a rolling restart. What it reads is written by one or by
 * several at once. In the end all of it comes to rest.
 */
export const sourceSetup = fc.record({
  categories: fc.constantFrom(1, 1, 2),
  before: history({ categories, streams: [1, 4], appends: 8, pauseMs: 0 }),
  after: history({ categories, streams: [1, 4], appends: 12, pauseMs: 20 }),
  consumer: instance,
  interruptions: fc.array(interruption, { maxLength: 3 }),
  second: fc.option(fc.record({ ...{ consumer: instance }, afterMs: fc.nat(100) }), { freq: 3 }),
  trouble: trouble(),
  calmAfterMs: fc.nat(100),
  /** How many write at once. */
  writers: fc.constantFrom(1, 1, 2, 4),
})

type SourceSetup = typeof sourceSetup extends fc.Arbitrary<infer Setup> ? Setup : never

export async function sourceHistory(stage: StageOnAdapter, setup: SourceSetup): Promise<void> {
  const { before, after, consumer: only, interruptions, second, trouble, calmAfterMs, writers } = setup
  const { world } = stage
  const read = categories.slice(0, setup.categories)
  const consuming = (name: string, { tuning, time }: typeof only) =>
    stage.process(name, (self) =>
      host(stage, self, { group: "reactor", categories: read, ...tuning, handler: takingTime(self, time) }),
    )
  const written = (name: string, whole: typeof before) =>
    Promise.all(
      Array.from({ length: writers }, (_, n) => {
        const share = whole.filter((_, i) => i % writers === n)
        return stage.process(n === 0 ? name : `${name}-${n + 1}`, writing(stage, share)).ended
      }),
    )
  await written("early-writer", before)
  const endTrouble = troubling(stage, "consumer", trouble)
  const consumer = consuming("consumer", only)
  const writer = written("writer", after)
  const consumers = [consumer]
  if (second !== null) {
    await world.clock.sleep(second.afterMs)
    consumers.push(consuming("second", second.consumer))
  }
  for (const { how, afterMs, pauseMs } of interruptions) {
    await world.clock.sleep(afterMs)
    if (how === "stop") await stopped(stage, consumer)
    else consumer.crash()
    await world.clock.sleep(pauseMs)
    // Trouble may have started it again before.
    if (consumer.state !== "running") consumer.restart()
  }
  await writer
  await world.clock.sleep(calmAfterMs)
  endTrouble()
  await stage.settle(patienceMs, consumers)
  for (const process of consumers) await stopped(stage, process)
}

/** More than any run needs once its input has ended: whoever needs longer hangs. */
const patienceMs = 20_000

/** A stop waits for running calls and writes the last position: longer than this it hangs. */
const stopMs = 10_000

/** Asks a consumer to stop and judges whether it does; one that does not is killed. */
async function stopped({ world }: StageOnAdapter, consumer: Process): Promise<void> {
  consumer.stop()
  const judge = judging(world.trace)
  const ended = await Promise.race([consumer.ended.then(() => true), world.clock.sleep(stopMs).then(() => false)])
  judge("ends", ended ? undefined : `${consumer.name}: asked to stop, it still runs ${stopMs} ms later`)
  if (!ended) consumer.crash()
}
