/**
 * What kind of step waits: `start` of an incarnation, `request` and `reply` of a call on a port, `timer` and `turn` of
 * a clock, `repeat` (a request that arrives once more), `signal` (abort asked for by `stop`), `release` (what a crash leaves
 * is cleaned up), `restart`, `resume` (the end of a pause), `fault` (nothing happens but, perhaps, a fault).
 */
export type Phase =
  "start" | "request" | "reply" | "repeat" | "timer" | "turn" | "signal" | "release" | "restart" | "resume" | "fault"

/** What a call is about, so that it goes by the same name in whatever order calls come. */
export interface Subject {
  /** What is asked for, where the operation's name does not say it: `get_category_messages`. */
  readonly what?: string
  /** A stream, a category, a key: nothing secret, and nothing that may be long. */
  readonly of?: string
}

/** Names a step for strategies, traces and error messages. */
export interface StepLabel {
  /** The incarnation, e.g. `consumer#1`, or `world`. */
  readonly process: string
  /** The port's name, `clock`, or empty. */
  readonly port: string
  readonly operation: string
  /** What a call is about, where its port can tell. */
  readonly about?: Subject
  readonly phase: Phase
  /** All of it on one line. */
  readonly text: string
}

export function stepLabel(process: string, port: string, operation: string, phase: Phase, about?: Subject): StepLabel {
  const place = placeOf({ port, operation, ...(about && { about }) })
  const text = place === "" ? `${process} ${phase}` : `${process} ${place} ${phase}`
  return { process, port, operation, phase, text, ...(about && { about }) }
}

/** `port.operation(of what)`, as much of it as there is. */
export function placeOf({ port, operation, about }: Pick<StepLabel, "port" | "operation" | "about">): string {
  const what = about?.what ?? operation
  const named = about?.of === undefined ? what : `${what}(${about.of})`
  return port === "" ? named : `${port}.${named}`
}
