import type { ITimelineEvent } from "../engine/timeline-event.js"
import type { StreamName } from "../engine/stream-name.js"
import type { StreamResult } from "../engine/stream-result.js"
import type { PortOptions, Process, ProcessContext, World } from "../sim/world.js"
import type { EngineUnderTest } from "./engine-under-test.js"

export type Handler = (stream: StreamName, events: ITimelineEvent[]) => Promise<void | StreamResult>

/** One consumer: a source, a sink and checkpoints in one process, with every edge observed. */
export interface ConsumerOptions {
  readonly group: string
  readonly categories: readonly string[]
  /** Most events of a page, as the source of the store understands it. */
  readonly batchSize: number
  readonly maxConcurrentStreams: number
  readonly maxReadAhead: number
  /** See the sink's option. Default false. */
  readonly requireCompleteStreams?: boolean
  /** See the sink's option. Default: as the sink's. */
  readonly maxIdleStreams?: number
  readonly tailSleepIntervalMs: number
  readonly checkpointIntervalMs: number
  /** How many writes of a checkpoint in a row may fail before the consumer does. Default: as the source's, 1. */
  readonly maxCheckpointFailures?: number
  /** How long a stop or a failure waits for calls that run, and for a read, in milliseconds. Default: as the sink's and the source's. */
  readonly drainTimeoutMs?: number
  /** The longest pause before the first repetition of a read that failed, in milliseconds. Default 10. */
  readonly readBackOffMs?: number
  /** The longest pause before any. Default 200. */
  readonly maxReadBackOffMs?: number
  /** The reaction. It may use `self.clock` and `self.port` to take time and to have effects. */
  readonly handler: Handler
  /**
   * Calls of the handler are no steps: nothing happens in between, neither faults nor what others do, unless it waits for
   * something itself. Default false.
   */
  readonly isHandledAtOnce?: boolean
  /**
   * For exploration: which parts of what there is outside of the process a call of the handler uses, given `handle`, the
   * stream and the events. Calls that have no part in common then count as independent. Default: a call may use all that
   * the process has.
   */
  readonly touches?: PortOptions["touches"]
}

/** What a scenario may use on every store. */
export interface Stage {
  readonly world: World
  readonly engine: EngineUnderTest
  /** Runs a consumer until `self.signal` aborts (resolves) or it fails (rejects). Emits the trace of every edge. */
  consume(self: ProcessContext, options: ConsumerOptions): Promise<void>
  /** Appends `count` events to a stream through this process's connections, with retries that never write an event twice. */
  append(self: ProcessContext, stream: StreamName, count: number): Promise<void>
  /** How many events a stream has, asked through this process's connections. 0: there is no such stream. */
  streamVersion(self: ProcessContext, stream: StreamName): Promise<bigint>
  /**
   * To be called when all input was appended and no more trouble will come: waits until every appended event was
   * handled and every checkpoint stored, or until `withinMs` passed, and then declares the trace quiescent.
   * What is still open then is for the properties to report.
   * @param consumers Processes that have to have begun to consume before anything can be at rest. Default: none.
   * @param reads `unseen`: the trace does not tell what is read, so nobody has to have found the tail. Default: `seen`.
   */
  settle(withinMs: number, consumers?: readonly Process[], reads?: Reads): Promise<void>
}

/** Whether a trace tells what consumers read. */
export type Reads = "seen" | "unseen"
