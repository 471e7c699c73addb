/*
 * What Node says about a connection that could not be made or was lost, whichever store is at its other end.
 */
import type { FailureClass } from "./source/read-failure.js"

const transient: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
])

/** Certificates that nobody here trusts; other reasons begin with `ERR_TLS_` or `CERT_`. */
const untrusted: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
])

/** Undefined for what is not an error of the network. */
export function networkFailureClass(error: unknown): FailureClass | undefined {
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown }
  if (typeof code !== "string") return undefined
  if (transient.has(code)) return "transient"
  // The socket of a local server that is about to start.
  if (code === "ENOENT" && syscall === "connect") return "transient"
  return untrusted.has(code) || /^(CERT|ERR_TLS)_/.test(code) ? "configuration" : undefined
}
