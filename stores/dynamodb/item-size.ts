import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Item } from "./attribute-value.js"
import { sizeOfNumber } from "./number-value.js"

/*
 * Sizes as the service documents them: a name and a text take their UTF-8 bytes, a binary value its bytes, a number about
 * a byte for two digits, true, false and null one byte; a set the sum of its members; a list or map three bytes, its
 * members, and one byte for each of them.
 */

const containerOverhead = 3
const elementOverhead = 1

/** Bytes of the item as the service counts them against the limit of 400 KB an item and 1 MB a page. */
export function sizeOfItem(item: Item): number {
  let size = 0
  for (const name in item) size += sizeOfText(name) + sizeOfValue(item[name]!)
  return size
}

/** Bytes of one value, without the name it has. */
export function sizeOfValue(value: AttributeValue): number {
  if (value.S !== undefined) return sizeOfText(value.S)
  if (value.N !== undefined) return sizeOfNumber(value.N)
  if (value.B !== undefined) return value.B.byteLength
  if (value.M !== undefined) return containerOverhead + sizeOfMembers(value.M)
  if (value.L !== undefined) {
    return sum(containerOverhead, value.L, (element) => elementOverhead + sizeOfValue(element))
  }
  if (value.SS !== undefined) return sum(0, value.SS, sizeOfText)
  if (value.NS !== undefined) return sum(0, value.NS, sizeOfNumber)
  if (value.BS !== undefined) return sum(0, value.BS, (bytes) => bytes.byteLength)
  return 1
}

function sizeOfMembers(members: Item): number {
  return sizeOfItem(members) + elementOverhead * Object.keys(members).length
}

function sizeOfText(text: string): number {
  return Buffer.byteLength(text, "utf8")
}

function sum<T>(start: number, members: readonly T[], size: (member: T) => number): number {
  return members.reduce((total, member) => total + size(member), start)
}
