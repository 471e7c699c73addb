/** A call that is about to fail. */
export interface FailingCall {
  readonly object: object
  readonly operation: string
  readonly args: readonly unknown[]
  /** Makes the call after all: its effect and its answer. */
  readonly perform: () => Promise<unknown>
}

/** A way to fail that an object has of its own: a deadlock, an exhausted pool, a request that is throttled. */
export interface Failure {
  /** Whether it can happen to this call at all. */
  readonly befalls: (call: Omit<FailingCall, "perform">) => boolean
  /**
   * Takes the place of the call: the caller gets what it answers or throws. An error before `perform` leaves no effect,
   * one after it leaves the effect of the call.
   */
  readonly strike: (call: FailingCall) => unknown
}

/** The call has no effect, and its caller gets this error. */
export const failsWith = (error: (operation: string) => Error, befalls: Failure["befalls"] = () => true): Failure => ({
  befalls,
  strike: ({ operation }) => {
    throw error(operation)
  },
})

/** The call takes effect, and yet its caller gets this error. */
export const failsAfterwardsWith = (
  error: (operation: string) => Error,
  befalls: Failure["befalls"] = () => true,
): Failure => ({
  befalls,
  strike: async ({ operation, perform }) => {
    await perform()
    throw error(operation)
  },
})
