import { StreamName } from "../engine/stream-name.js"
import type { DynamoStoreCategory } from "../stores/dynamo-store/category.js"
import type { DynamoStoreContext } from "../stores/dynamo-store/dynamo-store-context.js"
import { isTransientFailure } from "../stores/dynamo-store/failure-class.js"
import type { DynamoStoreParts } from "./dynamo-store-parts.js"
import type { DynamoStoreRun } from "./dynamo-store-run.js"
import { isSnapshot, note, type Noted, type NotedEvent, notedEvents, nothingNoted, snapshotOf } from "./noted-events.js"

const retryMs = 5
const mostAttempts = 1_000
const resyncs = 5

/** How one process writes and reads the streams of a scenario. */
export class DynamoStoreAccess {
  readonly #parts: DynamoStoreParts
  readonly #run: DynamoStoreRun
  readonly #context: DynamoStoreContext
  readonly #categories = new Map<string, DynamoStoreCategory<NotedEvent, Noted>>()

  constructor(parts: DynamoStoreParts, run: DynamoStoreRun, context: DynamoStoreContext) {
    this.#parts = parts
    this.#run = run
    this.#context = context
  }

  /**
   * Appends one event for each id, all at once. Inside one decision the store has to see to it that nothing is written
   * twice. What became of one that ended without an answer is for the next one to find out.
   */
  async append(stream: StreamName, ids: readonly string[]): Promise<void> {
    const decider = this.#decider(stream)
    const { AnyCachedValue, RequireLoad } = this.#parts.LoadOption
    const load = this.#run.cache === "trusted" ? AnyCachedValue : RequireLoad
    for (let attempt = 1; ; attempt++) {
      try {
        const decide = (state: Noted) => (attempt > 1 && isThere(ids, state) ? [] : eventsOf(ids, state))
        await decider.transact(decide, load, resyncs)
        return
      } catch (error) {
        if (!mayPass(error) || attempt === mostAttempts) throw error
        await this.#context.clock.sleep(retryMs)
      }
    }
  }

  async version(stream: StreamName): Promise<bigint> {
    return this.#decider(stream).queryEx(({ version }) => version, this.#parts.LoadOption.RequireLeader)
  }

  #decider(stream: StreamName) {
    const name = StreamName.category(stream)
    const category = this.#categories.get(name) ?? this.#newCategory(name)
    this.#categories.set(name, category)
    return this.#parts.Decider.forStream(category, StreamName.id(stream)!)
  }

  #newCategory(name: string): DynamoStoreCategory<NotedEvent, Noted> {
    const { AccessStrategy, DynamoStoreCategory, MemoryCache } = this.#parts
    const { snapshots, cache } = this.#run
    return DynamoStoreCategory.create<NotedEvent, Noted>({
      context: this.#context,
      name,
      codec: notedEvents,
      fold: note,
      initial: nothingNoted,
      access: snapshots ? AccessStrategy.Snapshot(isSnapshot, snapshotOf) : AccessStrategy.Unoptimized(),
      ...(cache !== "none" && { cache: new MemoryCache({ clock: this.#context.clock }) }),
    })
  }
}

/** The events are written all at once, so the first tells of all. */
const isThere = (ids: readonly string[], state: Noted): boolean => state.ids.includes(ids[0]!)

const eventsOf = (ids: readonly string[], state: Noted): NotedEvent[] =>
  ids.map((id, n) => ({ type: "Happened", id, index: BigInt(state.ids.length + n) }))

/** Others were faster, or the service or the way to it failed: all of that ends. */
const mayPass = (error: unknown): boolean =>
  isTransientFailure(error) || (error as Error).name === "MaxResyncsExhaustedError"
