import type { DynamoStoreContext } from "./dynamo-store-context.js"
import { EventsContext } from "./events-context.js"
import type { AppendSpan } from "./index/append-span.js"
import { encodeEpochEvent, epochStream, type EpochEvent } from "./index/appends-epoch.js"
import { encodeIndexEvent, indexStream } from "./index/appends-index.js"
import type { NewEvent } from "./new-event.js"

/** For tests: writes an index entry by entry, also one that no indexer of ours would write. */
export class IndexAuthor {
  readonly #events: EventsContext

  constructor(context: DynamoStoreContext) {
    this.#events = new EventsContext(context)
  }

  /** One entry, of spans like `Cart-1@3 Paid Shipped`. */
  ingest(epoch: number, spans: readonly (string | AppendSpan)[], partition = "0"): Promise<void> {
    const add = spans.map((span) => (typeof span === "string" ? parseSpan(span) : span))
    return this.#write(epoch, { type: "Ingested", add, app: [] }, partition)
  }

  close(epoch: number, partition = "0"): Promise<void> {
    return this.#write(epoch, { type: "Closed" }, partition)
  }

  /** Records that a partition has begun an epoch. */
  mark(epoch: number, partition = "0"): Promise<void> {
    return this.#append(indexStream, encodeIndexEvent({ type: "Started", partition, epoch }))
  }

  #write(epoch: number, event: EpochEvent, partition: string): Promise<void> {
    return this.#append(epochStream(partition, epoch), encodeEpochEvent(event))
  }

  async #append(stream: string, event: NewEvent): Promise<void> {
    const position = await this.#events.position(stream, { consistent: true })
    const outcome = await this.#events.sync(stream, position, [event])
    if (outcome.type === "conflict") throw new Error(`the test itself writes to ${stream} concurrently`)
  }
}

function parseSpan(text: string): AppendSpan {
  const [, stream, index, types] = /^(.*)@(\d+) (.*)$/.exec(text)!
  return { stream: stream!, index: Number(index), types: types!.split(" ") }
}
