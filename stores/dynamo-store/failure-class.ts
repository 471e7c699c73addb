/*
 * What is to be thought of a failed request: what the service or the way to it did may be gone at the next attempt, what is
 * wrong with the configuration is not. Errors are told apart by name, never by class: there may be two copies of the SDK, or
 * none. What nothing is known of is permanent: a run that ends is noticed.
 */
import { networkFailureClass } from "../../engine/network-failure.js"
import type { FailureClass } from "../../engine/source/read-failure.js"

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

/** The table, its name, the credentials, their rights, the region, the clock of the machine. */
const configurationNames: ReadonlySet<string> = new Set([
  "ResourceNotFoundException",
  "TableNotFoundException",
  "ValidationException",
  "AccessDeniedException",
  "AccessDenied",
  "NotAuthorized",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "SignatureDoesNotMatch",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "OptInRequired",
  "CredentialsProviderError",
  "TokenProviderError",
])

interface Failure {
  readonly name?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown }
}

export function dynamoStoreFailureClass(error: unknown): FailureClass {
  if (typeof error !== "object" || error === null) return "permanent"
  const { name, $metadata } = error as Failure
  if (typeof name === "string" && transientNames.has(name)) return "transient"
  if (typeof name === "string" && configurationNames.has(name)) return "configuration"
  const ofNetwork = networkFailureClass(error)
  if (ofNetwork !== undefined) return ofNetwork
  const status = $metadata?.httpStatusCode
  if (typeof status !== "number") return "permanent"
  if (status >= 500 || status === 429) return "transient"
  return status === 401 || status === 403 ? "configuration" : "permanent"
}

/** Whether it may be gone at the next attempt. */
export const isTransientFailure = (error: unknown): boolean => dynamoStoreFailureClass(error) === "transient"
