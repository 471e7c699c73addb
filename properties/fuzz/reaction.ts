import type { Clock } from "../../engine/clock.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { SeededRandom } from "../../sim/seeded-random.js"
import type { PortOptions } from "../../sim/world.js"
import type { Handler } from "../stage.js"

/** The world as a reaction under test sees it: that of one incarnation of its process. */
export interface FuzzWorld {
  /**
   * Wraps what the reaction has effects on, such as a mailer, a client or a repository. Each call of a method becomes a
   * request and a reply; between them others may go on, the process may die, and either may be lost.
   */
  port<T extends object>(name: string, object: T, options?: FuzzPortOptions): T
  /**
   * The store that the events come from, as a decider reads it: a port of the name `events`. It is what the store holds, not
   * what a call got, so where an older event comes again the newer ones are there already.
   */
  readonly events: StoredEvents
  /** Virtual time. `Date`, timers, `Math.random` and UUIDs are virtual too, wherever the reaction takes them from. */
  readonly clock: Clock
  /** Chance that comes from the seed. */
  readonly random: SeededRandom
}

export interface StoredEvents {
  /** A stream's events up to the latest one that ever came to a handler, in order; none of a stream of which none came. */
  read(stream: string): Promise<readonly ITimelineEvent[]>
}

export interface FuzzPortOptions extends PortOptions {
  /**
   * True when the object works in the real world, such as a database: while one of its methods runs, nothing else happens
   * and no virtual time passes. Default: false, its methods wait for nothing but each other.
   */
  readonly external?: boolean
}

/**
 * Builds the handler of one incarnation of a process. It is called again after every crash, so what the handler keeps in
 * memory is gone then, as it is in production; what `outside` holds stays.
 */
export type Reaction<Outside> = (world: FuzzWorld, outside: Outside) => Handler | Promise<Handler>

/**
 * A reaction whose modules are loaded anew for each incarnation of its process, so that their variables are gone after a
 * crash as well. In Vitest: `{ fresh: async () => (vi.resetModules(), (await import("./mails.js")).mails) }`.
 */
export interface FreshReaction<Outside> {
  readonly fresh: () => Promise<Reaction<Outside>>
}
