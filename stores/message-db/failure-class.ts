/*
 * What is to be thought of a failed read of a Message DB: by the SQLSTATE of the server (appendix A of PostgreSQL's manual),
 * by the code of Node, or, as the driver and its pool give their own errors none, by what these say. What nothing is known
 * of is permanent: a run that ends is noticed.
 */
import { networkFailureClass } from "../../engine/network-failure.js"
import type { FailureClass } from "../../engine/source/read-failure.js"

/** The database was dropped; that is of the class of a server that is shut down. */
const dropped = "57P04"

/**
 * Connection exception, transaction rollback, insufficient resources, operator intervention; a lock that was not had in
 * time; sessions and transactions that were too long idle or too long at all.
 */
const transientStates = /^(08|40|53|57|55P03|25P0[34])/

/** Authorization, catalog name, schema name, syntax error or access rule violation; a write on a standby. */
const configurationStates = /^(28|3D|3F|42|25006)/

/** `pg` 8 and `pg-pool` 3. */
const transientMessages = [
  /^Connection terminated/,
  /^timeout expired$/,
  /^timeout exceeded when trying to connect$/,
  /^Query read timeout$/,
  /^Client has encountered a connection error and is not queryable$/,
  /^Client was closed and is not queryable$/,
]
const configurationMessages = [/^SASL: /, /^The server does not support SSL connections$/]

export function messageDbFailureClass(error: unknown): FailureClass {
  if (typeof error !== "object" || error === null) return "permanent"
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown }
  const known = networkFailureClass(error) ?? ofState(code) ?? ofMessage(message)
  if (known !== undefined) return known
  // An error that was explained has the original one as its cause.
  return cause === undefined ? "permanent" : messageDbFailureClass(cause)
}

function ofState(code: unknown): FailureClass | undefined {
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return undefined
  if (code === dropped || configurationStates.test(code)) return "configuration"
  return transientStates.test(code) ? "transient" : "permanent"
}

function ofMessage(message: unknown): FailureClass | undefined {
  if (typeof message !== "string") return undefined
  if (transientMessages.some((known) => known.test(message))) return "transient"
  return configurationMessages.some((known) => known.test(message)) ? "configuration" : undefined
}
