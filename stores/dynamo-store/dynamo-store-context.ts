import type { Clock } from "../../engine/clock.js"
import { systemClock } from "../../engine/clock.js"
import { checkOptions, fn, has, optional, text } from "../../engine/options.js"
import type { Random } from "../../engine/random.js"
import { systemRandom } from "../../engine/random.js"
import type { Warn } from "../../engine/warning.js"
import { systemWarn } from "../../engine/warning.js"
import * as v from "valibot"
import { DynamoStoreClient } from "./dynamo-store-client.js"
import { QueryOptions } from "./query-options.js"
import { TipOptions } from "./tip-options.js"

export interface DynamoStoreContextOptions {
  readonly client: DynamoStoreClient
  /** A table with the keys `p` (text, hash) and `i` (number, range). */
  readonly tableName: string
  /** Default: `TipOptions.create()`. */
  readonly tip?: Partial<TipOptions>
  /** Default: `QueryOptions.create()`. */
  readonly query?: Partial<QueryOptions>
  /** Where calves may have been moved to that the table no longer has; read with the client's `secondary`. Default: none. */
  readonly archiveTableName?: string
  /** The time of events, and pauses after conflicts. Default: the machine's. */
  readonly clock?: Clock
  /** Etags, and the jitter of pauses. Default: the platform's. */
  readonly random?: Random
  /** Told of events that are missing where `ignoreMissing` reads past them. Default: Node's warnings. */
  readonly warn?: Warn
}

const entries = {
  client: v.custom<DynamoStoreClient>((x) => x instanceof DynamoStoreClient, "a DynamoStoreClient"),
  tableName: text,
  archiveTableName: optional(text),
  clock: optional(has("now", "sleep")),
  random: optional(has("next", "uuid")),
  warn: optional(fn),
}

/** One table, and how it is written and read. */
export class DynamoStoreContext {
  /** @throws InvalidOptionError */
  static create(options: DynamoStoreContextOptions): DynamoStoreContext {
    return new DynamoStoreContext(options)
  }

  readonly client: DynamoStoreClient
  readonly tableName: string
  readonly archiveTableName: string | undefined
  readonly tip: TipOptions
  readonly query: QueryOptions
  readonly clock: Clock
  readonly random: Random
  readonly warn: Warn

  /** @throws InvalidOptionError */
  constructor(options: DynamoStoreContextOptions) {
    checkOptions("DynamoStoreContext", entries, options)
    this.client = options.client
    this.tableName = options.tableName
    this.archiveTableName = options.archiveTableName
    this.tip = TipOptions.create(options.tip)
    this.query = QueryOptions.create(options.query)
    this.clock = options.clock ?? systemClock
    this.random = options.random ?? systemRandom
    this.warn = options.warn ?? systemWarn
  }
}
