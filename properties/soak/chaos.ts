import type { SeededRandom } from "../../sim/seeded-random.js"
import type { ServerControl } from "../../stores/container.js"
import type { ConsumerProcess } from "./consumer-process.js"

/** What may be done to a deployment in real time. Each resolves when its trouble is over. */
export interface Trouble {
  readonly name: string
  /** How often it is drawn, compared with the others. */
  readonly weight: number
  /** Answers what was done and to whom; undefined when there was nobody to do it to. */
  strike(random: SeededRandom, sleep: (ms: number) => Promise<void>): Promise<Struck | undefined>
}

export interface Struck {
  readonly process: string
  readonly ms?: number
}

/** The consumers that live at the moment. */
export type Living = () => readonly ConsumerProcess[]

export const kill = (living: Living): Trouble => ({
  name: "kill",
  weight: 10,
  strike: async (random) => {
    const consumer = anyOf(random, living())
    if (consumer === undefined) return undefined
    consumer.kill()
    await consumer.ended
    return { process: consumer.name }
  },
})

/** Its calls hang, its connections stay open, and then it goes on as if nothing had been. */
export const pause = (living: Living): Trouble => ({
  name: "pause",
  weight: 3,
  strike: async (random, sleep) => {
    const consumer = anyOf(
      random,
      living().filter((each) => !each.isPaused),
    )
    if (consumer === undefined) return undefined
    const ms = random.integer(100, 3_000)
    consumer.pause()
    await sleep(ms)
    consumer.resume()
    return { process: consumer.name, ms }
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
  strike: async (random, sleep) => {
    const ms = random.integer(least, most)
    await done()
    try {
      await sleep(ms)
    } finally {
      await undone()
    }
    return { process: "store", ms }
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
