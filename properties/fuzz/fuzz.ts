import { type Clock, systemClock } from "../../engine/clock.js"
import { checkOptions, fn, has, integer, milliseconds, optional } from "../../engine/options.js"
import { openDoors } from "../../sim/virtual-globals.js"
import { deepEqual, type Equal } from "./difference.js"
import { historySetup, type Samples } from "./history.js"
import { Inquest } from "./inquest.js"
import type { Reaction } from "./reaction.js"
import { type FuzzVerdict, verdictLines } from "./verdict.js"

export interface FuzzOptions<Outside> {
  /** Builds the handler of one incarnation of its process: called at every start, also after a crash. */
  readonly reaction: Reaction<Outside>
  /** The events that the handler gets: streams by name or category, given or drawn. */
  readonly events: Samples
  /**
   * What the world looks like when all is done, as plain data: mails sent, rows, streams appended to. A run whose end
   * differs from that of a run with each event once, in order, has failed. Without what depends on time or chance.
   */
  readonly observe: (outside: Outside) => unknown
  /**
   * Makes the world outside of the process anew, before each run: what the reaction has effects on, and `observe` looks at.
   * It gets the same object as `reaction` and `observe` do. Default: there is none, and both get undefined.
   */
  readonly outside?: () => Outside | Promise<Outside>
  /** Whether two ends of the world count as the same. Default: deep structural equality. */
  readonly equal?: Equal
  /** Operations that are idempotent by their arguments, as `port.operation`: called again with the same ones, they do nothing. */
  readonly idempotent?: readonly string[]
  /** What all is drawn from. Default: 1, so that a test does not fail by chance. */
  readonly seed?: number | string
  /** Milliseconds for all axes together. Default: 1000, or the environment's `WINDTUNNEL_TIME` in seconds. */
  readonly time?: number
  /** How many histories in each axis, instead of a time: an integer of at least 1. */
  readonly runs?: number
  /** Measures the time. Default: the machine's clock. */
  readonly clock?: Clock
}

const accepted = {
  reaction: fn,
  observe: fn,
  outside: optional(fn),
  equal: optional(fn),
  time: optional(milliseconds),
  runs: optional(integer(1)),
  clock: optional(has("now", "sleep", "turn")),
}

/** A reaction is not idempotent: the message says how it fails, in the smallest histories that were found. */
export class NotIdempotentError extends Error {
  override readonly name = "NotIdempotentError"
  readonly verdict: FuzzVerdict
  constructor(verdict: FuzzVerdict) {
    super(verdictLines(verdict).join("\n"))
    this.verdict = verdict
  }
}

/**
 * Shows a reaction what can happen to it in production: spans that come again, other batches, crashes around its effects,
 * lost replies, streams side by side, zombies, old checkpoints. Each by itself, and then all of it together. The end of
 * each history is compared with that of a run in which every event comes once, in order.
 *
 * @throws NotIdempotentError when the reaction fails by one of these
 * @throws InvalidOptionError
 */
export async function fuzz<Outside = undefined>(options: FuzzOptions<Outside>): Promise<FuzzVerdict> {
  const verdict = await judgeReaction(options)
  if (verdict.outcome !== "idempotent") throw new NotIdempotentError(verdict)
  return verdict
}

/** As {@link fuzz}; answers the verdict, whatever it is. @throws InvalidOptionError */
export async function judgeReaction<Outside = undefined>(options: FuzzOptions<Outside>): Promise<FuzzVerdict> {
  checkOptions("fuzz", accepted, options)
  const { reaction, events: samples, observe, idempotent = [], seed = 1, clock = systemClock } = options
  const outside = options.outside ?? (() => undefined as Outside)
  const subject = { reaction, samples, observe, outside, idempotent: new Set(idempotent) }
  const { time: timeMs = usualMs, runs, equal = deepEqual } = options
  const inquest = new Inquest({ subject, history: historySetup(samples), equal, seed, clock, timeMs, runs })
  // Opened once for all runs: that costs as much as a run.
  const close = openDoors()
  try {
    return await inquest.verdict()
  } finally {
    close()
  }
}

const usualMs = 1_000
