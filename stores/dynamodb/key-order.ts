/*
 * Keys as texts. Two keys are in the service's order exactly if their texts are in JavaScript's order of texts, and equal
 * exactly if their texts are:
 *
 * - S goes by its UTF-8 bytes. That is the order of its UTF-16 units once the surrogates are moved above U+FFFF's end.
 * - N is sign, exponent, digits; of negative numbers each is turned round.
 * - B is one character for each byte.
 *
 * In a sort key the text is ended by two NULs, and a NUL inside of it is followed by U+0001. So sort keys of several parts
 * can be strung together, and every bound of a range of first parts is a text of its own, see `boundsOf`.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"

export type KeyType = "S" | "N" | "B"

/** The key's text. The value must be of the type and, if it is a number, in the service's canonical form. */
export function keyText(type: KeyType, value: AttributeValue): string {
  if (type === "S") return textOfString(value.S!)
  if (type === "N") return textOfNumber(value.N!)
  return Buffer.from(value.B!.buffer, value.B!.byteOffset, value.B!.byteLength).toString("latin1")
}

/** One part of a sort key. */
export function sortPart(text: string): string {
  return `${escaped(text)}\0\0`
}

/** All sort keys from `from`, inclusive, to `to`, exclusive. */
export interface Bounds {
  readonly from: string
  readonly to: string | undefined
}

export const everything: Bounds = { from: "", to: undefined }

/** A condition on the first part of a sort key. */
export interface RangeCondition {
  readonly operator: "=" | "<" | "<=" | ">" | ">=" | "BETWEEN" | "begins_with"
  readonly operands: readonly string[]
}

export function boundsOf({ operator, operands }: RangeCondition): Bounds {
  const [first = "", second = first] = operands.map(escaped)
  switch (operator) {
    case "=":
    case "BETWEEN":
      return { from: before(first), to: after(second) }
    case "<":
      return { from: "", to: before(first) }
    case "<=":
      return { from: "", to: after(first) }
    case ">":
      return { from: after(first), to: undefined }
    case ">=":
      return { from: before(first), to: undefined }
    case "begins_with":
      return { from: first, to: afterAllThatBeginWith(first) }
  }
}

/** The part that follows the sort key in the direction, within the bounds. */
export function beyond(bounds: Bounds, sortKey: string, forward: boolean): Bounds {
  if (!forward) return bounds.to === undefined || sortKey < bounds.to ? { ...bounds, to: sortKey } : bounds
  const from = `${sortKey}\0`
  return from > bounds.from ? { ...bounds, from } : bounds
}

const before = (part: string) => `${part}\0\0`
const after = (part: string) => `${part}\0\u0001`

function escaped(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\0\u0001") : text
}

function afterAllThatBeginWith(prefix: string): string | undefined {
  for (let end = prefix.length; end > 0; end--) {
    const unit = prefix.charCodeAt(end - 1)
    if (unit < 0xffff) return prefix.slice(0, end - 1) + String.fromCharCode(unit + 1)
  }
  return undefined
}

/** Up to U+D7FF the order of units and that of bytes are the same. */
const isInOrder = /^[\0-\ud7ff]*$/

function textOfString(text: string): string {
  if (isInOrder.test(text)) return text
  let moved = ""
  for (let i = 0; i < text.length; i++) moved += String.fromCharCode(movedUnit(text.charCodeAt(i)))
  return moved
}

function movedUnit(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800
  return unit >= 0xd800 ? unit + 0x2000 : unit
}

/** Exponents go from -130 to 126, digits are at most 38 (the service's limits). */
function textOfNumber(number: string): string {
  const isNegative = number.startsWith("-")
  const [mantissa = "", power = "0"] = (isNegative ? number.slice(1) : number).split(/e/i)
  const [whole = "", fraction = ""] = mantissa.split(".")
  const all = whole + fraction
  const digits = all.replace(/^0+/, "")
  if (digits === "") return "1"
  const exponent = whole.length - (all.length - digits.length) + Number(power)
  const shown = digits.replace(/0+$/, "")
  const text = String(exponent + 500) + shown
  return isNegative ? `0${turned(text)}~` : `2${text}`
}

function turned(digits: string): string {
  let text = ""
  for (const digit of digits) text += String(9 - Number(digit))
  return text
}
