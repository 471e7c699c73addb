/*
 * The size of an item as the service counts it: names and texts in UTF-8, numbers by their digits, 3 bytes for a list or
 * a map and 1 for each of its elements. Nothing but what this store writes is known here.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Attributes } from "./stored-event.js"

/** The largest item that the service takes: 400 KB. */
export const maxItemBytes = 409_600

export function sizeOfItem(item: Attributes): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0)
}

function sizeOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.B !== undefined) return value.B.length
  if (value.N !== undefined) return sizeOfNumber(value.N)
  if (value.L !== undefined) return value.L.reduce((sum, element) => sum + 1 + sizeOf(element), 3)
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + sizeOfItem(value.M)
  return 1
}

/** A byte, and one for each two digits without the zeroes at both ends. */
function sizeOfNumber(number: string): number {
  const digits = number.replace(/^-?0*|0+$/g, "").length
  return 1 + Math.ceil(digits / 2) + (number.startsWith("-") ? 1 : 0)
}
