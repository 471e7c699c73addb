/* Reads and continues `$AppendsIndex-0`. Who loses a race looks whether there is still something to say. */
import type { DynamoStoreContext } from "../dynamo-store-context.js"
import { EventsContext } from "../events-context.js"
import type { Position } from "../position.js"
import { toTimelineEvent } from "../stored-event.js"
import {
  type ActiveEpochs,
  decodeIndexEvent,
  encodeIndexEvent,
  foldIndex,
  type IndexEvent,
  indexStream,
} from "./appends-index.js"
import { Conflicts } from "./conflicts.js"

interface IndexState {
  readonly active: ActiveEpochs
  readonly position: Position | undefined
}

export class IndexStream {
  readonly #context: DynamoStoreContext
  readonly #events: EventsContext

  constructor(context: DynamoStoreContext) {
    this.#context = context
    this.#events = new EventsContext(context)
  }

  /** Everything that was recorded before the call. @throws IndexFormatError */
  async read(): Promise<IndexState> {
    return this.#stateAt(await this.#events.position(indexStream, { consistent: true }))
  }

  /**
   * Records that an epoch has begun, unless that, or a later one, is recorded.
   * @throws MaxResyncsExhaustedError
   */
  async mark(partition: string, epoch: number): Promise<void> {
    const conflicts = new Conflicts(indexStream, this.#context)
    let state = await this.read()
    while ((state.active.get(partition) ?? -1) < epoch) {
      const started: IndexEvent = { type: "Started", partition, epoch }
      const snapshotted: IndexEvent = { type: "Snapshotted", active: foldIndex(state.active, [started]) }
      const [event, unfold] = [encodeIndexEvent(started), encodeIndexEvent(snapshotted)]
      const outcome = await this.#events.sync(indexStream, state.position, [event], [unfold])
      if (outcome.type === "written") return
      await conflicts.pause()
      state = await this.#stateAt(outcome.position)
    }
  }

  /** From the snapshot and the Tip's events; where there is no snapshot, from the calves too. */
  async #stateAt(position: Position | undefined): Promise<IndexState> {
    if (position === undefined) return { active: new Map(), position }
    const stored = [...position.unfolds, ...position.events].map((event) => toTimelineEvent(indexStream, event))
    const known = stored.map(decodeIndexEvent).filter((event) => event !== undefined)
    const active = foldIndex(new Map(), known)
    if (known.some(({ type }) => type === "Snapshotted")) return { active, position }
    const base = position.index - BigInt(position.events.length)
    const calved = base === 0n ? [] : await this.#events.read(indexStream, 0n, { before: base, consistent: true })
    return {
      active: foldIndex(
        active,
        calved.map(decodeIndexEvent).filter((event) => event !== undefined),
      ),
      position,
    }
  }
}
