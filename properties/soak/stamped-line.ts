import * as v from "valibot"
import type { TraceEvent } from "../../sim/trace.js"
import { eventLine } from "../trace-lines.js"
import { schemas } from "../trace-schema.js"

/** An event, and when the machine's steady clock saw it: that clock is the same for all processes of a machine. */
export interface StampedEvent {
  readonly ns: bigint
  readonly event: TraceEvent
}

/** Nanoseconds of a clock that only goes forward, the same one in every process of this machine. */
// Several processes have to agree on an order: this is harness, no run of the engine depends on it.
// eslint-disable-next-line no-restricted-properties
export const steadyNow = (): bigint => process.hrtime.bigint()

export const stampedLine = (event: TraceEvent): string => `${steadyNow()} ${eventLine(event)}`

/** @param line As {@link stampedLine} wrote it, without its end. */
export function stampedEvent(line: string): StampedEvent {
  const blank = line.indexOf(" ")
  const document = JSON.parse(line.slice(blank + 1)) as { kind: string }
  return { ns: BigInt(line.slice(0, blank)), event: { n: 0, ...v.parse(schemas.get(document.kind)!, document) } }
}
