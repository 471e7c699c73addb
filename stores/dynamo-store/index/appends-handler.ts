import { checkOptions, fn, has, optional } from "../../../engine/options.js"
import { systemWarn, type Warn } from "../../../engine/warning.js"
import * as v from "valibot"
import type { AppendSpan } from "./append-span.js"
import { spansOf, type StreamRecordsHandler } from "./stream-records.js"

export interface AppendsHandlerOptions {
  /** Partition of the index, decimal text. Default `"0"`, the one that published readers know. */
  readonly partition?: string
  /** Told of items that are none of a stream of events. Default: Node's warnings. */
  readonly warn?: Warn
}

/** What the handler needs of an indexer. */
export interface Indexing {
  ingest(partition: string, spans: readonly AppendSpan[]): Promise<unknown>
}

const entries = {
  partition: optional(v.pipe(v.string(`decimal text, as "0"`), v.regex(/^(0|[1-9][0-9]*)$/, `decimal text, as "0"`))),
  warn: optional(fn),
}

/**
 * The handler of the events table's stream: for a Lambda, with or without `ReportBatchItemFailures`, and for a StreamPump.
 * A failure is one of the whole batch, which the platform delivers again; what was indexed of it is recognised then.
 * @throws InvalidOptionError
 */
export function appendsHandler(indexer: Indexing, options: AppendsHandlerOptions = {}): StreamRecordsHandler {
  checkOptions("appendsHandler", { indexer: has("ingest") }, { indexer })
  checkOptions("appendsHandler", entries, options)
  const { partition = "0", warn = systemWarn } = options
  return async ({ Records }) => {
    const spans = spansOf(Records, warn)
    if (spans.length > 0) await indexer.ingest(partition, spans)
  }
}
