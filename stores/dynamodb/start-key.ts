import { type Item, normalizeItem, validateItem } from "./attribute-value.js"
import type { Place } from "./partitions.js"
import type { SecondaryIndex } from "./secondary-index.js"
import { ServiceError, validationError } from "./service-error.js"
import type { Table } from "./table.js"
import { attributeOf, attributesOf, checkKey, checkKeyValue, type KeyAttribute, keyOf } from "./table-schema.js"

/** A key to go on from. There need not be an item that has it. */
export interface StartKey {
  readonly key: Item
  readonly place: Place
}

/** @throws ServiceError ValidationException */
export function startKey(table: Table, index: SecondaryIndex | undefined, given: Item): StartKey {
  validateItem(given)
  const key = normalizeItem(given)
  if (index === undefined) {
    invalidIf(() => checkKey(table.schema, key))
    return { key, place: table.placeOf(key) }
  }
  const attributes = [...attributesOf(table.schema), ...attributesOf(index.schema)]
  const names = new Set(attributes.map(({ name }) => name))
  if (Object.keys(key).length !== names.size) throw validationError("The provided starting key is invalid")
  for (const attribute of attributes) checkAttribute(index, key, attribute)
  invalidIf(() => checkKey(table.schema, keyOf(table.schema, key)))
  return { key, place: index.placeOf(key) }
}

function checkAttribute(index: SecondaryIndex, key: Item, attribute: KeyAttribute): void {
  const value = attributeOf(key, attribute.name)
  if (value?.[attribute.type] === undefined) throw validationError("The provided starting key is invalid")
  checkKeyValue(index.schema, attribute, value)
}

function invalidIf(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    throw validationError(`The provided starting key is invalid: ${error.message}`)
  }
}
