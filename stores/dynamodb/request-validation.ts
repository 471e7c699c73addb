/** What the service checks of a request before it looks at anything else, with the service's texts. */
import { validationError } from "./service-error.js"

/** A feature of the service that this fake does not have. It says so instead of guessing what the service would do. */
export class UnsupportedByFakeError extends Error {
  override readonly name = "UnsupportedByFakeError"

  constructor(what: string, instead?: string) {
    super(`FakeDynamoDB does not have ${what}${instead === undefined ? "" : `; use ${instead}`}`)
  }
}

/** @throws ServiceError ValidationException unless the member is there */
export function requireMember<T>(member: string, value: T | null | undefined): asserts value is T {
  if (value === undefined || value === null) throw constraint(member, value, "Member must not be null")
}

/** @throws ServiceError ValidationException */
export function checkEnum(member: string, value: string | undefined, accepted: readonly string[]): void {
  if (value !== undefined && !accepted.includes(value))
    throw constraint(member, value, `Member must satisfy enum value set: [${accepted.join(", ")}]`)
}

/** @throws ServiceError ValidationException; the text does not repeat what may be long */
export function checkLength(member: string, list: { readonly length: number }, min: number, max: number): void {
  const problem = (text: string) =>
    validationError(`1 validation error detected: Value at '${member}' failed to satisfy constraint: ${text}`)
  if (list.length < min) throw problem(`Member must have length greater than or equal to ${min}`)
  if (list.length > max) throw problem(`Member must have length less than or equal to ${max}`)
}

/** The members that most requests have. @throws ServiceError ValidationException */
export function checkReturnMembers(input: object): void {
  const { ReturnConsumedCapacity, ReturnItemCollectionMetrics } = input as Readonly<Record<string, string | undefined>>
  checkEnum("returnConsumedCapacity", ReturnConsumedCapacity, ["INDEXES", "TOTAL", "NONE"])
  checkEnum("returnItemCollectionMetrics", ReturnItemCollectionMetrics, ["SIZE", "NONE"])
}

/** @throws UnsupportedByFakeError if the request has one of the members */
export function refuse(operation: string, input: object, members: Readonly<Record<string, string | undefined>>): void {
  for (const [member, instead] of Object.entries(members)) {
    if ((input as Record<string, unknown>)[member] !== undefined)
      throw new UnsupportedByFakeError(`the parameter ${member} of ${operation}`, instead)
  }
}

function constraint(member: string, value: unknown, text: string): Error {
  const shown = value === undefined || value === null ? "null" : `'${show(value)}'`
  return validationError(
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${text}`,
  )
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "")
}
