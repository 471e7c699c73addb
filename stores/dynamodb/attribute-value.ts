import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { canonicalNumber, compareNumbers } from "./number-value.js"
import { invalidParameter, validationError } from "./service-error.js"

export { sizeOfItem } from "./item-size.js"

/** Attributes by name: an item, or the members of a map. */
export type Item = Record<string, AttributeValue>

export type TypeName = "S" | "N" | "B" | "SS" | "NS" | "BS" | "M" | "L" | "BOOL" | "NULL"

const typeNames: readonly TypeName[] = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]

/** Levels of lists and maps that an item may have, an attribute of the item itself being the first. */
const maxDepth = 32

/** The type of a value that has been validated. */
export function typeOf(value: AttributeValue): TypeName {
  return typeNames.find((type) => isSet(value, type))!
}

/**
 * @throws ServiceError ValidationException with the service's text, for the first value of the item that cannot be stored
 */
export function validateItem(item: Item): void {
  for (const [name, value] of Object.entries(item)) {
    if (name === "") throw validationError("Empty attribute name")
    validateAt(value, 1)
  }
}

/**
 * A value by itself, as in ExpressionAttributeValues: it may be one level deeper than an attribute.
 * @throws ServiceError ValidationException with the service's text
 */
export function validateValue(value: AttributeValue): void {
  validateAt(value, 0)
}

/**
 * A copy that shares nothing with the value: numbers in canonical text, sets in the service's order, bytes as a
 * Uint8Array of their own.
 */
export function normalize(value: AttributeValue): AttributeValue {
  if (value.S !== undefined) return { S: value.S }
  if (value.N !== undefined) return { N: canonicalNumber(value.N) }
  if (value.M !== undefined) return { M: normalizeItem(value.M) }
  if (value.L !== undefined) return { L: value.L.map(normalize) }
  if (value.B !== undefined) return { B: Uint8Array.from(value.B) }
  if (value.BOOL !== undefined) return { BOOL: value.BOOL }
  if (value.SS !== undefined) return { SS: value.SS.toSorted(compareText) }
  if (value.NS !== undefined) return { NS: value.NS.map(canonicalNumber).sort(compareNumbers) }
  if (value.BS !== undefined) return { BS: value.BS.map((bytes) => Uint8Array.from(bytes)).sort(compareBytes) }
  return { NULL: true }
}

/** `normalize` for each attribute of an item. */
export function normalizeItem(item: Item): Item {
  return mapAttributes(item, normalize)
}

/** Whether both are the same value: numbers by what they amount to, sets whatever their order. */
export function equal(a: AttributeValue, b: AttributeValue): boolean {
  if (a.S !== undefined) return a.S === b.S
  if (a.N !== undefined) return b.N !== undefined && compareNumbers(a.N, b.N) === 0
  if (a.B !== undefined) return b.B !== undefined && compareBytes(a.B, b.B) === 0
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL
  if (a.L !== undefined) return b.L !== undefined && equalInOrder(a.L, b.L, equal)
  if (a.M !== undefined) return b.M !== undefined && equalMaps(a.M, b.M)
  if (a.SS !== undefined) return b.SS !== undefined && equalSets(a.SS, b.SS, compareText)
  if (a.NS !== undefined) return b.NS !== undefined && equalSets(a.NS, b.NS, compareNumbers)
  if (a.BS !== undefined) return b.BS !== undefined && equalSets(a.BS, b.BS, compareBytes)
  return b.NULL !== undefined
}

/**
 * Negative, zero or positive; numbers by what they amount to, texts by their UTF-8 bytes, binary values by their bytes.
 * Undefined for values of different types and for types without an order.
 */
export function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N)
  if (a.S !== undefined && b.S !== undefined) return compareText(a.S, b.S)
  if (a.B !== undefined && b.B !== undefined) return compareBytes(a.B, b.B)
  return undefined
}

/** Order of the UTF-8 bytes: that of the code points, which differs from that of UTF-16 units where surrogates are. */
export function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let at = 0; at < shorter; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length)
  for (let at = 0; at < shorter; at++) {
    if (a[at] !== b[at]) return a[at]! - b[at]!
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all that a single unit can hold. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}

function mapAttributes(item: Item, each: (value: AttributeValue) => AttributeValue): Item {
  const mapped: Item = {}
  for (const [name, value] of Object.entries(item)) define(mapped, name, each(value))
  return mapped
}

/** Sets an attribute of whatever name: `__proto__` is one like any other. */
export function define(item: Item, name: string, value: AttributeValue): void {
  if (name !== "__proto__") item[name] = value
  else Object.defineProperty(item, name, { value, enumerable: true, configurable: true, writable: true })
}

function equalInOrder<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((element, at) => same(element, b[at]!))
}

function equalSets<T>(a: readonly T[], b: readonly T[], order: (a: T, b: T) => number): boolean {
  return equalInOrder(a.toSorted(order), b.toSorted(order), (x, y) => order(x, y) === 0)
}

function equalMaps(a: Item, b: Item): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => Object.hasOwn(b, name) && equal(a[name]!, b[name]!))
}

function validateAt(value: AttributeValue, depth: number): void {
  const types = typeNames.filter((type) => isSet(value, type))
  const datatypes = "must contain exactly one of the supported datatypes"
  if (types.length === 0) throw validationError(`Supplied AttributeValue is empty, ${datatypes}`)
  if (types.length > 1) {
    throw validationError(`Supplied AttributeValue has more than one datatypes set, ${datatypes}`)
  }
  if (value.N !== undefined) canonicalNumber(value.N)
  if (value.NULL === false) throw invalidParameter("Null attribute value types must have the value of true")
  validateSet(value)
  validateMembers(value, depth)
}

function validateMembers(value: AttributeValue, depth: number): void {
  if (value.L === undefined && value.M === undefined) return
  if (depth >= maxDepth) throw tooDeep(": Attributes in the item have nested levels beyond supported limit")
  for (const element of value.L ?? []) validateAt(element, depth + 1)
  for (const [name, member] of Object.entries(value.M ?? {})) {
    if (name === "") throw validationError("Empty attribute name")
    validateAt(member, depth + 1)
  }
}

/**
 * For a value that is put in a place of an item.
 * @param steps - of the path to that place: 1 for an attribute of the item itself
 * @throws ServiceError ValidationException if the item becomes too deep
 */
export function assertFits(value: AttributeValue, steps: number): void {
  const members = value.L ?? (value.M && Object.values(value.M))
  if (members === undefined) return
  if (steps >= maxDepth) throw tooDeep("")
  for (const member of members) assertFits(member, steps + 1)
}

function tooDeep(where: string) {
  return validationError(`Nesting Levels have exceeded supported limits${where}`)
}

function validateSet(value: AttributeValue): void {
  if (value.SS !== undefined) {
    if (value.SS.length === 0) throw invalidParameter("An string set  may not be empty")
    if (hasDuplicates(value.SS, compareText)) {
      throw invalidParameter(`Input collection [${value.SS.join(", ")}] contains duplicates.`)
    }
  }
  if (value.NS !== undefined) {
    if (value.NS.length === 0) throw invalidParameter("An number set  may not be empty")
    if (hasDuplicates(value.NS.map(canonicalNumber), compareNumbers)) {
      throw validationError("Input collection contains duplicates")
    }
  }
  if (value.BS !== undefined) {
    if (value.BS.length === 0) throw invalidParameter("Binary sets should not be empty")
    if (hasDuplicates(value.BS, compareBytes)) {
      const members = value.BS.map((bytes) => Buffer.from(bytes).toString("base64"))
      throw invalidParameter(`Input collection [${members.join(", ")}]of type BS contains duplicates.`)
    }
  }
}

function hasDuplicates<T>(members: readonly T[], order: (a: T, b: T) => number): boolean {
  const sorted = members.toSorted(order)
  return sorted.some((member, at) => at > 0 && order(sorted[at - 1]!, member) === 0)
}

/** A member that is null counts as one that is not there, as in JSON. */
function isSet(value: AttributeValue, type: TypeName): boolean {
  return ((value as unknown as Record<string, unknown>)[type] ?? undefined) !== undefined
}
