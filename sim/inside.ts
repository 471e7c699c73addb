import { AsyncLocalStorage } from "node:async_hooks"
import type { Clock } from "../engine/clock.js"
import type { Life } from "./life.js"
import type { Pace } from "./pace.js"
import type { SeededRandom } from "./seeded-random.js"

/** On whose behalf code runs inside of a simulation that watches or replaces the globals. */
export interface Inside {
  readonly life: Life
  readonly clock: Pick<Clock, "now">
  readonly random: SeededRandom
  readonly pace: Pace
  readonly globals: Globals
}

/** What a run does about code that reads the machine's clock or chance, or sets its timers. */
export interface Globals {
  readonly kind: "watched" | "virtual"
  /** Milliseconds of the world's clock at which the run began. */
  readonly began: number
  /** Takes note of a use. */
  used(what: string): void
}

/** Follows code through its awaits: what a process starts, runs on its behalf. */
export const inside = new AsyncLocalStorage<Inside>()
