import { compareBytes } from "./byte-order.js"
import { DatabaseError } from "./database-error.js"
import { checkRange, isText, typeFacts, type SqlType, type Value } from "./sql-type.js"

/** Order of two values of one type, neither of them NULL: negative, 0 or positive. */
export function compareValues(type: SqlType, a: Value, b: Value): number {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b)
  if (type === "numeric") return compareDecimals(String(a), String(b))
  return compareBytes(a as string, b as string)
}

function compareDecimals(a: string, b: string): number {
  const scale = Math.max(fraction(a).length, fraction(b).length)
  const [x, y] = [scaled(a, scale), scaled(b, scale)]
  return x < y ? -1 : x > y ? 1 : 0
}

const fraction = (text: string) => text.split(".")[1] ?? ""
const scaled = (text: string, scale: number) => BigInt(text.split(".")[0]! + fraction(text).padEnd(scale, "0"))

export const holds: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
}

/** The type in which values of two types are compared, undefined if they are not. */
export function commonType(a: SqlType, b: SqlType): SqlType | undefined {
  if (a === b) return a === "varchar" ? "text" : a
  if (isText(a) && isText(b)) return "text"
  const sizes: SqlType[] = ["int2", "int4", "int8", "numeric"]
  const [x, y] = [sizes.indexOf(a), sizes.indexOf(b)]
  return x >= 0 && y >= 0 ? sizes[Math.max(x, y)] : undefined
}

/** @throws DatabaseError 22003 or 22012 */
export function calculate(type: SqlType, operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "+":
      return checkRange(type, a + b)
    case "-":
      return checkRange(type, a - b)
    case "*":
      return checkRange(type, a * b)
    default:
      if (b === 0n) throw new DatabaseError("22012", "division by zero")
      return checkRange(type, operator === "/" ? a / b : a % b)
  }
}

export const isArithmetic = (operator: string) => ["+", "-", "*", "/", "%"].includes(operator)

/** PostgreSQL's text for an operator that is not there. */
export function noOperator(operator: string, left: SqlType, right: SqlType, at: number): DatabaseError {
  const types = `${typeFacts(left).name} ${operator} ${typeFacts(right).name}`
  return new DatabaseError("42883", `operator does not exist: ${types}`, {
    hint: "No operator matches the given name and argument types. You might need to add explicit type casts.",
    position: String(at + 1),
    routine: "op_error",
  })
}

/** `LIKE`, with `\` as the escape. */
export function like(text: string, pattern: string): boolean {
  const source = pattern.replace(/\\([\s\S])|([%_])|([.*+?^${}()|[\]\\])/g, (_, escaped, wildcard, special) => {
    if (wildcard) return wildcard === "%" ? "[\\s\\S]*" : "[\\s\\S]"
    const character = (escaped ?? special) as string
    return /[.*+?^${}()|[\]\\]/.test(character) ? `\\${character}` : character
  })
  return new RegExp(`^${source}$`, "u").test(text)
}
