/*
 * What Query and Scan have in common: a page of at most 1 MB or `Limit` items, both counted before the filter. A page that
 * ends because of either names its last item as the key to go on from, also when nothing comes after it.
 */
import type { AttributeValue, ConsumedCapacity, ReturnConsumedCapacity, Select } from "@aws-sdk/client-dynamodb"
import { define, type Item } from "../attribute-value.js"
import { Consumption, readUnits } from "../consumed-capacity.js"
import type { DatabaseState } from "../database-state.js"
import {
  type Condition,
  holds,
  parseCondition,
  parseProjection,
  type Placeholders,
  project,
  type Projection,
} from "../expressions/index.js"
import { copyItem } from "../item-copy.js"
import { checkFilterPaths, checkKeyPaths, namesOfProjection } from "../key-paths.js"
import type { Partitions, Visit } from "../partitions.js"
import { checkEnum } from "../request-validation.js"
import type { Stored } from "../row.js"
import type { SecondaryIndex } from "../secondary-index.js"
import { invalidParameter, validationError } from "../service-error.js"
import type { Table } from "../table.js"
import { attributesOf, type KeySchema } from "../table-schema.js"

/** 1 MB. */
const maxPageBytes = 1_048_576

/** The members that both requests have. */
export interface PageRequest {
  readonly TableName: string | undefined
  readonly IndexName?: string | undefined
  readonly Select?: Select | undefined
  readonly Limit?: number | undefined
  readonly ConsistentRead?: boolean | undefined
  readonly ExclusiveStartKey?: Record<string, AttributeValue> | undefined
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
  readonly ProjectionExpression?: string | undefined
  readonly FilterExpression?: string | undefined
}

export interface PageOutput {
  Items?: Item[]
  Count: number
  ScannedCount: number
  LastEvaluatedKey?: Item
  ConsumedCapacity?: ConsumedCapacity
}

/** The table or index that a request reads. */
export interface Source {
  readonly table: Table
  readonly index: SecondaryIndex | undefined
  readonly schema: KeySchema
  readonly rows: Partitions
}

/** @throws ServiceError ResourceNotFoundException, ValidationException */
export function sourceOf(state: DatabaseState, request: PageRequest): Source {
  const table = state.table(request.TableName)
  const { IndexName } = request
  if (IndexName === undefined) return { table, index: undefined, schema: table.schema, rows: table.rows }
  const index = table.indexes.find(({ name }) => name === IndexName)
  if (index === undefined) throw validationError(`The table does not have the specified index: ${IndexName}`)
  if (index.kind === "global" && request.ConsistentRead === true)
    throw validationError("Consistent reads are not supported on global secondary indexes")
  return { table, index, schema: index.schema, rows: index.rows }
}

/** @throws ServiceError ValidationException */
export function checkPageRequest(request: PageRequest): void {
  const { Limit, Select, IndexName, ProjectionExpression } = request
  if (Limit !== undefined && Limit < 1) throw validationError("Limit must be greater than or equal to 1")
  checkEnum("select", Select, ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"])
  if (Select === "ALL_PROJECTED_ATTRIBUTES" && IndexName === undefined)
    throw validationError("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
  if (Select === "SPECIFIC_ATTRIBUTES" && ProjectionExpression === undefined)
    throw validationError(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    )
  if (Select !== undefined && Select !== "SPECIFIC_ATTRIBUTES" && ProjectionExpression !== undefined)
    throw validationError(`Cannot specify the ProjectionExpression when choosing to get ${selected(Select)}`)
}

function selected(select: Select): string {
  if (select === "COUNT") return "only the Count"
  return select === "ALL_ATTRIBUTES" ? "ALL_ATTRIBUTES" : "ALL_PROJECTED_ATTRIBUTES"
}

/** What is done to the items of a page. */
export interface Selection {
  readonly filter: Condition | undefined
  readonly projection: Projection | undefined
}

export function selectionOf(request: PageRequest, placeholders: Placeholders): Selection {
  const { FilterExpression, ProjectionExpression } = request
  return {
    filter:
      FilterExpression === undefined ? undefined : parseCondition("FilterExpression", FilterExpression, placeholders),
    projection: ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders),
  }
}

/** Whether items of a local index have to be completed from the table. @throws ServiceError ValidationException */
function needsTable({ index }: Source, request: PageRequest, { projection }: Selection): boolean {
  if (index?.projected === undefined) return false
  const names = projection ? namesOfProjection(projection) : []
  const missing = names.filter((name) => !index.projected!.has(name))
  if (index.kind === "local") return request.Select === "ALL_ATTRIBUTES" || missing.length > 0
  if (request.Select === "ALL_ATTRIBUTES")
    throw invalidParameter(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    )
  if (missing.length > 0)
    throw invalidParameter(`Global secondary index ${index.name} does not project [${missing.join(", ")}]`)
  return false
}

/** @throws ServiceError ValidationException where the expressions name keys that they may not */
export function checkSelection({ table, schema }: Source, { filter, projection }: Selection, isByKey: boolean): void {
  checkKeyPaths(table, filter, projection)
  if (isByKey) checkFilterPaths(schema, filter)
}

/** One page. `walk` visits what there is in order, and answers whether it came to the end. */
export function readPage(
  operation: string,
  state: DatabaseState,
  source: Source,
  request: PageRequest,
  selection: Selection,
  walk: (asOf: number | undefined, visit: Visit) => boolean,
): PageOutput {
  const completes = needsTable(source, request, selection)
  state.checkThroughput(operation, source.table.name)
  const asOf = state.asOf(operation, source.table, request.ConsistentRead)
  const page = new Page(source, request, selection, completes, asOf)
  walk(asOf, page.visit)
  return page.output()
}

class Page {
  readonly #source: Source
  readonly #request: PageRequest
  readonly #selection: Selection
  readonly #completes: boolean
  readonly #asOf: number | undefined
  readonly #items: Item[] = []
  #count = 0
  #scanned = 0
  #bytes = 0
  #fetchedUnits = 0
  #last: Stored | undefined

  constructor(
    source: Source,
    request: PageRequest,
    selection: Selection,
    completes: boolean,
    asOf: number | undefined,
  ) {
    this.#source = source
    this.#request = request
    this.#selection = selection
    this.#completes = completes
    this.#asOf = asOf
  }

  readonly visit: Visit = (stored) => {
    this.#scanned++
    this.#bytes += stored.size
    this.#take(this.#completes ? this.#complete(stored) : stored.item)
    const isFull = this.#scanned === this.#request.Limit || this.#bytes >= maxPageBytes
    if (isFull) this.#last = stored
    return !isFull
  }

  output(): PageOutput {
    const { table, index } = this.#source
    const isConsistent = this.#request.ConsistentRead === true
    const consumption = new Consumption()
    const units = readUnits(this.#bytes, isConsistent)
    consumption.read(table, this.#fetchedUnits + (index ? 0 : units))
    if (index) consumption.readIndex(table, index, units)
    return {
      ...(this.#request.Select !== "COUNT" && { Items: this.#items }),
      Count: this.#count,
      ScannedCount: this.#scanned,
      ...(this.#last && { LastEvaluatedKey: startKeyOf(this.#source, this.#last.item) }),
      ...consumption.one(this.#request.ReturnConsumedCapacity),
    }
  }

  #take(item: Item): void {
    const { filter, projection } = this.#selection
    if (filter && !holds(filter, item)) return
    this.#count++
    if (this.#request.Select !== "COUNT") this.#items.push(copyItem(projection ? project(projection, item) : item))
  }

  /** A local index and its table change together, so the item is there. */
  #complete({ item }: Stored): Item {
    const { table } = this.#source
    const stored = table.rows.get(table.placeOf(item), this.#asOf)!
    this.#fetchedUnits += readUnits(stored.size, this.#request.ConsistentRead === true)
    return stored.item
  }
}

/** The key that a page ends with: of the table, and of the index if it is one. */
function startKeyOf({ table, schema }: Source, item: Item): Item {
  const key: Item = {}
  for (const { name } of [...attributesOf(table.schema), ...attributesOf(schema)]) define(key, name, item[name]!)
  return copyItem(key)
}
