/**
 * The vocabulary in which runs are described: what happened at the edges of the engine, in order.
 * Properties are monitors over this and over nothing else, so the same monitor serves a simulated run,
 * a run on real stores and a recorded file.
 */

import type { Waiting } from "./waiting.js"

/** Logical time and identity that every event carries. */
export interface Stamp {
  /** 0-based, one more for each event of a trace. */
  readonly n: number
  /** Milliseconds of the world's clock since the trace began. */
  readonly t: number
  /**
   * How often the world had turned: steps of a simulation, turns of the event loop in real time. Within a turn no timer fires
   * and no signal comes. Absent where nobody counted.
   */
  readonly turn?: number
}

/** An event of a page or a call, by identity and content. */
export interface ItemRef {
  readonly stream: string
  readonly index: number
  /** Digest of the body, where known: tells two different events for one index apart. */
  readonly body?: string
}

/** What is left of a deployment that does not come to rest. */
export interface Unsettled {
  readonly withinMs: number
  readonly waiting: readonly Waiting[]
}

/**
 * `run` names one start of one source on one tranche in one process incarnation; `sink` one sink's life;
 * `process` one process incarnation, e.g. `consumer#2`.
 */
export type Happening =
  | {
      readonly kind: "Appended"
      readonly stream: string
      readonly index: number
      readonly tranche: string
      readonly pos: bigint
      readonly body?: string
    }
  /** A feed holds an event once more, at a later position. */
  | {
      readonly kind: "AppendedAgain"
      readonly stream: string
      readonly index: number
      readonly tranche: string
      readonly pos: bigint
    }
  | {
      readonly kind: "RunStarted"
      readonly run: string
      readonly process: string
      readonly sink: string
      readonly group: string
      readonly tranche: string
      /** The run reads streams of these categories only; absent: all of its tranche. */
      readonly categories?: readonly string[]
      readonly member?: number
      readonly size?: number
      readonly maxConcurrentStreams?: number
      readonly maxReadAhead?: number
      readonly requireCompleteStreams?: boolean
      /** Milliseconds between two writes of the position. */
      readonly checkpointIntervalMs?: number
      /** Milliseconds from a page that was the tail to the next read. */
      readonly tailSleepIntervalMs?: number
      /** For how many milliseconds a stop waits for running calls, where that was set. */
      readonly drainTimeoutMs?: number
      /** How many writes of a position in a row may fail before the run does. */
      readonly maxCheckpointFailures?: number
      /** Of how many streams without work the sink remembers the position, where that was set. */
      readonly maxIdleStreams?: number
      /** The longest pause before the first, and before any, repetition of a read that failed, in milliseconds. */
      readonly readBackOffMs?: number
      readonly maxReadBackOffMs?: number
    }
  | {
      readonly kind: "Loaded"
      readonly run: string
      readonly group: string
      readonly tranche: string
      readonly position: bigint
    }
  | {
      readonly kind: "PageRead"
      readonly run: string
      readonly seq: number
      readonly from: bigint
      readonly checkpoint: bigint
      readonly isTail: boolean
      readonly items: readonly ItemRef[]
    }
  | { readonly kind: "Admitted"; readonly run: string; readonly seq: number }
  | {
      readonly kind: "CallStarted"
      readonly sink: string
      readonly call: number
      readonly stream: string
      readonly first: number
      readonly count: number
      readonly items: readonly ItemRef[]
    }
  | {
      readonly kind: "CallReturned"
      readonly sink: string
      readonly call: number
      readonly stream: string
      readonly result: string
      readonly next: number
      readonly items: readonly ItemRef[]
    }
  | {
      readonly kind: "CallThrew"
      readonly sink: string
      readonly call: number
      readonly stream: string
      readonly error: string
    }
  | { readonly kind: "Completed"; readonly run: string; readonly seq: number; readonly checkpoint: bigint }
  | {
      readonly kind: "CommitStarted"
      readonly run: string
      readonly group: string
      readonly tranche: string
      readonly position: bigint
    }
  | {
      readonly kind: "CommitDone"
      readonly run: string
      readonly group: string
      readonly tranche: string
      readonly position: bigint
      readonly stored?: bigint
    }
  | {
      readonly kind: "CommitFailed"
      readonly run: string
      readonly group: string
      readonly tranche: string
      readonly position: bigint
      readonly error: string
    }
  | { readonly kind: "Override"; readonly group: string; readonly tranche: string; readonly position: bigint }
  /** A source has slept as long as it pauses at the tail. */
  | { readonly kind: "Slept"; readonly sink: string; readonly ms: number }
  /** A source did not get the page, or the stored position, that it asked for. */
  | {
      readonly kind: "ReadFailed"
      readonly run: string
      readonly what: "page" | "position"
      /** What is to be thought of it. Absent: permanent. */
      readonly class?: "transient" | "configuration" | "permanent"
      readonly error: string
    }
  | { readonly kind: "AbortRequested"; readonly process: string }
  /** By plan, or by an error that nobody caught. */
  | { readonly kind: "Crashed"; readonly process: string; readonly error?: string }
  | { readonly kind: "RunEnded"; readonly run: string; readonly outcome: "ok" | "error"; readonly error?: string }
  | { readonly kind: "TailReported"; readonly run: string }
  /** Something was counted at the edge of a consumer: its listeners, timers, waiting pumps, or the events it holds. */
  | { readonly kind: "Probe"; readonly sink?: string; readonly of: string; readonly count: number }
  /** What a reaction did outside of the deployment, when it came about: `mails to a-1: event 0`. */
  | {
      readonly kind: "Effect"
      readonly process: string
      readonly effect: string
      /** What it changed, where a later effect on the same takes its place. Absent: it adds to what there is. */
      readonly on?: string
    }
  /** Something was put to the test directly, under the name of a rule; `broken` says what shows that it does not hold. */
  | { readonly kind: "Judged"; readonly rule: string; readonly broken?: string }
  /** A fault that the simulation injected: counted in results. */
  | {
      readonly kind: "Fault"
      readonly fault: string
      readonly process: string
      readonly port: string
      readonly operation: string
      /** Of a delay, a pause, a jump of a clock. */
      readonly ms?: number
    }
  /** A process that was paused goes on. */
  | { readonly kind: "Resumed"; readonly process: string }
  /**
   * No more input, every process that should live lives, and nothing but the tail poll goes on; or it did not come to that
   * within a bound.
   */
  | { readonly kind: "Quiescent"; readonly unsettled?: Unsettled }

export type TraceEvent = Happening & Stamp
