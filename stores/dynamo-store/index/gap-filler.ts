/*
 * Reads from the events table what the records of its stream did not tell: records that were lost, or overtaken, or
 * older than the stream.
 */
import { DynamoStoreContext } from "../dynamo-store-context.js"
import { StreamEvents } from "../stream-events.js"
import type { AppendSpan } from "./append-span.js"
import type { Gap } from "./gap.js"

/** Gaps that are read at the same time. */
const parallel = 8

export class GapFiller {
  readonly #context: DynamoStoreContext

  constructor(eventsContext: DynamoStoreContext) {
    const { maxItems } = eventsContext.query
    const query = { maxItems, ignoreMissing: true }
    const { client, tableName, archiveTableName, tip, clock, random } = eventsContext
    const archive = archiveTableName === undefined ? {} : { archiveTableName }
    // What is missing is for the caller to tell.
    const options = { client, tableName, ...archive, tip, query, clock, random, warn: () => undefined }
    this.#context = DynamoStoreContext.create(options)
  }

  /** The missing events, types only, as far as the table has them. */
  async read(gaps: readonly Gap[]): Promise<AppendSpan[]> {
    const spans: AppendSpan[] = []
    for (let at = 0; at < gaps.length; at += parallel)
      spans.push(...(await Promise.all(gaps.slice(at, at + parallel).map((gap) => this.#read(gap)))).flat())
    return spans
  }

  async #read({ stream, expected, found }: Gap): Promise<AppendSpan[]> {
    const spans: AppendSpan[] = []
    const events = new StreamEvents(this.#context, stream, true)
    for await (const some of events.forward(BigInt(expected), BigInt(found)))
      for (const { index, type } of some) spans.push({ stream, index: Number(index), types: [type] })
    return spans
  }
}
