import type { Batch, Sink } from "../engine/batch.js"
import type { ICheckpoints } from "../engine/checkpoints.js"
import { StreamName } from "../engine/stream-name.js"
import type { ItemRef } from "../sim/trace.js"
import type { DynamoClient } from "../stores/dynamo-store/dynamo-client.js"
import { dynamoStoreFailureClass } from "../stores/dynamo-store/failure-class.js"
import { EpochPosition } from "../stores/dynamo-store/index/epoch-position.js"
import { decodeItem } from "../stores/dynamo-store/stored-item.js"
import { bodyDigest } from "./body-digest.js"
import type { ConsumerTrace, ReadPage } from "./consumer-trace.js"
import type { Item } from "./dynamo-store-backend.js"
import { epochItem, type EpochItem, epochKey, isSystemStream, textOf } from "./epoch-entries.js"
import { observeSink } from "./observe-sink.js"
import { event as named } from "./wording.js"

/** A client whose answers tell the trace what the consumer could read. Nothing is changed, and nothing else is asked. */
export function observeDynamoDb(client: DynamoClient, reads: IndexReads): DynamoClient {
  return {
    getItem: async (input) => {
      const output = await client.getItem(input).catch((error: unknown) => reads.failed(error))
      reads.answered(input.Key?.["p"]?.S, output.Item === undefined ? [] : [output.Item], true)
      return output
    },
    query: async (input) => {
      const output = await client.query(input).catch((error: unknown) => reads.failed(error))
      const { Items: items = [] } = output
      reads.answered(items[0]?.["p"]?.S, items, false)
      return output
    },
    putItem: (input) => client.putItem(input),
    updateItem: (input) => client.updateItem(input),
    transactWriteItems: (input) => client.transactWriteItems(input),
  }
}

/** A sink whose batches are pages of the consumer, as well as what `observeSink` makes of them. */
export function observeReadingSink(sink: Sink, trace: ConsumerTrace, reads: IndexReads): Sink {
  const observed = observeSink(sink, trace)
  return {
    start: (signal, onFailure) => observed.start(signal, onFailure),
    addTracingAttrs: (attrs) => observed.addTracingAttrs(attrs),
    pump: (batch, signal) => {
      reads.page(batch)
      const room = observed.pump(batch, signal)
      // What follows it is read when there is room.
      if (room !== undefined) return room.then(() => reads.pageTaken())
      reads.pageTaken()
      return undefined
    },
  }
}

/** An entry of the index as it concerns a consumer. */
interface Entry {
  readonly matters: boolean
  readonly closes: boolean
}

/*
 * The pages that a consumer reads, from what the table answered it.
 *
 * A page with events is one that reaches the sink; its events' bodies are those that the events table answered. A page
 * without events reaches nobody, but it moves the position: it is there when all that is known from the position on is
 * of no concern to the consumer, up to the end of an item, as items are read one by one, or to where the knowledge ends.
 * Knowledge is of entries without a gap; it may be older than the position, when a replica lags, and then it says nothing.
 */
export class IndexReads {
  readonly #trace: ConsumerTrace
  readonly #tranche: string
  readonly #categories: ReadonlySet<string>
  readonly #bodies = new Map<string, string>()
  readonly #entries = new Map<bigint, Entry>()
  /** Positions behind the last entry of an item. */
  readonly #itemEnds = new Set<bigint>()
  #begun = false

  constructor(trace: ConsumerTrace, tranche: string, categories: readonly string[]) {
    this.#trace = trace
    this.#tranche = tranche
    this.#categories = new Set(categories)
  }

  /** What is read before the position is known, e.g. where the tail is, is in no page. */
  begunBy(checkpoints: ICheckpoints): ICheckpoints {
    return {
      load: async (...key) => {
        const position = await checkpoints.load(...key)
        this.#begun = true
        return position
      },
      commit: (...position) => checkpoints.commit(...position),
    }
  }

  /** Items of one stream, as a read of its Tip or of several of its items answered them. */
  answered(stream: string | undefined, items: readonly Item[], isTipRead: boolean): void {
    if (stream === undefined || !this.#begun) return
    const key = epochKey(stream)
    if (key?.partition === this.#tranche) {
      const epoch = items.map(epochItem).filter((item) => item !== undefined)
      for (const item of epoch) this.#learn(item)
      const absent = isTipRead && items.length === 0 ? { epoch: key.epoch, next: 0 } : undefined
      this.#passOver(epoch.find(({ isTip }) => isTip) ?? absent)
    } else if (!isSystemStream(stream)) for (const item of items) this.#learnBodies(item)
  }

  /** @throws the error */
  failed(error: unknown): never {
    this.#trace.readFailed(this.#tranche, "page", error, dynamoStoreFailureClass(error))
    throw error
  }

  /** A batch that reaches the sink. */
  page({ items, checkpoint, isTail }: Batch): void {
    const refs = items.map(([stream, { index }]) => this.#ref(stream, Number(index)))
    const from = this.#trace.positionOf(this.#tranche) ?? 0n
    this.#read({ from, checkpoint, isTail, items: refs })
  }

  /** The rest of what was read may be of no concern. */
  pageTaken(): void {
    this.#passOver(undefined)
  }

  #learn(item: EpochItem): void {
    const from = this.#trace.positionOf(this.#tranche) ?? 0n
    const { epoch, offset } = EpochPosition.parse(from)
    if (item.epoch < epoch) return
    for (const { position, events, closes } of item.entriesFrom(item.epoch === epoch ? offset : 0)) {
      const matters = events.some(({ stream }) => this.#categories.has(StreamName.category(stream)))
      this.#entries.set(position, { matters, closes })
    }
    this.#itemEnds.add(EpochPosition.of(item.epoch, item.next))
  }

  /** @param end the end of an epoch that was just seen. */
  #passOver(end: { readonly epoch: number; readonly next: number } | undefined): void {
    let from = this.#trace.positionOf(this.#tranche) ?? 0n
    let position = from
    for (let entry = this.#entries.get(position); entry !== undefined; entry = this.#entries.get(position)) {
      if (position > from && this.#itemEnds.has(position)) {
        this.#read({ from, checkpoint: position, isTail: false, items: [] })
        from = position
      }
      if (entry.matters) return
      position = entry.closes ? EpochPosition.closed(EpochPosition.parse(position).epoch) : position + 1n
    }
    const { epoch, offset } = EpochPosition.parse(position)
    const isTail = end?.epoch === epoch && end.next <= offset
    if (position > from || isTail) this.#read({ from, checkpoint: position, isTail, items: [] })
  }

  #read(page: ReadPage): void {
    for (const known of [this.#entries, this.#itemEnds])
      for (const position of known.keys()) if (position < page.checkpoint) known.delete(position)
    this.#trace.pageRead(this.#tranche, page)
  }

  #learnBodies(item: Item): void {
    const { stream, events } = decodeItem(item)
    for (const event of events) {
      const ref = named({ stream, index: Number(event.index) })
      if (!this.#bodies.has(ref)) this.#bodies.set(ref, bodyDigest(event.type, textOf(event)))
    }
  }

  #ref(stream: string, index: number): ItemRef {
    const name = named({ stream, index })
    const body = this.#bodies.get(name)
    this.#bodies.delete(name)
    return { stream, index, ...(body !== undefined && { body }) }
  }
}
