import * as v from "valibot"

/** An option or input that cannot be worked with. The message names it, what was received and what is accepted. */
export class InvalidOptionError extends Error {
  override readonly name = "InvalidOptionError"
  /** The entry that was called, e.g. `StreamsSink.create`. */
  readonly where: string
  /** The option or input, e.g. `maxReadAhead`. */
  readonly option: string
  constructor(where: string, option: string, received: unknown, accepted: string) {
    super(`${where}: option "${option}" must be ${accepted}, received ${shown(received)}`)
    this.where = where
    this.option = option
  }
}

/** A value as it is shown in a message: short, on one line, and without what may hold secrets: objects' insides, connection strings. */
export function shown(value: unknown): string {
  if (typeof value === "string" && /:\/\/|password/i.test(value)) return "a text that may hold a password"
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "function") return "a function"
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(shown).join(", ")}${value.length > 5 ? ", …" : ""}]`
  if (typeof value === "object" && value !== null) return "an object"
  return String(value)
}

const schemas = new WeakMap<v.ObjectEntries, v.ObjectSchema<v.ObjectEntries, undefined>>()

function schemaOf(entries: v.ObjectEntries) {
  let schema = schemas.get(entries)
  if (schema === undefined) schemas.set(entries, (schema = v.object(entries)))
  return schema
}

/** Validates options once, at the edge. @throws InvalidOptionError for the first one that does not fit. */
export function checkOptions(where: string, entries: v.ObjectEntries, options: unknown): void {
  if (typeof options !== "object" || options === null)
    throw new InvalidOptionError(where, "options", options, "an object")
  // One that is missing is one that is undefined: what would have been accepted is what its own message says.
  const given = Object.fromEntries(Object.keys(entries).map((key) => [key, (options as Record<string, unknown>)[key]]))
  const result = v.safeParse(schemaOf(entries), given, { abortEarly: true })
  if (result.success) return
  const issue = result.issues[0]
  const path = issue.path ?? []
  const option = path.map((step) => String(step.key)).join(".")
  throw new InvalidOptionError(where, option, path.at(-1)?.value, issue.message)
}

// The shapes of options; each message completes "must be …".
export const integer = (min: number, accepted = `an integer of at least ${min}`) =>
  v.custom<number>((x) => Number.isSafeInteger(x) && (x as number) >= min, accepted)
export const milliseconds = v.custom<number>(
  (x) => typeof x === "number" && x >= 0 && x <= 2_147_483_647,
  "a number of milliseconds from 0 to 2147483647",
)
export const text = v.custom<string>((x) => typeof x === "string" && x !== "", "a non-empty string")
export const fn = v.custom<(...args: never[]) => unknown>((x) => typeof x === "function", "a function")
export const flag = v.custom<boolean>((x) => typeof x === "boolean", "true or false")
export const has = (...methods: string[]) =>
  v.custom<object>(
    (x) =>
      typeof x === "object" &&
      x !== null &&
      methods.every((m) => typeof (x as Record<string, unknown>)[m] === "function"),
    `an object with ${methods.map((m) => `${m}()`).join(" and ")}`,
  )
export const optional = v.optional
