/*
 * Decisions on one stream.
 *
 * A decision is made on a state and stored only if that state is still the stream's newest. If not, it is made again on
 * the newest state, a few times. `decide` may therefore be called more than once, and must do nothing but decide.
 */
import { InvalidOptionError } from "../../engine/options.js"
import type { DynamoStoreCategory, Loaded } from "./category.js"
import { LoadOption } from "./load-option.js"
import { MaxResyncsExhaustedError } from "./max-resyncs-exhausted-error.js"

/** What a decision is made on. */
export interface DecisionContext<State> {
  readonly state: State
  /** How many events the stream has. */
  readonly version: bigint
  /** Estimated bytes of all events of the stream, without unfolds; 0 for a stream that does not exist. */
  readonly streamEventBytes: number
}

export interface Decision<Event, Result> {
  readonly result: Result
  /** None: nothing is written. */
  readonly events: readonly Event[]
}

type MaybePromise<T> = T | Promise<T>

export class Decider<Event, State> {
  /** @throws InvalidOptionError when the id is empty. */
  static forStream<Event, State>(category: DynamoStoreCategory<Event, State>, streamId: string): Decider<Event, State> {
    return new Decider(category, category.streamName(streamId))
  }

  readonly #category: DynamoStoreCategory<Event, State>
  readonly #stream: string

  private constructor(category: DynamoStoreCategory<Event, State>, stream: string) {
    this.#category = category
    this.#stream = stream
  }

  async query<Result>(project: (state: State) => Result, load: LoadOption = LoadOption.RequireLoad): Promise<Result> {
    return this.queryEx(({ state }) => project(state), load)
  }

  async queryEx<Result>(
    project: (context: DecisionContext<State>) => Result,
    load: LoadOption = LoadOption.RequireLoad,
  ): Promise<Result> {
    return project(await this.#category.load(this.#stream, load))
  }

  /**
   * Stores the events that `decide` answers.
   * @param attempts how often `decide` may be called, at least 1. Default 3.
   * @throws MaxResyncsExhaustedError when others wrote to the stream before each attempt.
   */
  async transact(
    decide: (state: State) => MaybePromise<readonly Event[]>,
    load: LoadOption = LoadOption.RequireLoad,
    attempts = 3,
  ): Promise<void> {
    await this.transactEx(async ({ state }) => ({ result: undefined, events: await decide(state) }), load, attempts)
  }

  /** As `transact`, with a result beside the events. */
  async transactResult<Result>(
    decide: (state: State) => MaybePromise<Decision<Event, Result>>,
    load: LoadOption = LoadOption.RequireLoad,
    attempts = 3,
  ): Promise<Result> {
    return this.transactEx(({ state }) => decide(state), load, attempts)
  }

  /** As `transactResult`, with the stream's version and size beside its state. */
  async transactEx<Result>(
    decide: (context: DecisionContext<State>) => MaybePromise<Decision<Event, Result>>,
    load: LoadOption = LoadOption.RequireLoad,
    attempts = 3,
  ): Promise<Result> {
    if (!Number.isSafeInteger(attempts) || attempts < 1)
      throw new InvalidOptionError("Decider.transact", "attempts", attempts, "an integer of at least 1")
    let loaded: Loaded<State> = await this.#category.load(this.#stream, load)
    for (let attempt = 1; ; attempt++) {
      const { result, events } = await decide(loaded)
      if (events.length === 0) return result
      const outcome = await this.#category.sync(this.#stream, loaded, events, attempt)
      if (outcome.type === "written") return result
      if (attempt === attempts) throw new MaxResyncsExhaustedError(this.#stream, attempts)
      loaded = await outcome.resync()
    }
  }
}
