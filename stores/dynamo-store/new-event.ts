/** An event as it is given to the store. Bodies are text, JSON in practice; the store compresses long ones. */
export interface NewEvent {
  readonly type: string
  /** Absent, or empty: the event has no body. */
  readonly data?: string
  readonly meta?: string
}

/** A snapshot that travels in the Tip beside the events; each write that gives unfolds replaces all of them. */
export type NewUnfold = NewEvent
