import type { TransactWriteItemsInput } from "@aws-sdk/client-dynamodb"
import { type Clock, systemClock } from "../../engine/clock.js"
import { checkOptions, has, milliseconds, optional } from "../../engine/options.js"
import { type Random, systemRandom } from "../../engine/random.js"
import type { Item } from "./attribute-value.js"
import { type ChangeListener, DatabaseState } from "./database-state.js"
import { History } from "./history.js"
import { copyItem } from "./item-copy.js"
import { operation, prepareTransaction } from "./operations/index.js"
import { allHashes } from "./partitions.js"
import { checkReturnMembers } from "./request-validation.js"
import type { ServiceConditions } from "./service-conditions.js"
import type { StreamConditions } from "./stream-conditions.js"
import { StreamLog } from "./stream-log.js"
import type { TableStream } from "./table-stream.js"

export interface DatabaseOptions {
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Where the ids of tables and requests come from. Default: the platform's. */
  readonly random?: Random
  /** What the service does of its own accord. Default: nothing. */
  readonly conditions?: ServiceConditions & StreamConditions
  /** The longest lag that `conditions.lagMs` may ask for, in milliseconds. Default: 60000. */
  readonly maxLagMs?: number
}

/** DynamoDB in memory: its tables, its operations, its errors. It knows neither the SDK nor a wire. */
export class Database {
  readonly clock: Clock
  readonly random: Random
  /** What FakeDynamoDBStreams reads. */
  readonly streamLog: StreamLog
  readonly #state: DatabaseState

  /** @throws InvalidOptionError */
  constructor(options: DatabaseOptions = {}) {
    checkOptions("Database", databaseOptions, options)
    const { clock = systemClock, random = systemRandom, conditions = {}, maxLagMs = 60_000 } = options
    this.clock = clock
    this.random = random
    const history = conditions.lagMs ? new History(clock, maxLagMs) : undefined
    this.#state = new DatabaseState(clock, random, conditions, maxLagMs, history)
    this.streamLog = new StreamLog(this, conditions)
  }

  /**
   * Carries out an operation such as `GetItem` with the SDK's input, and answers with the SDK's output without
   * `$metadata`. Nothing of the input is kept, and nothing of the output is the database's own.
   * @throws ServiceError as the service answers; UnsupportedByFakeError for what this database does not have
   */
  execute(name: string, input: object): object {
    checkReturnMembers(input)
    if (name === "TransactWriteItems") return prepareTransaction(this.#state, input as TransactWriteItemsInput).commit()
    return operation(name)(this.#state, input as never)
  }

  /** `execute` with the time that the service's conditions give a transaction between its decision and its effect. */
  async request(name: string, input: object): Promise<object> {
    if (name !== "TransactWriteItems") return this.execute(name, input)
    checkReturnMembers(input)
    const holdMs = this.#state.conditions.transactionMs?.() ?? 0
    const transaction = prepareTransaction(this.#state, input as TransactWriteItemsInput)
    if (holdMs > 0) await this.clock.sleep(holdMs)
    return transaction.commit()
  }

  /**
   * Tells every change in the synchronous turn in which it happens, in the order of the listeners, before the request is
   * answered. Answers how to stop it.
   */
  onChange(listener: ChangeListener): () => void {
    const own: ChangeListener = (change) => listener(change)
    this.#state.listeners.add(own)
    return () => {
      this.#state.listeners.delete(own)
    }
  }

  /** The streams that tables have or had, in the order in which they were enabled. */
  streams(): readonly TableStream[] {
    return [...this.#state.streams.values()]
  }

  /** All items of a table in the order of a scan. @throws ServiceError ResourceNotFoundException */
  dump(tableName: string): Item[] {
    const items: Item[] = []
    this.#state.table(tableName).rows.scan(allHashes, undefined, undefined, ({ item }) => {
      items.push(copyItem(item))
      return true
    })
    return items
  }
}

const databaseOptions = {
  clock: optional(has("now", "sleep", "turn")),
  random: optional(has("next", "uuid")),
  conditions: optional(has()),
  maxLagMs: optional(milliseconds),
}
