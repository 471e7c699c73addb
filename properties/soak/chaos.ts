import type { SeededRandom } from "../../sim/seeded-random.js"
import type { Happening } from "../../sim/trace.js"
import type { ServerControl } from "../../stores/container.js"
import type { ConsumerProcess } from "./consumer-process.js"

/** What may be done to a deployment in real time. Each resolves when its trouble is over. */
export interface Trouble {
  readonly name: string
  /** How often it is drawn, compared with the others. */
  readonly weight: number
  /** Tells what it does and to whom when it does it; nothing when there was nobody to do it to. */
  strike(scene: Scene): Promise<void>
}

/** What there is for making trouble. */
export interface Scene {
  readonly random: SeededRandom
  readonly sleep: (ms: number) => Promise<void>
  /** Puts something into the trace, with the time at which it is told. */
  readonly tell: (happening: Happening) => void
}

/**
 * As the trace has it.
 * @param ms How long it lasts.
 */
export const fault = (name: string, process: string, ms?: number): Happening => ({
  ...{ kind: "Fault", fault: name, port: "", operation: "", process },
  ...(ms === undefined ? {} : { ms }),
})

/** The consumers that live at the moment. */
export type Living = () => readonly ConsumerProcess[]

export const kill = (living: Living): Trouble => ({
  name: "kill",
  weight: 10,
  strike: async ({ random, tell }) => {
    const consumer = anyOf(random, living())
    if (consumer === undefined) return
    tell(fault("kill", consumer.process))
    consumer.kill()
    await consumer.ended
  },
})

/** Its calls hang, its connections stay open, and then it goes on as if nothing had been. */
export const pause = (living: Living): Trouble => ({
  name: "pause",
  weight: 3,
  strike: async ({ random, sleep, tell }) => {
    const consumer = anyOf(
      random,
      living().filter((each) => !each.isPaused),
    )
    if (consumer === undefined) return
    const ms = random.integer(100, 3_000)
    // Whoever judges the process has to know of the pause before it sees how late everything is.
    tell(fault("pause", consumer.process, ms))
    consumer.pause()
    await sleep(ms)
    tell({ kind: "Resumed", process: consumer.process })
    consumer.resume()
  },
})

/** Trouble of the store: `done` is what its server is asked to do, and `undone` what ends it. */
export const storeTrouble = (
  name: string,
  weight: number,
  [least, most]: readonly [number, number],
  done: () => Promise<void>,
  undone: () => Promise<void> = async () => {},
): Trouble => ({
  name,
  weight,
  strike: async ({ random, sleep, tell }) => {
    const ms = random.integer(least, most)
    tell(fault(name, "store", ms))
    await done()
    try {
      await sleep(ms)
    } finally {
      await undone()
    }
  },
})

/** What befalls a server's machine, its data left alone. */
export const containerTroubles = (control: ServerControl): readonly Trouble[] => [
  storeTrouble(
    "server paused",
    1,
    [500, 4_000],
    () => control.pause(),
    () => control.unpause(),
  ),
  storeTrouble(
    "network cut",
    1,
    [500, 4_000],
    () => control.disconnect(),
    () => control.reconnect(),
  ),
]

export function drawTrouble(random: SeededRandom, troubles: readonly Trouble[]): Trouble {
  let left = random.integer(0, troubles.reduce((sum, { weight }) => sum + weight, 0) - 1)
  for (const trouble of troubles) {
    left -= trouble.weight
    if (left < 0) return trouble
  }
  throw new Error("there is no trouble to draw from")
}

const anyOf = <T>(random: SeededRandom, items: readonly T[]): T | undefined =>
  items.length === 0 ? undefined : random.pick(items)
