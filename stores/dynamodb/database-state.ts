import type { Clock } from "../../engine/clock.js"
import { InvalidOptionError } from "../../engine/options.js"
import type { Random } from "../../engine/random.js"
import type { Item } from "./attribute-value.js"
import type { History } from "./history.js"
import type { ItemChange } from "./item-change.js"
import { ItemLocks } from "./item-locks.js"
import type { Place } from "./partitions.js"
import { RequestTokens } from "./request-tokens.js"
import type { Stored } from "./row.js"
import { requireMember } from "./request-validation.js"
import type { ServiceConditions } from "./service-conditions.js"
import { ServiceError } from "./service-error.js"
import type { Table, Written } from "./table.js"
import type { TableStream } from "./table-stream.js"

export type ChangeListener = (change: ItemChange) => void

/** What the operations work on. */
export class DatabaseState {
  readonly clock: Clock
  readonly random: Random
  readonly conditions: ServiceConditions
  readonly maxLagMs: number
  readonly history: History | undefined
  readonly tables = new Map<string, Table>()
  /** All that ever were, in the order in which they were enabled. */
  readonly streams = new Map<string, TableStream>()
  readonly locks = new ItemLocks()
  readonly tokens: RequestTokens
  readonly listeners = new Set<ChangeListener>()
  #sequence = 0n

  constructor(
    clock: Clock,
    random: Random,
    conditions: ServiceConditions,
    maxLagMs: number,
    history: History | undefined,
  ) {
    this.clock = clock
    this.random = random
    this.conditions = conditions
    this.maxLagMs = maxLagMs
    this.history = history
    this.tokens = new RequestTokens(clock)
  }

  /** By its name or its ARN. @throws ServiceError ResourceNotFoundException */
  table(nameOrArn: string | undefined): Table {
    requireMember("tableName", nameOrArn)
    const table = this.tables.get(tableNameOf(nameOrArn))
    if (table === undefined) throw new ServiceError("ResourceNotFoundException", "Requested resource not found")
    return table
  }

  /** Replaces an item, and tells it. */
  write(table: Table, key: Item, place: Place, before: Stored | undefined, after: Stored | undefined): Written {
    const written = table.replace(place, before, after)
    if (before !== undefined || after !== undefined) this.#tell(table, key, before, after)
    return written
  }

  /** The time that a read sees the table at; undefined for now. */
  asOf(operation: string, table: Table, isConsistent: boolean | undefined): number | undefined {
    if (isConsistent === true || this.conditions.lagMs === undefined) return undefined
    const lag = this.conditions.lagMs({ operation, tableName: table.name })
    if (!(lag >= 0 && lag <= this.maxLagMs))
      throw new InvalidOptionError(
        "ServiceConditions",
        "lagMs",
        lag,
        `a number of milliseconds from 0 to maxLagMs, ${this.maxLagMs}`,
      )
    return this.clock.now() - lag
  }

  isThrottled(operation: string, tableName: string | undefined): boolean {
    return this.conditions.throttles?.({ operation, tableName }) ?? false
  }

  /** @throws ServiceError ProvisionedThroughputExceededException */
  checkThroughput(operation: string, tableName: string | undefined): void {
    if (this.isThrottled(operation, tableName)) throw throughputExceeded()
  }

  #tell(table: Table, key: Item, before: Stored | undefined, after: Stored | undefined): void {
    this.#sequence++
    if (this.listeners.size === 0) return
    const { stream } = table
    const change: ItemChange = {
      tableName: table.name,
      tableArn: table.arn,
      ...(stream && stream.disabledAt === undefined && { streamArn: stream.streamArn }),
      sequence: this.#sequence,
      at: this.clock.now(),
      key,
      ...(before && { before: before.item }),
      ...(after && { after: after.item }),
    }
    for (const listener of this.listeners) listener(change)
  }
}

export function throughputExceeded(): ServiceError {
  return new ServiceError(
    "ProvisionedThroughputExceededException",
    "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
  )
}

/** Requests may name a table by its ARN. */
export function tableNameOf(nameOrArn: string): string {
  const arn = /^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\/([^/]+)$/.exec(nameOrArn)
  return arn?.[1] ?? nameOrArn
}
