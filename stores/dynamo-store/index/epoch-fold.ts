/*
 * What an indexer knows of one epoch: how far each stream is indexed in it.
 *
 * It reflects exactly the first `version` events of the epoch's stream, so it may be behind the table but never wrong.
 * `position` is what the next write is conditioned on; undefined when the stream does not exist as far as is known.
 */
import type { DynamoStoreContext } from "../dynamo-store-context.js"
import { EventsContext } from "../events-context.js"
import { streamEventBytes, type Position } from "../position.js"
import { endOf } from "./append-span.js"
import { decodeEpochEvent, type EncodedEvent, type EpochEvent, epochStream } from "./appends-epoch.js"
import { eventsFrom, walkCalves } from "./epoch-reader.js"

export class EpochFold {
  readonly epoch: number
  readonly stream: string
  readonly #context: DynamoStoreContext
  readonly #next = new Map<string, number>()
  #version = 0
  #isClosed = false
  #position: Position | undefined

  constructor(context: DynamoStoreContext, partition: string, epoch: number) {
    this.#context = context
    this.epoch = epoch
    this.stream = epochStream(partition, epoch)
  }

  get version(): number {
    return this.#version
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get position(): Position | undefined {
    return this.#position
  }

  get bytes(): number {
    return streamEventBytes(this.#position)
  }

  /** How many streams have events in this epoch. */
  get streams(): number {
    return this.#next.size
  }

  /** Index after the last event of a stream in this epoch; undefined where it has none. */
  readonly nextOf = (stream: string): number | undefined => this.#next.get(stream)

  /** Takes in everything that was written before the call. */
  async refresh(): Promise<void> {
    await this.catchUp(await new EventsContext(this.#context).position(this.stream, { consistent: true }))
  }

  /** Takes in what there is up to a Tip that was read consistently. */
  async catchUp(tip: Position | undefined): Promise<void> {
    // Somebody deleted the stream, or put an older copy of the table in place.
    if (this.#version > Number(tip?.index ?? 0n)) this.#forget()
    if (tip !== undefined) {
      const base = Number(tip.index) - tip.events.length
      for await (const calved of walkCalves(this.#context, this.stream, this.#version, base, true)) this.#fold(calved)
      this.#fold(eventsFrom(this.stream, tip, this.#version))
      this.#version = Number(tip.index)
    }
    this.#position = tip
  }

  /** Takes in what was just written. */
  written(events: readonly EpochEvent[], position: Position): void {
    for (const event of events) this.#evolve(event)
    this.#version = Number(position.index)
    this.#position = position
  }

  #fold(events: readonly EncodedEvent[]): void {
    for (const event of events) {
      const decoded = decodeEpochEvent(this.stream, event)
      if (decoded !== undefined) this.#evolve(decoded)
      this.#version = Number(event.index) + 1
    }
  }

  #evolve(event: EpochEvent): void {
    if (event.type === "Closed") {
      this.#isClosed = true
      return
    }
    for (const span of [...event.add, ...event.app])
      this.#next.set(span.stream, Math.max(endOf(span), this.#next.get(span.stream) ?? 0))
  }

  #forget(): void {
    this.#next.clear()
    this.#version = 0
    this.#isClosed = false
  }
}
