/*
 * States of streams: the fold of all events up to a version.
 *
 * A read goes from the newest entry of the Tip backward and stops at an origin: an event or unfold that says all that
 * the events before it say. From an origin the fold starts anew; without one it starts at the state that is held, and
 * takes in only events that this state does not have; without either at the stream's start. Entries stand in the order
 * of their indexes, an unfold after the event of the same index. Unfolds count only if an origin is among them: others
 * repeat what the events say. (The published package folds them over all events, so that the copy of an event that
 * LatestKnownEvent left counts twice for a Snapshot.)
 *
 * A Tip older than the state that is held is what a lagging replica answers, or a stream that was deleted and written
 * anew. A consistent read tells which.
 */
import type { Codec } from "./codec.js"
import type { DynamoStoreContext } from "./dynamo-store-context.js"
import { readTip } from "./items.js"
import { positionOf, type Position } from "./position.js"
import { toTimelineEvent, type StoredEvent } from "./stored-event.js"
import type { StoredItem } from "./stored-item.js"
import { StreamEvents } from "./stream-events.js"

export interface StreamState<State> {
  readonly state: State
  /** Undefined: no Tip was seen. */
  readonly position: Position | undefined
}

export interface StateReaderOptions<Event, State> {
  readonly context: DynamoStoreContext
  readonly codec: Codec<Event>
  readonly fold: (state: State, events: readonly Event[]) => State
  readonly initial: State
  /** Undefined: there are no origins, and unfolds are not looked at. */
  readonly isOrigin: ((event: Event) => boolean) | undefined
}

export class StateReader<Event, State> {
  readonly #options: StateReaderOptions<Event, State>

  constructor(options: StateReaderOptions<Event, State>) {
    this.#options = options
  }

  /** The state of a stream that nothing was read of. */
  get empty(): StreamState<State> {
    return { state: this.#options.initial, position: undefined }
  }

  async load(stream: string, consistent: boolean): Promise<StreamState<State>> {
    if (this.#options.isOrigin === undefined) return this.#loadWhole(stream, consistent)
    const tip = await readTip(this.#options.context, stream, consistent)
    return this.fromTip(stream, tip, undefined, consistent)
  }

  /** Brings a state that is held up to date. */
  async reload(stream: string, held: StreamState<State>, consistent: boolean): Promise<StreamState<State>> {
    if (held.position === undefined) return this.load(stream, consistent)
    const tip = await readTip(this.#options.context, stream, consistent)
    const isOlder = tip === undefined || tip.next < held.position.index
    if (isOlder && !consistent) return this.reload(stream, held, true)
    return this.fromTip(stream, tip, held, consistent)
  }

  async fromTip(
    stream: string,
    tip: StoredItem | undefined,
    held: StreamState<State> | undefined,
    consistent: boolean,
  ): Promise<StreamState<State>> {
    if (tip === undefined) return this.empty
    const known = held?.position
    if (known === undefined || tip.next < known.index) return this.#read(stream, tip, undefined, consistent)
    if (tip.etag !== undefined && tip.etag === known.etag) return held!
    return this.#read(stream, tip, held, consistent)
  }

  async #loadWhole(stream: string, consistent: boolean): Promise<StreamState<State>> {
    const scan = this.#scan(stream)
    let found: StoredItem | undefined
    for await (const { tip, events } of new StreamEvents(this.#options.context, stream, consistent).wholeBackward()) {
      found = tip
      for (const event of events) scan.take(event)
    }
    if (found === undefined) return this.empty
    return { state: this.#fold(this.#options.initial, scan.events()), position: positionOf(found) }
  }

  async #read(
    stream: string,
    tip: StoredItem,
    held: StreamState<State> | undefined,
    consistent: boolean,
  ): Promise<StreamState<State>> {
    const scan = this.#scan(stream)
    // Events between an older unfold and the Tip's first event are in a calf.
    const joining = tip.unfolds.filter(({ index }) => index >= tip.base - 1n)
    const unfolds = scan.hasOrigin(joining) ? joining : []
    const from = held?.position?.index ?? 0n
    await this.#scanBackward(scan, stream, { ...tip, unfolds }, from, consistent)
    const start = scan.foundOrigin || held === undefined ? this.#options.initial : held.state
    return { state: this.#fold(start, scan.events()), position: positionOf(tip) }
  }

  async #scanBackward(
    scan: OriginScan<Event>,
    stream: string,
    tip: StoredItem,
    from: bigint,
    consistent: boolean,
  ): Promise<void> {
    for (const entry of newestFirst(tip, from)) if (scan.take(entry)) return
    const events = new StreamEvents(this.#options.context, stream, consistent)
    for await (const page of events.backward(from, tip.base)) for (const event of page) if (scan.take(event)) return
  }

  #scan(stream: string): OriginScan<Event> {
    const { codec, isOrigin } = this.#options
    return new OriginScan((event) => codec.decode(toTimelineEvent(stream, event)), isOrigin)
  }

  #fold(state: State, events: readonly Event[]): State {
    return events.length === 0 ? state : this.#options.fold(state, events)
  }
}

/** With unfolds, one of them is an origin: then what was held does not matter, and all events after it do. */
function newestFirst({ events, unfolds }: StoredItem, from: bigint): StoredEvent[] {
  if (unfolds.length === 0) return events.filter(({ index }) => index >= from).reverse()
  return [...events, ...unfolds].sort(inOrder).reverse()
}

/** Stable: unfolds of one index keep their order. */
function inOrder(a: StoredEvent, b: StoredEvent): number {
  if (a.index !== b.index) return a.index < b.index ? -1 : 1
  return Number(a.isUnfold) - Number(b.isUnfold)
}

/** Decodes entries from the newest on until one is an origin. */
class OriginScan<Event> {
  readonly #decode: (event: StoredEvent) => Event | undefined
  readonly #isOrigin: ((event: Event) => boolean) | undefined
  readonly #newestFirst: Event[] = []
  foundOrigin = false

  constructor(decode: (event: StoredEvent) => Event | undefined, isOrigin: ((event: Event) => boolean) | undefined) {
    this.#decode = decode
    this.#isOrigin = isOrigin
  }

  hasOrigin(unfolds: readonly StoredEvent[]): boolean {
    if (this.#isOrigin === undefined) return false
    return unfolds.some((unfold) => {
      const decoded = this.#decode(unfold)
      return decoded !== undefined && this.#isOrigin!(decoded)
    })
  }

  /** Whether it was the origin, and nothing before it is needed. */
  take(event: StoredEvent): boolean {
    const decoded = this.#decode(event)
    if (decoded === undefined) return false
    this.#newestFirst.push(decoded)
    this.foundOrigin = this.#isOrigin?.(decoded) ?? false
    return this.foundOrigin
  }

  events(): Event[] {
    return this.#newestFirst.toReversed()
  }
}
