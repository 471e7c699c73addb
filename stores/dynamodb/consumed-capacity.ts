/*
 * What requests cost, in the service's units. A read unit is 4 KB read consistently, or 8 KB read eventually consistently;
 * a write unit is 1 KB, of the larger of the item's versions. Everything is rounded up and at least one unit. Each index
 * costs for what a write changes in it. In a transaction the table costs twice as much, an index does not.
 */
import type { ConsumedCapacity, ReturnConsumedCapacity } from "@aws-sdk/client-dynamodb"
import type { SecondaryIndex } from "./secondary-index.js"
import type { Table, Written } from "./table.js"

/** Units for the bytes of one read. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (isConsistent ? 1 : 0.5)
}

function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024))
}

interface Units {
  read: number
  write: number
}

interface TableUnits {
  readonly table: Units
  readonly indexes: Map<SecondaryIndex, Units>
}

/** What one request consumes, table by table in the order in which they are met. */
export class Consumption {
  readonly #tables = new Map<Table, TableUnits>()

  read(table: Table, units: number): void {
    this.#of(table).table.read += units
  }

  readIndex(table: Table, index: SecondaryIndex, units: number): void {
    indexUnits(this.#of(table), index).read += units
  }

  write({ table, before, after, indexes }: Written, factor = 1): void {
    const units = this.#of(table)
    units.table.write += factor * writeUnits(Math.max(before?.size ?? 0, after?.size ?? 0))
    for (const { index, sizes } of indexes) {
      for (const size of sizes) indexUnits(units, index).write += writeUnits(size)
    }
  }

  /** A condition that is checked in a transaction costs as a write does. */
  check(table: Table, bytes: number, factor: number): void {
    this.#of(table).table.write += factor * writeUnits(bytes)
  }

  /** The member of the answer to a request on one table; nothing unless the request asked for it. */
  one(asked: ReturnConsumedCapacity | undefined): { ConsumedCapacity?: ConsumedCapacity } {
    const [capacity] = this.#shown(asked, () => ({}))
    return capacity ? { ConsumedCapacity: capacity } : {}
  }

  /** The member of the answer to a batch. */
  all(asked: ReturnConsumedCapacity | undefined): { ConsumedCapacity?: ConsumedCapacity[] } {
    if (asked === undefined || asked === "NONE") return {}
    return { ConsumedCapacity: this.#shown(asked, () => ({})) }
  }

  /** The member of the answer to a transaction: it tells reads from writes. */
  transaction(asked: ReturnConsumedCapacity | undefined): { ConsumedCapacity?: ConsumedCapacity[] } {
    if (asked === undefined || asked === "NONE") return {}
    return { ConsumedCapacity: this.#shown(asked, toldApart) }
  }

  #of(table: Table): TableUnits {
    let units = this.#tables.get(table)
    if (units === undefined) this.#tables.set(table, (units = { table: { read: 0, write: 0 }, indexes: new Map() }))
    return units
  }

  #shown(asked: ReturnConsumedCapacity | undefined, more: (units: Units) => object): ConsumedCapacity[] {
    if (asked === undefined || asked === "NONE") return []
    return [...this.#tables].map(([table, units]) => {
      const all = [units.table, ...units.indexes.values()].reduce(sum)
      const total = { TableName: table.name, CapacityUnits: all.read + all.write, ...more(all) }
      return asked === "TOTAL" ? total : { ...total, ...byIndex(units, more) }
    })
  }
}

function byIndex({ table, indexes }: TableUnits, more: (units: Units) => object): Partial<ConsumedCapacity> {
  const capacity = (units: Units) => ({ CapacityUnits: units.read + units.write, ...more(units) })
  const of = (kind: SecondaryIndex["kind"]) => {
    const ofKind = [...indexes].filter(([index]) => index.kind === kind)
    return Object.fromEntries(ofKind.map(([{ name }, units]) => [name, capacity(units)]))
  }
  const [local, global] = [of("local"), of("global")]
  return {
    Table: capacity(table),
    ...(Object.keys(local).length > 0 && { LocalSecondaryIndexes: local }),
    ...(Object.keys(global).length > 0 && { GlobalSecondaryIndexes: global }),
  }
}

function toldApart({ read, write }: Units): object {
  return { ...(read > 0 && { ReadCapacityUnits: read }), ...(write > 0 && { WriteCapacityUnits: write }) }
}

function indexUnits({ indexes }: TableUnits, index: SecondaryIndex): Units {
  let units = indexes.get(index)
  if (units === undefined) indexes.set(index, (units = { read: 0, write: 0 }))
  return units
}

function sum(a: Units, b: Units): Units {
  return { read: a.read + b.read, write: a.write + b.write }
}
