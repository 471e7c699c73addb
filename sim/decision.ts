import type { FaultKind } from "./world.js"

/**
 * One thing that was decided otherwise than by default. By default steps go first in, first out, requests and replies
 * take no longer than they must, and no fault strikes. All decisions of a run together make it; with the same seed they
 * make it again. Steps go by their names, see `step-id.ts`.
 */
export type Decision =
  | {
      readonly kind: "hold"
      /** This step was ready and others that became ready later came before it … */
      readonly step: string
      /** … until this one had happened; then it went at once. */
      readonly until: string
    }
  | {
      readonly kind: "latency"
      /** This request or reply … */
      readonly step: string
      /** … was under way for so many milliseconds. */
      readonly ms: number
    }
  | {
      readonly kind: "fault"
      readonly fault: FaultKind
      /** The step at which it struck; for a call, its request. */
      readonly step: string
      /**
       * Milliseconds: the delay, the time until a request arrives again, the pause, or the one before a restart; for a clock,
       * how far it jumps or is ahead, less than 0 when back or behind.
       */
      readonly ms?: number
    }
