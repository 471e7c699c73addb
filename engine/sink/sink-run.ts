import type { Attributes, Tracer } from "@opentelemetry/api"
import type { IngesterBatch } from "../batch.js"
import type { Clock } from "../clock.js"
import type { StreamName } from "../stream-name.js"
import type { StreamResult } from "../stream-result.js"
import type { ITimelineEvent } from "../timeline-event.js"
import { registeredTracer, traceHandler } from "../tracing.js"
import type { Warn } from "../warning.js"
import { BatchQueue } from "./batch-queue.js"
import { Call } from "./call.js"
import { IdleStreams } from "./idle-streams.js"
import { nextIndex } from "./next-index.js"
import { ReadyQueue } from "./ready-queue.js"
import { StreamState } from "./stream-state.js"
import type { EventHandler } from "./streams-sink.js"

/*
 * One life of a sink, from its first start to the end of its last.
 *
 * Streams are shared by all runs and tranches; batches queue per run and tranche. Invariants, between any two pieces of
 * outside code:
 * - A stream has at most one call in flight, and at most `maxConcurrentStreams` streams have one.
 * - Every event of an incomplete batch is queued, in flight, or below its stream's position.
 * - A batch is complete exactly when each of its streams has reached what the batch requires of it and every older
 *   batch of its tranche is complete; its callback runs in the same turn in which that becomes true.
 * - Every stream with queued events is ready, busy, pausing, waiting for a gap to close, or failed.
 * - After a failure, and once every start is aborted, no call begins, and none for what only an aborted start wanted;
 *   results of running calls are still applied, until the drain of the start is over: then its batches are closed.
 *
 * Work per event, per call and per completed batch is constant (a heap costs its logarithm for streams that come
 * back from a call with more to do); nothing walks all streams or all batches, except once when a run is stopped.
 */

export interface SinkRunOptions {
  readonly handler: EventHandler
  readonly maxConcurrentStreams: number
  readonly maxReadAhead: number
  readonly requireCompleteStreams: boolean
  readonly drainTimeoutMs: number
  readonly maxIdleStreams: number
  readonly clock: Clock
  readonly warn: Warn
  /** Present attributes of handler spans. */
  readonly attributes: () => Attributes
}

/** What a sink keeps in memory. */
export interface Held {
  /** Events that wait for a call or are in one. */
  readonly events: number
  /** Streams with such events, or of which the position is remembered. */
  readonly streams: number
}

/** A source that never waits must not fill its window before the first call begins. */
const mostAdmittedPerTurn = 10
const firstPauseMs = 10
const longestPauseMs = 1000

type Queues = Map<string | undefined, BatchQueue>

export class SinkRun {
  readonly #options: SinkRunOptions
  /** Those with something to do, and those of which the position is remembered. */
  readonly #states = new Map<string, StreamState>()
  readonly #idle: IdleStreams
  readonly #ready = new ReadyQueue()
  /** As many as have run at one time, and those of them in which none runs. */
  readonly #calls: Call[] = []
  readonly #freeCalls: Call[] = []
  /** The queues of the starts, by the signal that each was given and pumps with, and in it by tranche. */
  readonly #owned = new Map<AbortSignal, Queues>()
  /** Those of pumps whose signal is not that of a start. */
  readonly #unowned: Queues = new Map()
  /** Ends pauses when the run is over. */
  readonly #over = new AbortController()
  #isOver = false
  readonly #onFailure = new Set<() => void>()
  #failure: { readonly error: unknown } | undefined
  #lastTicket = 0
  #inFlight = 0
  #pausing = 0
  #openStarts = 0
  #turnAsked = false
  #admittedSinceTurn = 0
  /** A tranche's run was aborted while others go on: what only it wanted is to be dropped before the next call. */
  #sweepAsked = false
  /** There was such a run: until then no call has to ask. */
  #hasAborted = false
  #tracer: Tracer | undefined

  constructor(options: SinkRunOptions) {
    this.#options = options
    this.#idle = new IdleStreams(options.requireCompleteStreams ? Infinity : options.maxIdleStreams)
  }

  /** Runs until the signal aborts or the run fails, and then until running calls have ended or the drain limit is over. */
  async runUntil(signal: AbortSignal, onFailure?: (error: unknown) => void): Promise<void> {
    this.#openStarts++
    if (!this.#owned.has(signal)) this.#owned.set(signal, new Map())
    await new Promise<void>((resolve) => {
      const done = () => {
        // At once, not when the promise is looked at: no call may begin after the abort.
        this.#openStarts--
        signal.removeEventListener("abort", done)
        this.#onFailure.delete(done)
        if (this.#failure !== undefined) onFailure?.(this.#failure.error)
        resolve()
      }
      if (this.#failure !== undefined) return done()
      signal.addEventListener("abort", done, { once: true })
      this.#onFailure.add(done)
    })
    await this.#drain()
    this.#close(signal)
    if (this.#failure !== undefined) throw this.#failure.error
  }

  pump(batch: IngesterBatch, signal: AbortSignal): void | Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    const queue = this.#queueOf(batch.trancheId, signal)
    try {
      this.#admit(batch, queue)
    } catch (error) {
      this.#fail(error)
      return Promise.reject(error)
    }
    if (++this.#admittedSinceTurn < mostAdmittedPerTurn) this.#askForTurn()
    else this.#turn()
    return this.#room(queue, signal)
  }

  /** See `StreamsSink.held`. */
  get held(): Held {
    let events = 0
    for (const { queue } of this.#states.values()) events += queue.held
    for (const call of this.#calls) events += call.events.length
    return { events, streams: this.#states.size }
  }

  /** Lets go of everything. Results of calls that still run are ignored from here on. */
  dispose(): void {
    this.#isOver = true
    this.#over.abort()
    for (const queue of this.#unowned.values()) queue.close(new Error("the sink has stopped"))
    this.#unowned.clear()
    this.#states.clear()
    this.#calls.length = 0
  }

  // --- admission

  #room(queue: BatchQueue, signal: AbortSignal): void | Promise<void> {
    // A call that began with this batch may have failed by now.
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    return queue.capacity(signal)
  }

  #queueOf(trancheId: string | undefined, signal: AbortSignal): BatchQueue {
    const queues = this.#owned.get(signal) ?? this.#unowned
    const known = queues.get(trancheId)
    if (known?.signal === signal) return known
    // After an abort this is another run of the tranche: its batches owe nothing to those of the ended one.
    const queue = known === undefined || known.signal.aborted ? new BatchQueue(this.#options.maxReadAhead) : known
    queue.follow(signal, () => (this.#hasAborted = this.#sweepAsked = true))
    queues.set(trancheId, queue)
    return queue
  }

  #admit(batch: IngesterBatch, queue: BatchQueue): void {
    const pending = queue.admit(batch)
    const opened: StreamState[] = []
    let name: string | undefined
    let state: StreamState | undefined
    for (const [stream, event] of batch.items) {
      const index = validIndexOf(stream, event)
      if (stream !== name || state === undefined) {
        name = stream
        state = this.#stateOf(stream)
      }
      if (index < state.write) continue
      if (state.require(pending, index + 1, this.#lastTicket + 1)) {
        this.#lastTicket++
        opened.push(state)
        if (state.phase === "idle") this.#keep(state)
      }
      state.enqueue(index, event)
    }
    pending.open = opened.length
    for (const opener of opened) this.#open(opener)
    if (opened.length === 0) queue.completeFromHead()
  }

  /** As it is known, or a new one, which is kept when a batch is found to require it. */
  #stateOf(stream: StreamName): StreamState {
    return this.#states.get(stream) ?? new StreamState(stream)
  }

  #keep(state: StreamState): void {
    if (!this.#idle.remove(state)) this.#states.set(state.name, state)
  }

  #open(state: StreamState): void {
    if (state.phase !== "idle" && state.phase !== "gap") return
    this.#schedule(state)
  }

  // --- dispatch

  #askForTurn(): void {
    if (this.#turnAsked) return
    this.#turnAsked = true
    // After the microtasks, so that a source that pumps on finds its batches handled together. It is no clock: the
    // order of ticks is fixed.
    // eslint-disable-next-line no-restricted-properties
    process.nextTick(() => this.#turn())
  }

  #turn(): void {
    this.#turnAsked = false
    this.#admittedSinceTurn = 0
    try {
      this.#dispatch()
    } catch (error) {
      this.#fail(error)
    }
  }

  #dispatch(): void {
    if (!this.#mayStart) return
    this.#tracer = registeredTracer()
    while (this.#inFlight < this.#options.maxConcurrentStreams && this.#mayStart) {
      if (this.#sweepAsked) this.#dropAborted()
      const state = this.#ready.pop()
      if (state === undefined) break
      if (state.isRequired) this.#call(state)
      else this.#abandon(state)
    }
    if (this.#options.requireCompleteStreams) this.#reportStalls()
  }

  get #mayStart(): boolean {
    return this.#failure === undefined && this.#openStarts > 0
  }

  /** Puts a stream that is not busy where it belongs. */
  #schedule(state: StreamState): void {
    // A sweep passes busy streams over, because the results of their calls still count.
    if (this.#hasAborted && state.isStale) state.dropAborted()
    if (!state.isRequired) return this.#abandon(state)
    if (this.#options.requireCompleteStreams && state.queue.first !== Math.max(state.write, 0)) {
      state.phase = "gap"
      return
    }
    state.phase = "ready"
    this.#ready.push(state)
  }

  /** No batch waits for the stream: what is left of it, if anything, is from a run that was stopped. */
  #abandon(state: StreamState): void {
    state.forgetEvents()
    state.phase = "idle"
    state.stalls = 0
    const forgotten = state.write < 0 ? state : this.#idle.add(state)
    if (forgotten !== undefined) this.#states.delete(forgotten.name)
  }

  #call(state: StreamState): void {
    const call = this.#freeCalls.pop() ?? this.#anotherCall()
    call.begin(state)
    state.phase = "busy"
    this.#inFlight++
    let answer: void | StreamResult | Promise<void | StreamResult>
    try {
      // The handler gets an array of its own: what it does to it must not change what is delivered again.
      answer = this.#invoke(state.name, call.events.slice())
    } catch (error) {
      return call.threw(error)
    }
    // A native promise is waited for itself.
    Promise.resolve(answer).then(call.returned, call.threw)
  }

  #anotherCall(): Call {
    const call = new Call({
      returned: (call, result) => this.#callReturned(call, result),
      threw: (call, error) => this.#callThrew(call, error),
    })
    this.#calls.push(call)
    return call
  }

  #invoke(stream: StreamName, events: ITimelineEvent[]): void | StreamResult | Promise<void | StreamResult> {
    const { handler, clock, attributes } = this.#options
    if (this.#tracer === undefined) return handler(stream, events)
    return traceHandler(this.#tracer, attributes(), handler, clock)(stream, events)
  }

  // --- results

  #callReturned(call: Call, result: void | StreamResult): void {
    if (this.#isOver) return
    const state = call.state as StreamState
    try {
      this.#apply(call, state, result)
    } catch (error) {
      state.phase = "failed"
      this.#fail(error)
    }
    this.#callEnded(call)
  }

  #apply(call: Call, state: StreamState, result: void | StreamResult): void {
    const { first, behind: end, events } = call
    const next = nextIndex(result, state.name, first, end)
    if (next > first || result?.kind === "OverrideNextIndex") state.advance(next)
    const left = Math.max(state.write, first)
    if (left < end) state.queue.putBack(left, left === first ? events : events.slice(left - first))
    this.#meetRequirements(state)
    if (next > first) {
      state.stalls = 0
      this.#schedule(state)
    } else this.#pause(state)
  }

  #meetRequirements(state: StreamState): void {
    for (let met = state.takeMet(); met !== undefined; met = state.takeMet())
      if (--met.open === 0) met.queue.completeFromHead()
  }

  /** A call that made no progress is retried later, behind every stream that is ready by then. */
  #pause(state: StreamState): void {
    state.phase = "pausing"
    this.#pausing++
    const ms = Math.min(firstPauseMs * 2 ** state.stalls++, longestPauseMs)
    void this.#options.clock.sleep(ms, this.#over.signal).then(() => {
      this.#pausing--
      if (this.#isOver) return
      state.ticket = ++this.#lastTicket
      this.#schedule(state)
      this.#askForTurn()
    })
  }

  #callThrew(call: Call, error: unknown): void {
    if (this.#isOver) return
    const state = call.state as StreamState
    state.phase = "failed"
    this.#fail(error)
    this.#callEnded(call)
  }

  #callEnded(call: Call): void {
    this.#inFlight--
    const waiting = call.end()
    this.#freeCalls.push(call)
    waiting?.forEach((ended) => ended())
    this.#askForTurn()
  }

  // --- stopping

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { error }
    for (const queue of this.#allQueues()) queue.rejectWaiters(error)
    for (const notify of [...this.#onFailure]) notify()
  }

  /** Waits for the calls that run now, at most as long as the drain limit. */
  async #drain(): Promise<void> {
    const ended: Promise<void>[] = []
    for (const call of this.#calls)
      if (call.state !== undefined) ended.push(new Promise((resolve) => (call.onEnded ??= []).push(resolve)))
    if (ended.length === 0) return
    const timer = new AbortController()
    const limit = this.#options.clock.sleep(this.#options.drainTimeoutMs, timer.signal)
    await Promise.race([Promise.all(ended), limit])
    timer.abort()
  }

  /** The start with this signal is over: what still runs for it completes none of its batches any more. */
  #close(signal: AbortSignal): void {
    for (const queue of this.#owned.get(signal)?.values() ?? []) queue.close(new Error("the sink has stopped"))
    this.#owned.delete(signal)
  }

  *#allQueues(): Iterable<BatchQueue> {
    for (const queues of this.#owned.values()) yield* queues.values()
    yield* this.#unowned.values()
  }

  #dropAborted(): void {
    this.#sweepAsked = false
    for (const state of this.#states.values()) {
      if (state.phase === "busy") continue
      state.dropAborted()
      if (state.phase === "gap" && !state.isRequired) this.#abandon(state)
    }
  }

  /** Tells of each full window, once, a stream that it waits for, when nothing is left to do. */
  #reportStalls(): void {
    if (this.#inFlight > 0 || this.#pausing > 0 || !this.#ready.isEmpty) return
    let stalled = 0
    for (const queue of this.#allQueues()) if (queue.isStalled) stalled++
    if (stalled === 0) return
    for (const state of this.#states.values()) {
      if (state.phase !== "gap") continue
      const before = stalled
      for (const queue of state.waitingQueues()) if (queue.reportStall()) stalled--
      if (stalled < before) this.#options.warn(this.#stallOf(state))
      if (stalled === 0) return
    }
  }

  #stallOf({ name, write, queue }: StreamState): string {
    return (
      `stream ${name} waits for event ${Math.max(write, 0)} and holds event ${queue.first}: ` +
      `with requireCompleteStreams nothing more is read, because the window of ${this.#options.maxReadAhead} batches is full`
    )
  }
}

function validIndexOf(stream: StreamName, event: ITimelineEvent): number {
  const index = Number(event.index)
  // Above that, a number cannot tell one index from the next.
  if (!(index >= 0 && index < Number.MAX_SAFE_INTEGER && Number.isInteger(index))) {
    const accepted = `a bigint from 0 to ${Number.MAX_SAFE_INTEGER - 1} is accepted`
    throw new Error(`an event of ${stream} has index ${String(event.index)}; ${accepted}`)
  }
  if (event.isUnfold) throw new Error(`item ${index} of ${stream} is an unfold; a source must yield events only`)
  return index
}
