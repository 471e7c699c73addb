import type { ItemRef, TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import { LiveSinks } from "./live-sinks.js"
import { positionAfter, RunningCalls } from "./running-calls.js"

/** An admitted batch that is not complete. */
export interface OpenBatch {
  readonly run: string
  readonly seq: number
  /** Undefined when no read of the run yielded the batch. */
  readonly items: readonly ItemRef[] | undefined
  /** Streams that have not reached the position that the batch requires of them. */
  unmet: number
}

interface Requirement {
  readonly batch: OpenBatch
  /** Highest index of the stream in the batch, plus 1. */
  readonly position: number
}

interface Stream {
  position: number
  /** Ascending by position. */
  readonly waiting: Requirement[]
}

/**
 * What each run has admitted and not completed, and whether it is handled: a batch is, when every one of its streams
 * has reached the highest index that the batch holds of it. Positions are the sink's, because tranches may share
 * streams. Kept are the batches in progress and one position per stream of a live sink.
 */
export class OpenBatches {
  static readonly takes = [...RunningCalls.takes, "PageRead", "Admitted"] as const
  readonly #running = new RunningCalls()
  readonly #sinks = new LiveSinks(() => new Map<string, Stream>())
  readonly #runs = new LiveRuns(() => ({ read: new Map<number, readonly ItemRef[]>(), open: [] as OpenBatch[] }))
  readonly #onHandled: (batch: OpenBatch) => void

  /** @param onHandled called for each batch when the last of its events is handled. */
  constructor(onHandled: (batch: OpenBatch) => void = () => undefined) {
    this.#onHandled = onHandled
  }

  /** To be called with every event. `Completed` removes nothing: see {@link complete}. */
  observe(event: TraceEvent): void {
    this.#sinks.observe(event)
    this.#runs.observe(event)
    const ended = this.#running.observe(event)
    const next = ended === undefined ? undefined : positionAfter(ended)
    if (ended !== undefined && next !== undefined) this.#advance(ended.sink, ended.stream, next)
    if (event.kind === "PageRead" && event.items.length > 0) this.#runs.get(event.run)?.read.set(event.seq, event.items)
    else if (event.kind === "Admitted") this.#admit(event.run, event.seq)
  }

  /** The batches of a run, oldest first; undefined when the run does not live. */
  of(run: string): readonly OpenBatch[] | undefined {
    return this.#runs.get(run)?.open
  }

  /** All batches of all live runs. */
  *all(): IterableIterator<OpenBatch> {
    for (const { open } of this.#runs.values()) yield* open
  }

  /** Takes a batch out. Undefined when there is none with that number. */
  complete(run: string, seq: number): OpenBatch | undefined {
    const open = this.#runs.get(run)?.open
    const at = open?.findIndex((batch) => batch.seq === seq) ?? -1
    return at < 0 ? undefined : open?.splice(at, 1)[0]
  }

  /** The first event of a batch that is not handled. */
  firstOpen({ run, items = [] }: OpenBatch): ItemRef | undefined {
    const streams = this.#sinks.ofRun(run)
    return items.find(({ stream, index }) => (streams?.get(stream)?.position ?? -1) <= index)
  }

  #admit(run: string, seq: number): void {
    const state = this.#runs.get(run)
    const streams = this.#sinks.ofRun(run)
    if (state === undefined || streams === undefined) return
    const items = state.read.get(seq)
    state.read.delete(seq)
    const batch: OpenBatch = { run, seq, items, unmet: 0 }
    state.open.push(batch)
    for (const [stream, position] of requirementsOf(items ?? [])) require(streams, stream, { batch, position })
    if (batch.unmet === 0) this.#onHandled(batch)
  }

  #advance(sink: string, name: string, next: number): void {
    const streams = this.#sinks.get(sink)
    if (streams === undefined) return
    const stream = streamOf(streams, name)
    stream.position = Math.max(stream.position, next)
    while (stream.waiting.length > 0 && stream.waiting[0]!.position <= stream.position) {
      const { batch } = stream.waiting.shift()!
      if (--batch.unmet === 0) this.#onHandled(batch)
    }
  }
}

function requirementsOf(items: readonly ItemRef[]): Map<string, number> {
  const positions = new Map<string, number>()
  for (const { stream, index } of items) positions.set(stream, Math.max(positions.get(stream) ?? 0, index + 1))
  return positions
}

function require(streams: Map<string, Stream>, name: string, requirement: Requirement): void {
  const { position, waiting } = streamOf(streams, name)
  if (requirement.position <= position) return
  requirement.batch.unmet++
  let at = waiting.length
  while (at > 0 && waiting[at - 1]!.position > requirement.position) at--
  waiting.splice(at, 0, requirement)
}

function streamOf(streams: Map<string, Stream>, name: string): Stream {
  const known = streams.get(name)
  if (known !== undefined) return known
  const stream: Stream = { position: -1, waiting: [] }
  streams.set(name, stream)
  return stream
}
