/*
 * Reads from the events table what the records of its stream did not tell: records that were lost, or overtaken, or
 * older than the stream. What is no longer in the table either is left out with a warning: nothing can be delivered of it.
 */
import type { Warn } from "../../../engine/warning.js"
import { DynamoStoreContext } from "../dynamo-store-context.js"
import { StreamEvents } from "../stream-events.js"
import type { AppendSpan } from "./append-span.js"
import type { Gap } from "./gap.js"

/** Gaps that are read at the same time. */
const parallel = 8

export class GapFiller {
  readonly #context: DynamoStoreContext
  readonly #warn: Warn

  constructor(eventsContext: DynamoStoreContext, warn: Warn) {
    const { maxItems } = eventsContext.query
    const query = { maxItems, ignoreMissing: true }
    const { client, tableName, archiveTableName, tip, clock, random } = eventsContext
    const archive = archiveTableName === undefined ? {} : { archiveTableName }
    // The warning about what is missing is this one's, not the reader's.
    const options = { client, tableName, ...archive, tip, query, clock, random, warn: () => undefined }
    this.#context = DynamoStoreContext.create(options)
    this.#warn = warn
  }

  /** The missing events, as far as the table has them. */
  async read(gaps: readonly Gap[]): Promise<AppendSpan[]> {
    const spans: AppendSpan[] = []
    for (let at = 0; at < gaps.length; at += parallel)
      spans.push(...(await Promise.all(gaps.slice(at, at + parallel).map((gap) => this.#read(gap)))).flat())
    return spans
  }

  async #read({ stream, expected, found }: Gap): Promise<AppendSpan[]> {
    const spans: AppendSpan[] = []
    let count = 0
    for await (const events of new StreamEvents(this.#context, stream, true).forward(BigInt(expected), BigInt(found)))
      for (const { index, type } of events) {
        spans.push({ stream, index: Number(index), types: [type] })
        count++
      }
    if (count < found - expected)
      this.#warn(
        `stream "${stream}": ${found - expected - count} of the events ${expected} to ${found - 1} are neither in the ` +
          `index nor in table "${this.#context.tableName}"; the index goes on without them`,
      )
    return spans
  }
}
