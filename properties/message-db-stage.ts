import type { ProcessContext } from "../sim/world.js"
import type { PgPool } from "../stores/message-db/pg.js"
import type { ConsumerOptions, Stage } from "./stage.js"

export interface MessageDbConsumerOptions extends ConsumerOptions {
  /** Its number in the consumer group, from 0. Without it and `size` the consumer reads everything. */
  readonly member?: number
  /** How many members the group has. */
  readonly size?: number
  /** Where it reads from; its checkpoints are on the primary. Without a standby it is the primary. Default: the primary. */
  readonly readsFrom?: "primary" | "standby"
}

/** What the servers do of their own accord. A scenario may change it; the stage sets it to nothing when all is to come to rest. */
export interface MessageDbConditions {
  /** The standby is up to so many milliseconds behind the primary: drawn for each query. */
  standbyLagMs: number
}

/** What a scenario may use on a Message DB besides. */
export interface MessageDbStage extends Stage {
  /** Of the database where it is a real one; undefined: it is a fake. */
  readonly connectionString: string | undefined
  readonly conditions: MessageDbConditions
  consume(self: ProcessContext, options: MessageDbConsumerOptions): Promise<void>
  /** A pool whose connections are this process's: observed, and broken when the process crashes. */
  pool(self: ProcessContext): PgPool
  /** Checkpoint rows are moved so that a group of another size goes on without loss. All members must be stopped. */
  resize(self: ProcessContext, group: string, from: number, to: number): Promise<void>
}
