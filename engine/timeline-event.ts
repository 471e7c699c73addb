/** One event of a stream as a handler receives it. */
export interface ITimelineEvent<Format = string> {
  /** Identity of the event, unique in its store. */
  id: string
  /** When the store recorded the event; for diagnostics, not the time at which the fact became true. */
  time: Date
  type: string
  /** The body, as the store printed it; absent when the event has none. */
  data?: Format
  meta?: Format
  /** Position in its stream: 0 for the first event, then one more for each. */
  index: bigint
  /** True for a snapshot that travels beside events; sources of this package never yield one. */
  isUnfold: boolean
  /** Size in bytes where the store tells, else -1. */
  size: number
}
