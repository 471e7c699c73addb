import type { AttributeDefinition, AttributeValue, KeySchemaElement } from "@aws-sdk/client-dynamodb"
import { define, type Item, typeOf } from "./attribute-value.js"
import { keyText, type KeyType, sortPart } from "./key-order.js"
import type { Place } from "./partitions.js"
import { invalidParameter, ServiceError, validationError } from "./service-error.js"

export interface KeyAttribute {
  readonly name: string
  readonly type: KeyType
}

/** The key attributes of a table or an index. */
export interface KeySchema {
  readonly hash: KeyAttribute
  readonly range?: KeyAttribute
}

export function keySchemaOf(
  elements: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): KeySchema {
  const attribute = (element: KeySchemaElement): KeyAttribute => {
    const definition = definitions.find(({ AttributeName }) => AttributeName === element.AttributeName)
    return { name: element.AttributeName!, type: definition!.AttributeType! }
  }
  const [hash, range] = elements
  return { hash: attribute(hash!), ...(range && { range: attribute(range) }) }
}

export function attributesOf({ hash, range }: KeySchema): readonly KeyAttribute[] {
  return range ? [hash, range] : [hash]
}

/** The key attributes of an item that has them. */
export function keyOf(schema: KeySchema, item: Item): Item {
  const key: Item = {}
  for (const { name } of attributesOf(schema)) define(key, name, item[name]!)
  return key
}

/** Where the item with a key, normalized and checked, is in its table. */
export function placeOf({ hash, range }: KeySchema, key: Item): Place {
  return {
    hash: keyText(hash.type, key[hash.name]!),
    sortKey: range ? sortPart(keyText(range.type, key[range.name]!)) : "",
  }
}

/**
 * Attributes that are not what the table's keys demand. To the service that is no mistake in the request but one that
 * comes to light when the request meets the table: in a transaction it is a reason to cancel it.
 */
export class SchemaMismatch extends ServiceError {
  constructor(message: string) {
    super("ValidationException", message)
  }
}

/** What does not fit is the key of the table itself. */
export class KeyMismatch extends SchemaMismatch {
  constructor(message = "The provided key element does not match the schema") {
    super(message)
  }
}

/** A key as requests name it. @throws ServiceError ValidationException */
export function checkKey(schema: KeySchema, key: Item): void {
  const attributes = attributesOf(schema)
  if (Object.keys(key).length !== attributes.length) throw new KeyMismatch()
  for (const attribute of attributes) {
    const value = attributeOf(key, attribute.name)
    if (value?.[attribute.type] === undefined) throw new KeyMismatch()
    checkKeyValue(schema, attribute, value)
  }
}

/** An item that is to be stored must have the key. @throws ServiceError ValidationException */
export function checkKeyInItem(schema: KeySchema, item: Item): void {
  for (const attribute of attributesOf(schema)) {
    const { name, type } = attribute
    const value = attributeOf(item, name)
    if (value === undefined) throw invalidKey(`Missing the key ${name} in the item`)
    if (value[type] === undefined) {
      throw invalidKey(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`)
    }
    checkKeyValue(schema, attribute, value)
  }
}

/** An attribute of its own, not one that all objects have. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined
}

/** Whether a value is a text or binary of length 0, which no key may be. */
export function emptiness(value: AttributeValue): "string" | "binary" | undefined {
  if (value.S === "") return "string"
  return value.B?.byteLength === 0 ? "binary" : undefined
}

/** @throws ServiceError ValidationException for values that are empty or too long */
export function checkKeyValue(schema: KeySchema, { name }: KeyAttribute, value: AttributeValue): void {
  const empty = emptiness(value)
  if (empty) {
    throw validationError(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${empty} value. Key: ${name}`,
    )
  }
  const size = value.S === undefined ? (value.B?.byteLength ?? 0) : Buffer.byteLength(value.S)
  if (name === schema.hash.name && size > 2048)
    throw invalidParameter("Size of hashkey has exceeded the maximum size limit of2048 bytes")
  if (name === schema.range?.name && size > 1024)
    throw invalidParameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
}

function invalidKey(problem: string): KeyMismatch {
  return new KeyMismatch(invalidParameter(problem).message)
}
