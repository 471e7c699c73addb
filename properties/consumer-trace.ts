import { messageOf } from "../engine/error-message.js"
import type { ITimelineEvent } from "../engine/timeline-event.js"
import type { FailureClass } from "../engine/source/read-failure.js"
import type { StreamName } from "../engine/stream-name.js"
import type { Happening, ItemRef } from "../sim/trace.js"
import type { Trace } from "../sim/trace-recorder.js"
import { bodyDigest } from "./body-digest.js"

/** Of a consumer's options those that properties depend on. */
export type ToldOptions = Pick<
  Extract<Happening, { kind: "RunStarted" }>,
  | "maxConcurrentStreams"
  | "maxReadAhead"
  | "requireCompleteStreams"
  | "checkpointIntervalMs"
  | "tailSleepIntervalMs"
  | "drainTimeoutMs"
  | "maxCheckpointFailures"
  | "maxIdleStreams"
  | "readBackOffMs"
  | "maxReadBackOffMs"
>

/**
 * One start of a consumer: one sink, and one run for each tranche that it feeds. A property that depends on an option
 * which is not told asks nothing of it.
 */
export interface ConsumerStart extends ToldOptions {
  /** The process incarnation, e.g. `consumer#2`. */
  readonly process: string
  /** Unique in the trace; names the sink, and with the tranche the runs. */
  readonly name: string
  readonly group: string
  readonly tranches: readonly string[]
  /** The categories that are read, where tranches hold more than that. */
  readonly categories?: readonly string[]
  readonly member?: number
  readonly size?: number
}

interface Run {
  readonly name: string
  /** Where the next read is expected to begin. */
  position: bigint
  pagesRead: number
  /** Pages that were read and not admitted yet, oldest first. */
  readonly unclaimed: { readonly seq: number; readonly items: readonly ItemRef[] }[]
}

/** A page as its reader got it. */
export interface ReadPage {
  readonly from: bigint
  readonly checkpoint: bigint
  readonly isTail: boolean
  readonly items: readonly ItemRef[]
}

/**
 * Turns what the observers of one consumer see into its trace: it gives runs, pages and calls their numbers. The
 * observers stand at different edges, so a batch that reaches the sink is found among the pages that were read by what
 * it holds; pages come to the sink in the order in which they were read, though not all of them do.
 */
export class ConsumerTrace {
  readonly start: ConsumerStart
  readonly #trace: Pick<Trace, "emit">
  readonly #runs: ReadonlyMap<string, Run>
  #calls = 0

  constructor(start: ConsumerStart, trace: Pick<Trace, "emit">) {
    this.start = start
    this.#trace = trace
    this.#runs = new Map(
      start.tranches.map((tranche) => [
        tranche,
        { name: `${start.name}:${tranche}`, position: 0n, pagesRead: 0, unclaimed: [] },
      ]),
    )
  }

  started(): void {
    const { process, name: sink, group, categories, tranches: _, member, size, ...options } = this.start
    const share = categories === undefined ? {} : { categories }
    const place = member === undefined || size === undefined ? share : { ...share, member, size }
    for (const [tranche, { name: run }] of this.#runs)
      this.emit({ kind: "RunStarted", run, process, sink, group, tranche, ...place, ...options })
  }

  /**
   * Tells of the start, and of the end that the run comes to.
   * @param count counts what there is at the edges, before the start and when the run is over.
   */
  async during(run: () => Promise<void>, count: () => void = () => undefined): Promise<void> {
    this.started()
    count()
    try {
      await run()
    } catch (error) {
      count()
      this.ended({ error })
      throw error
    }
    count()
    this.ended()
  }

  ended(failure?: { readonly error: unknown }): void {
    const outcome = failure === undefined ? ({ outcome: "ok" } as const) : failed(failure.error)
    for (const { name: run } of this.#runs.values()) this.emit({ kind: "RunEnded", run, ...outcome })
  }

  /** The run that reads a tranche; undefined when this consumer does not. */
  runOf(tranche: string): string | undefined {
    return this.#runs.get(tranche)?.name
  }

  loaded(group: string, tranche: string, position: bigint): void {
    const run = this.#runs.get(tranche)
    if (run === undefined) return
    run.position = position
    this.emit({ kind: "Loaded", run: run.name, group, tranche, position })
  }

  readFailed(tranche: string, what: "page" | "position", error: unknown, failureClass: FailureClass): void {
    const run = this.#runs.get(tranche)?.name
    if (run !== undefined) this.emit({ kind: "ReadFailed", run, what, class: failureClass, error: messageOf(error) })
  }

  slept(ms: number): void {
    this.emit({ kind: "Slept", sink: this.start.name, ms })
  }

  probe(of: string, count: number): void {
    this.emit({ kind: "Probe", sink: this.start.name, of, count })
  }

  /** Where the next read of a tranche is expected to begin; undefined when this consumer does not read it. */
  positionOf(tranche: string): bigint | undefined {
    return this.#runs.get(tranche)?.position
  }

  pageRead(tranche: string, page: ReadPage): void {
    const run = this.#runs.get(tranche)
    if (run === undefined) return
    run.position = page.checkpoint
    const seq = ++run.pagesRead
    if (page.items.length > 0) run.unclaimed.push({ seq, items: page.items })
    this.emit({ kind: "PageRead", run: run.name, seq, ...page })
  }

  /** Answers the number of the page; a new one when no read of the tranche yielded it. */
  admitted(tranche: string, items: readonly (readonly [StreamName, ITimelineEvent])[]): number {
    const run = this.#runs.get(tranche)
    if (run === undefined) return 0
    const at = run.unclaimed.findIndex((page) => isPage(page.items, items))
    const seq = run.unclaimed[at]?.seq ?? ++run.pagesRead
    run.unclaimed.splice(0, at + 1)
    this.emit({ kind: "Admitted", run: run.name, seq })
    return seq
  }

  completed(tranche: string, seq: number, checkpoint: bigint): void {
    const run = this.#runs.get(tranche)
    if (run !== undefined) this.emit({ kind: "Completed", run: run.name, seq, checkpoint })
  }

  callStarted(stream: string, items: readonly ItemRef[]): number {
    const call = ++this.#calls
    const first = items[0]?.index ?? 0
    this.emit({ kind: "CallStarted", sink: this.start.name, call, stream, first, count: items.length, items })
    return call
  }

  callReturned(call: number, stream: string, items: readonly ItemRef[], result: string, next: number): void {
    this.emit({ kind: "CallReturned", sink: this.start.name, call, stream, result, next, items })
  }

  callThrew(call: number, stream: string, error: unknown): void {
    this.emit({ kind: "CallThrew", sink: this.start.name, call, stream, error: messageOf(error) })
  }

  emit(happening: Happening): void {
    this.#trace.emit(happening)
  }
}

export const itemOf = (stream: string, { index, type, data }: ITimelineEvent): ItemRef => ({
  stream,
  index: Number(index),
  body: bodyDigest(type, data),
})

const failed = (error: unknown) => ({ outcome: "error", error: messageOf(error) }) as const

function isPage(page: readonly ItemRef[], items: readonly (readonly [StreamName, ITimelineEvent])[]): boolean {
  if (page.length !== items.length) return false
  return [0, items.length - 1].every((i) => {
    const [stream, { index }] = items[i]!
    return page[i]!.stream === stream && page[i]!.index === Number(index)
  })
}
