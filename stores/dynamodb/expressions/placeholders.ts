import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { normalize, validateValue } from "../attribute-value.js"
import { ServiceError, validationError } from "../service-error.js"
import type { ExpressionKind } from "./expression-kind.js"

const maxKeyBytes = 255

/** ExpressionAttributeNames and ExpressionAttributeValues of one request, and which of them its expressions use. */
export class Placeholders {
  readonly #names = new Map<string, string>()
  readonly #values = new Map<string, AttributeValue>()
  readonly #used = new Set<string>()

  /** @throws ServiceError ValidationException for a name or value that is not well-formed */
  constructor(names: Record<string, string> | undefined, values: Record<string, AttributeValue> | undefined) {
    for (const [key, name] of entriesOf("ExpressionAttributeNames", "#", names)) {
      if (name === "") throw contains("ExpressionAttributeNames", `value: Empty attribute name for key ${key}`)
      this.#names.set(key, name)
    }
    for (const [key, value] of entriesOf("ExpressionAttributeValues", ":", values)) {
      this.#values.set(key, wellFormed(key, value))
    }
  }

  /** The attribute that a name such as `#n` stands for; undefined if it stands for none. */
  attribute(name: string): string | undefined {
    this.#used.add(name)
    return this.#names.get(name)
  }

  /** The value that `:v` stands for, normalized: not to be changed, since all who ask get the same one. */
  value(name: string): AttributeValue | undefined {
    this.#used.add(name)
    return this.#values.get(name)
  }

  /**
   * To be called when all expressions of the request are parsed.
   * @throws ServiceError ValidationException if a name or value was not used by any of them
   */
  assertAllUsed(): void {
    this.#assertUsed("ExpressionAttributeNames", this.#names)
    this.#assertUsed("ExpressionAttributeValues", this.#values)
  }

  #assertUsed(parameter: string, given: ReadonlyMap<string, unknown>): void {
    const unused = [...given.keys()].filter((key) => !this.#used.has(key))
    if (unused.length === 0) return
    throw validationError(`Value provided in ${parameter} unused in expressions: keys: {${unused.join(", ")}}`)
  }
}

/**
 * Names and values are refused in a request that has no expression to use them in.
 * @param expressions - the request's expressions that may hold values, by parameter; `projection` may hold names only
 * @throws ServiceError ValidationException
 */
export function assertPlaceholdersAllowed(
  given: {
    readonly ExpressionAttributeNames?: unknown
    readonly ExpressionAttributeValues?: unknown
  },
  expressions: Readonly<Partial<Record<ExpressionKind, string | undefined>>>,
  projection?: string,
): void {
  const present = Object.values(expressions).some((text) => text !== undefined)
  if (isGiven(given.ExpressionAttributeNames) && !present && projection === undefined) {
    throw validationError("ExpressionAttributeNames can only be specified when using expressions")
  }
  if (!isGiven(given.ExpressionAttributeValues) || present) return
  const parameters = Object.keys(expressions)
  const missing = `${parameters.join(" and ")} ${parameters.length > 1 ? "are" : "is"} null`
  throw validationError(`ExpressionAttributeValues can only be specified when using expressions: ${missing}`)
}

function isGiven(parameter: unknown): boolean {
  return parameter !== undefined && parameter !== null
}

function entriesOf<T>(parameter: string, mark: "#" | ":", given: Record<string, T> | undefined): [string, T][] {
  if (given === undefined) return []
  const entries = Object.entries(given)
  if (entries.length === 0) throw validationError(`${parameter} must not be empty`)
  for (const [key] of entries) checkKey(parameter, mark, key)
  return entries
}

function checkKey(parameter: string, mark: "#" | ":", key: string): void {
  if (key === "") throw contains(parameter, "key: The expression attribute map contains an empty key;")
  const size = Buffer.byteLength(key, "utf8")
  if (size > maxKeyBytes) {
    const problem = `The expression attribute map contains a key that is too long; size of key: ${size}`
    throw contains(parameter, `key: ${problem}`)
  }
  const wellFormedKey = key.startsWith(mark) && /^.[A-Za-z0-9_]+$/.test(key)
  if (!wellFormedKey) throw contains(parameter, `key: Syntax error; key: "${key}"`)
}

function wellFormed(key: string, value: AttributeValue): AttributeValue {
  try {
    validateValue(value)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    throw contains("ExpressionAttributeValues", `value: ${error.message} for key ${key}`)
  }
  return normalize(value)
}

function contains(parameter: string, what: string): ServiceError {
  return validationError(`${parameter} contains invalid ${what}`)
}
