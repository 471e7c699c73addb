/*
 * One category of streams: how its events are encoded and folded, and how its streams are read and written.
 *
 * The state that a load answers is the fold of all events of the stream up to the version answered beside it, whatever
 * the strategy, whatever is cached, however old the replica that answered.
 */
import { checkOptions, fn, has, optional } from "../../engine/options.js"
import { StreamName } from "../../engine/stream-name.js"
import * as v from "valibot"
import type { AccessStrategy } from "./access-strategy.js"
import type { Codec } from "./codec.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { freeze } from "./freeze.js"
import type { LoadOption } from "./load-option.js"
import type { Cache } from "./memory-cache.js"
import { streamEventBytes } from "./position.js"
import { StateReader, type StreamState } from "./state-reader.js"
import type { StoredItem } from "./stored-item.js"
import { sync } from "./sync.js"
import { entriesToWrite, originOf } from "./strategy-write.js"

export interface DynamoStoreCategoryOptions<Event, State> {
  readonly context: DynamoStoreContext
  /** Not empty, without `-`. */
  readonly name: string
  readonly codec: Codec<Event>
  /** The state after the events. It must not change the state that it is given. */
  readonly fold: (state: State, events: readonly Event[]) => State
  /** The state of a stream without events; frozen. */
  readonly initial: State
  readonly access: AccessStrategy<Event, State>
  /**
   * Where states are kept between calls. Default: nowhere. States put there are frozen as deep as plain objects and
   * arrays go, since all callers get the same one; a `Map`, a `Set` or an instance of a class in a state is not frozen,
   * and who changes one changes it for all.
   */
  readonly cache?: Cache
}

/** A stream's state and where it was read. */
export interface Loaded<State> extends StreamState<State> {
  readonly version: bigint
  readonly streamEventBytes: number
}

export type SyncOutcome<State> =
  | { readonly type: "written" }
  /** Somebody else was faster; `resync` brings the newest state. */
  | { readonly type: "conflict"; readonly resync: () => Promise<Loaded<State>> }

const entries = {
  context: v.custom<DynamoStoreContext>((x) => x instanceof DynamoStoreContext, "a DynamoStoreContext"),
  name: v.custom<string>((x) => typeof x === "string" && /^[^-]+$/.test(x), `a non-empty string without "-"`),
  codec: has("encode", "decode"),
  fold: fn,
  access: v.custom<object>((x) => typeof x === "object" && x !== null && "type" in x, "an AccessStrategy"),
  cache: optional(has("readThrough", "put")),
}

export class DynamoStoreCategory<Event, State> {
  /** @throws InvalidOptionError */
  static create<Event, State>(options: DynamoStoreCategoryOptions<Event, State>): DynamoStoreCategory<Event, State> {
    checkOptions("DynamoStoreCategory.create", entries, options)
    return new DynamoStoreCategory(options)
  }

  readonly name: string
  readonly #options: DynamoStoreCategoryOptions<Event, State>
  readonly #reader: StateReader<Event, State>

  private constructor(options: DynamoStoreCategoryOptions<Event, State>) {
    const { context, codec, fold, initial, access } = options
    freeze(initial)
    this.name = options.name
    this.#options = options
    this.#reader = new StateReader({ context, codec, fold, initial, isOrigin: originOf(access) })
  }

  /** @throws InvalidOptionError when the id is empty. */
  streamName(streamId: string): string {
    return StreamName.create(this.name, streamId)
  }

  /** @throws MissingEventsError, TooManyRequestsError, UnreadableItemError, and what the client throws. */
  async load(stream: string, option: LoadOption): Promise<Loaded<State>> {
    const { cache } = this.#options
    if (option.type === "AssumeEmpty") return loaded(this.#reader.empty)
    const consistent = option.type === "RequireLeader"
    if (cache === undefined) return loaded(await this.#reader.load(stream, consistent))
    return cache.readThrough<Loaded<State>>(this.#key(stream), maxStaleMs(option), async (held) => {
      if (held === undefined) return frozen(await this.#reader.load(stream, consistent))
      return frozen(await this.#reader.reload(stream, held, consistent))
    })
  }

  /** Stores events that were decided on `before`. `attempt` counts from 1; pauses grow with it. */
  async sync(
    stream: string,
    before: Loaded<State>,
    events: readonly Event[],
    attempt = 1,
  ): Promise<SyncOutcome<State>> {
    const { context, codec, fold, access } = this.#options
    const state = fold(before.state, events)
    const startedAt = context.clock.now()
    const entries = entriesToWrite(access, codec, events, state)
    const result = await sync(context, stream, before.position, entries, () => pause(context, attempt))
    if (result.type === "written") {
      this.#keep(stream, startedAt, loaded({ state, position: result.position }))
      return { type: "written" }
    }
    return { type: "conflict", resync: () => this.#resync(stream, before, result.tip) }
  }

  async #resync(stream: string, before: Loaded<State>, tip: StoredItem | undefined): Promise<Loaded<State>> {
    const startedAt = this.#options.context.clock.now()
    const newest = loaded(await this.#reader.fromTip(stream, tip, before, true))
    this.#keep(stream, startedAt, newest)
    return newest
  }

  #keep(stream: string, at: number, value: Loaded<State>): void {
    this.#options.cache?.put(this.#key(stream), at, frozen(value))
  }

  #key(stream: string): string {
    return `${this.#options.context.tableName}/${stream}`
  }
}

function loaded<State>({ state, position }: StreamState<State>): Loaded<State> {
  return { state, position, version: position?.index ?? 0n, streamEventBytes: streamEventBytes(position) }
}

function frozen<State>(value: StreamState<State>): Loaded<State> {
  freeze(value.state)
  return loaded(value)
}

function maxStaleMs(option: Exclude<LoadOption, { type: "AssumeEmpty" }>): number {
  switch (option.type) {
    case "RequireLoad":
    case "RequireLeader":
      return 0
    case "AnyCachedValue":
      return Infinity
    case "MaxStale":
      return option.maxStaleMs
  }
}

const firstPauseMs = 10
const longestPauseMs = 500

/** Somewhere up to 10 ms after the first conflict, 20 ms after the second, and so on: writers that met part. */
function pause({ clock, random }: DynamoStoreContext, attempt: number): Promise<void> {
  return clock.sleep(random.next() * Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)))
}
