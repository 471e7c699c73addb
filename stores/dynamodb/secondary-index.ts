/*
 * A secondary index: the items that have all its key attributes, by those attributes. Items with the same index key stand
 * in the order of their primary keys. What an entry holds is the item with the attributes that the index projects.
 */
import type { KeySchemaElement, Projection, ProvisionedThroughput } from "@aws-sdk/client-dynamodb"
import { define, equal, type Item, sizeOfItem, typeOf } from "./attribute-value.js"
import type { History } from "./history.js"
import { keyText, sortPart } from "./key-order.js"
import { Partitions, type Place } from "./partitions.js"
import type { Stored } from "./row.js"
import { validationError } from "./service-error.js"
import { attributeOf, attributesOf, emptiness, type KeySchema, SchemaMismatch } from "./table-schema.js"

/** How an index was declared. */
export interface IndexDeclaration {
  readonly kind: "global" | "local"
  readonly name: string
  readonly keySchema: readonly KeySchemaElement[]
  readonly projection: Projection
  readonly throughput: ProvisionedThroughput | undefined
  readonly schema: KeySchema
}

interface Entry {
  readonly place: Place
  readonly stored: Stored
}

export class SecondaryIndex {
  readonly declaration: IndexDeclaration
  readonly schema: KeySchema
  readonly rows: Partitions
  readonly #primary: KeySchema
  /** The attributes that entries have; undefined for all. */
  readonly projected: ReadonlySet<string> | undefined
  #itemCount = 0
  #sizeBytes = 0

  constructor(declaration: IndexDeclaration, primary: KeySchema, history: History | undefined) {
    this.declaration = declaration
    this.schema = declaration.schema
    this.rows = new Partitions(history)
    this.#primary = primary
    this.projected = projectedAttributes(declaration, primary)
  }

  get name(): string {
    return this.declaration.name
  }

  get kind(): "global" | "local" {
    return this.declaration.kind
  }

  get itemCount(): number {
    return this.#itemCount
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** What one item of the table is replaced by. Answers the sizes of the entries that have to be written for it. */
  replace(before: Stored | undefined, after: Stored | undefined): readonly number[] {
    const old = before && this.#entry(before)
    const entry = after && this.#entry(after)
    if (old && entry && isSamePlace(old.place, entry.place)) return this.#overwrite(old, entry)
    if (old) this.#count(old, -1)
    if (entry) this.#count(entry, 1)
    if (old) this.rows.delete(old.place)
    if (entry) this.rows.set(entry.place, entry.stored)
    return [old, entry].flatMap((written) => (written ? [written.stored.size] : []))
  }

  #overwrite(old: Entry, entry: Entry): readonly number[] {
    this.#sizeBytes += entry.stored.size - old.stored.size
    const isUnchanged = equal({ M: old.stored.item }, { M: entry.stored.item })
    this.rows.set(entry.place, entry.stored)
    return isUnchanged ? [] : [Math.max(old.stored.size, entry.stored.size)]
  }

  #count({ stored }: Entry, sign: 1 | -1): void {
    this.#itemCount += sign
    this.#sizeBytes += sign * stored.size
  }

  #entry(stored: Stored): Entry | undefined {
    const { item } = stored
    if (attributesOf(this.schema).some(({ name }) => attributeOf(item, name) === undefined)) return undefined
    return { place: this.placeOf(item), stored: this.#project(stored) }
  }

  /** Where the entry is of an item, or of a key that has all attributes of both keys. */
  placeOf(item: Item): Place {
    const { hash, range } = this.schema
    const parts = range ? [range, ...attributesOf(this.#primary)] : attributesOf(this.#primary)
    return {
      hash: keyText(hash.type, item[hash.name]!),
      sortKey: parts.map(({ name, type }) => sortPart(keyText(type, item[name]!))).join(""),
    }
  }

  #project(stored: Stored): Stored {
    const { projected } = this
    if (projected === undefined) return stored
    const item: Item = {}
    for (const [name, value] of Object.entries(stored.item)) if (projected.has(name)) define(item, name, value)
    return { item, size: sizeOfItem(item) }
  }
}

/** An attribute that is a key of an index must have the type of that key. @throws ServiceError ValidationException */
export function checkIndexKeys(indexes: readonly SecondaryIndex[], item: Item): void {
  for (const { name: indexName, schema } of indexes) {
    for (const { name, type } of attributesOf(schema)) {
      const value = attributeOf(item, name)
      if (value === undefined) continue
      if (value[type] === undefined)
        throw new SchemaMismatch(
          `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${indexName}`,
        )
      const empty = emptiness(value)
      if (empty)
        throw validationError(
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${empty} value. IndexName: ${indexName}, IndexKey: ${name}`,
        )
    }
  }
}

function projectedAttributes(
  { projection, schema }: IndexDeclaration,
  primary: KeySchema,
): ReadonlySet<string> | undefined {
  if (projection.ProjectionType === "ALL") return undefined
  const keys = [...attributesOf(schema), ...attributesOf(primary)].map(({ name }) => name)
  return new Set([...keys, ...(projection.NonKeyAttributes ?? [])])
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.hash === b.hash && a.sortKey === b.sortKey
}
