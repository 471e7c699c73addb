/*
 * Which failures of a read may be gone at the next attempt: what the service or the way to it did, as against what is
 * wrong with the request or the configuration. What is not known to be transient is not: a run that ends is noticed.
 */

/** Names of errors of the service and of the SDK. */
const transientNames: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "ThrottledException",
  "Throttling",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "TooManyRequestsException",
  "PriorRequestNotComplete",
  "InternalServerError",
  "InternalServerErrorException",
  "InternalFailure",
  "InternalError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "TimeoutError",
  "RequestTimeout",
  "RequestTimeoutException",
  "NetworkingError",
])

/** Codes of Node's network errors. */
const transientCodes: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
])

interface Failure {
  readonly name?: unknown
  readonly code?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown }
}

export function isTransientFailure(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false
  const { name, code, $metadata } = error as Failure
  if (typeof name === "string" && transientNames.has(name)) return true
  if (typeof code === "string" && transientCodes.has(code)) return true
  const status = $metadata?.httpStatusCode
  return typeof status === "number" && (status >= 500 || status === 429)
}
