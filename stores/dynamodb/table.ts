import type {
  AttributeDefinition,
  BillingMode,
  KeySchemaElement,
  ProvisionedThroughput,
  StreamViewType,
  TableClass,
} from "@aws-sdk/client-dynamodb"
import type { Item } from "./attribute-value.js"
import type { History } from "./history.js"
import { Partitions, type Place } from "./partitions.js"
import type { Stored } from "./row.js"
import { type IndexDeclaration, SecondaryIndex } from "./secondary-index.js"
import type { TableStream } from "./table-stream.js"
import { type KeySchema, placeOf } from "./table-schema.js"

/** What of a table can be changed by UpdateTable. */
export interface TableSettings {
  readonly definitions: readonly AttributeDefinition[]
  readonly billingMode: BillingMode
  readonly throughput: ProvisionedThroughput | undefined
  readonly tableClass: TableClass | undefined
  readonly isProtected: boolean
}

/** What of a table never changes. */
export interface TableIdentity {
  readonly name: string
  readonly arn: string
  readonly id: string
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  readonly keySchema: readonly KeySchemaElement[]
  readonly schema: KeySchema
}

/** What a write of one item was, for what it costs. */
export interface Written {
  readonly table: Table
  readonly before: Stored | undefined
  readonly after: Stored | undefined
  /** The sizes of the entries that were written in each index. */
  readonly indexes: readonly { readonly index: SecondaryIndex; readonly sizes: readonly number[] }[]
}

export class Table implements TableIdentity {
  readonly name: string
  readonly arn: string
  readonly id: string
  readonly createdAt: number
  readonly keySchema: readonly KeySchemaElement[]
  readonly schema: KeySchema
  readonly rows: Partitions
  readonly #history: History | undefined
  #indexes: readonly SecondaryIndex[] = []
  #itemCount = 0
  #sizeBytes = 0
  settings: TableSettings
  /** The stream that it has; one that was disabled stays until another is enabled. */
  stream: TableStream | undefined

  constructor(identity: TableIdentity, settings: TableSettings, history: History | undefined) {
    this.name = identity.name
    this.arn = identity.arn
    this.id = identity.id
    this.createdAt = identity.createdAt
    this.keySchema = identity.keySchema
    this.schema = identity.schema
    this.rows = new Partitions(history)
    this.#history = history
    this.settings = settings
  }

  get indexes(): readonly SecondaryIndex[] {
    return this.#indexes
  }

  get itemCount(): number {
    return this.#itemCount
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get streamViewType(): StreamViewType | undefined {
    return this.stream?.disabledAt === undefined ? this.stream?.viewType : undefined
  }

  /** The key must be normalized and checked. */
  placeOf(key: Item): Place {
    return placeOf(this.schema, key)
  }

  /** Replaces what is at the place: by an item, or by nothing. */
  replace(place: Place, before: Stored | undefined, after: Stored | undefined): Written {
    this.#itemCount += (after ? 1 : 0) - (before ? 1 : 0)
    this.#sizeBytes += (after?.size ?? 0) - (before?.size ?? 0)
    if (after) this.rows.set(place, after)
    else this.rows.delete(place)
    const indexes = this.#indexes.map((index) => ({ index, sizes: index.replace(before, after) }))
    return { table: this, before, after, indexes }
  }

  /** Adds an index and fills it with the items that there are. */
  addIndex(declaration: IndexDeclaration, everyItem: (visit: (stored: Stored) => void) => void): void {
    const index = new SecondaryIndex(declaration, this.schema, this.#history)
    everyItem((stored) => index.replace(undefined, stored))
    this.#indexes = [...this.#indexes, index]
  }

  removeIndex(name: string): void {
    this.#indexes = this.#indexes.filter((index) => index.name !== name)
  }
}
