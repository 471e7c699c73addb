/*
 * What an error of a write says about whether it took effect.
 *
 * Errors are told apart by name and by what the SDK notes beside them, never by class: there may be two copies of the
 * SDK, or none. An error that nothing is known about leaves it open.
 */
interface ServiceFailure {
  readonly name?: string
  readonly $fault?: string
  readonly $metadata?: { readonly attempts?: number; readonly httpStatusCode?: number }
  readonly CancellationReasons?: readonly { readonly Code?: string }[]
}

/** "conflict": it met another write. "refused": the service would not do it. "open": it may have been done. */
export type WriteFailure = "conflict" | "refused" | "open"

export function writeFailureOf(error: unknown): WriteFailure {
  const failure = asFailure(error)
  if (isConflict(failure)) return "conflict"
  if (failure.name === "TransactionInProgressException") return "open"
  // An attempt before the last one may have been done, whatever became of the last one.
  if (wasRepeated(error)) return "open"
  const status = failure.$metadata?.httpStatusCode
  if (status === undefined) return failure.$fault === "client" ? "refused" : "open"
  return status >= 400 && status < 500 && status !== 408 ? "refused" : "open"
}

/** The transport sent the request more than once: the first one may have been done and the last one met its effect. */
export function wasRepeated(error: unknown): boolean {
  return (asFailure(error).$metadata?.attempts ?? 1) > 1
}

const conflictReasons = ["ConditionalCheckFailed", "TransactionConflict"]

function isConflict({ name, CancellationReasons = [] }: ServiceFailure): boolean {
  if (name === "ConditionalCheckFailedException" || name === "TransactionConflictException") return true
  if (name !== "TransactionCanceledException") return false
  const failed = CancellationReasons.filter(({ Code = "None" }) => Code !== "None")
  return failed.length > 0 && failed.every(({ Code }) => conflictReasons.includes(Code!))
}

/** The first item of a transaction, a calf, is there already. */
export function metExistingCalf(error: unknown): boolean {
  const { name, CancellationReasons } = asFailure(error)
  return name === "TransactionCanceledException" && CancellationReasons?.[0]?.Code === "ConditionalCheckFailed"
}

const asFailure = (error: unknown): ServiceFailure => (typeof error === "object" && error !== null ? error : {})
