import type { FaultPlan } from "../../sim/world.js"
import type { HistorySetup } from "./history.js"

/** Trouble at every port of the reaction; `failures` are of the calls of its handler, see {@link callFaults}. Plain JSON. */
export type FuzzTrouble = readonly (Omit<FaultPlan, "process" | "port" | "operations"> & {
  /** The rate of each failure that a port has of its own (`PortOptions.failures`). */
  readonly ownFailure?: number
})[]

/** What may come after a call of the handler, before the position is stored. */
export const callFaults = {
  /** The process dies, and the span of the call comes again. */
  redelivered: "redelivered",
  /** The process dies, and goes on from a position that lies further back. */
  rewound: "rewound",
} as const

/** All that is drawn before a run. Plain JSON: case files hold it. Everything at its least is the yardstick. */
export interface FuzzSetup extends HistorySetup {
  /** Where it is to be delivered in another order across streams than the yardstick's: that order. */
  readonly otherOrder: readonly number[] | null
  /** Lengths of pages, over and over; none: one event each. */
  readonly pages: readonly number[]
  /** How many calls of the handler may run at once, and how many pages may be read ahead. */
  readonly atOnce: number
  /** How many events a position lies further back that is wound back. */
  readonly back: number
  /** Most milliseconds that a request or a reply is under way. */
  readonly latencyMs: number
  readonly trouble: FuzzTrouble
}

/** Each event once, in order, alone, with no trouble. */
export const yardstickOf = ({ streams, order }: HistorySetup): FuzzSetup => ({
  streams,
  order,
  otherOrder: null,
  pages: [],
  atOnce: 1,
  back: 1,
  latencyMs: 0,
  trouble: [],
})
