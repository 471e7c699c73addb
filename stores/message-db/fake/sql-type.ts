/**
 * The types that Message DB and its clients deal with, and how their values look: integers are bigints, booleans are
 * booleans, arrays are arrays, everything else is the text that PostgreSQL prints.
 */
import { DatabaseError } from "./database-error.js"
import { parseJsonb } from "./jsonb.js"
import { parseUuid } from "./uuid-input.js"

export type Value = string | bigint | boolean | null | readonly Value[]

interface TypeFacts {
  readonly oid: number
  readonly size: number
  readonly name: string
}

const facts = {
  boolean: { oid: 16, size: 1, name: "boolean" },
  int2: { oid: 21, size: 2, name: "smallint" },
  int4: { oid: 23, size: 4, name: "integer" },
  int8: { oid: 20, size: 8, name: "bigint" },
  numeric: { oid: 1700, size: -1, name: "numeric" },
  text: { oid: 25, size: -1, name: "text" },
  varchar: { oid: 1043, size: -1, name: "character varying" },
  name: { oid: 19, size: 64, name: "name" },
  jsonb: { oid: 3802, size: -1, name: "jsonb" },
  uuid: { oid: 2950, size: 16, name: "uuid" },
  timestamp: { oid: 1114, size: 8, name: "timestamp without time zone" },
  timestamptz: { oid: 1184, size: 8, name: "timestamp with time zone" },
  timetz: { oid: 1266, size: 12, name: "time with time zone" },
  void: { oid: 2278, size: 4, name: "void" },
  regclass: { oid: 2205, size: 4, name: "regclass" },
  unknown: { oid: 705, size: -2, name: "unknown" },
  "int4[]": { oid: 1007, size: -1, name: "integer[]" },
  "int8[]": { oid: 1016, size: -1, name: "bigint[]" },
  "text[]": { oid: 1009, size: -1, name: "text[]" },
  "varchar[]": { oid: 1015, size: -1, name: "character varying[]" },
} as const satisfies Record<string, TypeFacts>

export type SqlType = keyof typeof facts

export const typeFacts = (type: SqlType): TypeFacts => facts[type]

const spellings: Readonly<Record<string, SqlType>> = {
  bool: "boolean",
  boolean: "boolean",
  smallint: "int2",
  int2: "int2",
  int: "int4",
  integer: "int4",
  int4: "int4",
  bigint: "int8",
  int8: "int8",
  numeric: "numeric",
  decimal: "numeric",
  text: "text",
  varchar: "varchar",
  "character varying": "varchar",
  name: "name",
  jsonb: "jsonb",
  uuid: "uuid",
  timestamp: "timestamp",
  "timestamp without time zone": "timestamp",
  timestamptz: "timestamptz",
  "timestamp with time zone": "timestamptz",
  regclass: "regclass",
}

/** The type with this name in SQL, undefined if the fake does not know it. */
export function typeNamed(name: string): SqlType | undefined {
  const element = name.endsWith("[]") ? spellings[name.slice(0, -2)] : undefined
  if (element) return `${element}[]` in facts ? (`${element}[]` as SqlType) : undefined
  return spellings[name]
}

export const isInteger = (type: SqlType) => type === "int2" || type === "int4" || type === "int8"
export const isText = (type: SqlType) => type === "text" || type === "varchar" || type === "name"
export const elementOf = (type: SqlType) => (type.endsWith("[]") ? (type.slice(0, -2) as SqlType) : undefined)

const bounds: Partial<Record<SqlType, bigint>> = { int2: 2n ** 15n, int4: 2n ** 31n, int8: 2n ** 63n }

/** @throws DatabaseError 22003 */
export function checkRange(type: SqlType, value: bigint): bigint {
  const bound = bounds[type]!
  if (value < -bound || value >= bound) throw new DatabaseError("22003", `${facts[type].name} out of range`)
  return value
}

/** A value of the type from its text. @throws DatabaseError as the type's input function */
export function input(type: SqlType, text: string): Value {
  switch (type) {
    case "boolean":
      return parseBoolean(text)
    case "int2":
    case "int4":
    case "int8":
      return parseInteger(type, text)
    case "numeric":
      return parseNumeric(text)
    case "jsonb":
      return parseJsonb(text)
    case "uuid":
      return parseUuid(text)
    case "timestamp":
    case "timestamptz":
      return parseTimestamp(type, text)
    default: {
      const element = elementOf(type)
      return element ? parseArray(element, text) : text
    }
  }
}

/** The text that PostgreSQL sends for a value. */
export function output(type: SqlType, value: Value): string | null {
  if (value === null) return null
  if (typeof value === "string") return value
  if (typeof value === "boolean") return value ? "t" : "f"
  if (typeof value === "bigint") return String(value)
  const element = elementOf(type)!
  return `{${value.map((item) => printElement(output(element, item))).join(",")}}`
}

function printElement(text: string | null): string {
  if (text === null) return "NULL"
  if (text !== "" && !/[{},"\\\s]/.test(text) && text.toUpperCase() !== "NULL") return text
  return `"${text.replace(/(["\\])/g, "\\$1")}"`
}

function invalid(type: SqlType, text: string, routine: string): DatabaseError {
  return new DatabaseError("22P02", `invalid input syntax for type ${facts[type].name}: "${text}"`, { routine })
}

const integerRoutines: Partial<Record<SqlType, string>> = {
  int2: "pg_strtoint16_safe",
  int4: "pg_strtoint32_safe",
  int8: "pg_strtoint64_safe",
}

/** Since PostgreSQL 16 also hexadecimal, octal and binary, and with an underscore between digits. */
const integerForm =
  /^[ \t\n\v\f\r]*([+-]?)(0x(?:_?[0-9a-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+|[0-9](?:_?[0-9])*)[ \t\n\v\f\r]*$/i

function parseInteger(type: SqlType, text: string): bigint {
  const routine = integerRoutines[type]!
  const [, sign, digits] = integerForm.exec(text) ?? []
  if (digits === undefined) throw invalid(type, text, routine)
  const size = BigInt(digits.replaceAll("_", ""))
  const value = sign === "-" ? -size : size
  const bound = bounds[type]!
  if (value < -bound || value >= bound)
    throw new DatabaseError("22003", `value "${text}" is out of range for type ${facts[type].name}`, { routine })
  return value
}

function parseBoolean(text: string): boolean {
  const word = text.trim().toLowerCase()
  if (word !== "") {
    if (["true", "yes"].some((full) => full.startsWith(word)) || word === "on" || word === "1") return true
    if (["false", "no"].some((full) => full.startsWith(word)) || word === "off" || word === "of" || word === "0")
      return false
  }
  throw invalid("boolean", text, "boolin")
}

function parseNumeric(text: string): string {
  const [, sign, number] = /^\s*([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*$/.exec(text) ?? []
  if (number === undefined) throw invalid("numeric", text, "numeric_in")
  const [whole = "", fraction = ""] = number.split(".")
  const digits = `${whole.replace(/^0+(?=.)/, "") || "0"}${fraction === "" ? "" : `.${fraction}`}`
  return sign === "-" && /[1-9]/.test(digits) ? `-${digits}` : digits
}

function parseTimestamp(type: SqlType, text: string): string {
  const match = /^\s*(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|[+-]\d\d(?::?\d\d)?)?\s*$/i.exec(
    text,
  )
  if (!match || Number.isNaN(Date.parse(`${match[1]}T00:00:00Z`)))
    throw new DatabaseError("22007", `invalid input syntax for type ${facts[type].name}: "${text}"`, {
      routine: "DateTimeParseError",
    })
  const [, date, time = "00:00:00", zone = "Z"] = match
  const seconds = time.length === 5 ? `${time}:00` : time
  // A timestamp without time zone takes the digits as they are; with one they are carried to UTC.
  if (type === "timestamp") return trimFraction(`${date} ${seconds}`)
  const [whole = "", fraction = ""] = seconds.split(".")
  const offset = zone.length === 3 ? `${zone}:00` : zone
  const utc = new Date(Date.parse(`${date}T${whole}${offset}`)).toISOString().slice(0, 19).replace("T", " ")
  return `${trimFraction(fraction === "" ? utc : `${utc}.${fraction}`)}+00`
}

/** UTC, as PostgreSQL prints a timestamp. */
export function printTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  const microseconds = Math.floor((milliseconds - whole) * 1000)
  const text = new Date(whole).toISOString().slice(0, 23).replace("T", " ")
  return trimFraction(`${text}${String(microseconds).padStart(3, "0")}`)
}

/** At most six digits of a second's fraction, without zeros at the end. */
function trimFraction(text: string): string {
  const [whole = "", fraction] = text.split(".")
  const digits = fraction?.slice(0, 6).replace(/0+$/, "")
  return digits ? `${whole}.${digits}` : whole
}

function parseArray(element: SqlType, text: string): Value[] {
  const malformed = (detail: string) =>
    new DatabaseError("22P02", `malformed array literal: "${text}"`, { detail, routine: "array_in" })
  const trimmed = text.trim()
  if (!trimmed.startsWith("{")) throw malformed('Array value must start with "{" or dimension information.')
  const items: Value[] = []
  const token = /\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^{},"\\]|\\.)+))\s*([,}])/gsy
  token.lastIndex = 1
  if (/^\{\s*\}$/.test(trimmed)) return items
  for (;;) {
    const match = token.exec(trimmed)
    if (!match) throw malformed("Unexpected end of input.")
    const [, quoted, plain, end] = match
    if (quoted !== undefined) items.push(input(element, quoted.replace(/\\(.)/gs, "$1")))
    else {
      const word = plain!.trim()
      items.push(word.toUpperCase() === "NULL" ? null : input(element, word.replace(/\\(.)/gs, "$1")))
    }
    if (end === "}") break
  }
  if (token.lastIndex !== trimmed.length) throw malformed("Junk after closing right brace.")
  return items
}
