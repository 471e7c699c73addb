/**
 * What kind of step waits: `start` of an incarnation, `request` and `reply` of a call on a port, `timer` and `turn` of
 * a clock, `signal` (abort asked for by `stop`), `release` (what a crash leaves is cleaned up), `restart`.
 */
export type Phase = "start" | "request" | "reply" | "timer" | "turn" | "signal" | "release" | "restart"

/** Names a step for strategies, traces and error messages. */
export interface StepLabel {
  /** The incarnation, e.g. `consumer#1`, or `world`. */
  readonly process: string
  /** The port's name, `clock`, or empty. */
  readonly port: string
  readonly operation: string
  readonly phase: Phase
  /** All of it on one line. */
  readonly text: string
}

export function stepLabel(process: string, port: string, operation: string, phase: Phase): StepLabel {
  const what = port === "" ? operation : `${port}.${operation}`
  return { process, port, operation, phase, text: what === "" ? `${process} ${phase}` : `${process} ${what} ${phase}` }
}
