import type { DynamoDB } from "@aws-sdk/client-dynamodb"

/*
 * One small domain, written on the published packages and on ours, so that a history can be told once and played on
 * both, or on the two of them in turn on one table.
 */

export type CounterEvent =
  | { readonly type: "Added"; readonly data: { readonly by: number } }
  | { readonly type: "Total"; readonly data: { readonly total: number; readonly padding?: string } }

/** Adding is not idempotent: whoever sees an event twice has the wrong total. */
export const fold = (total: number, events: readonly CounterEvent[]): number =>
  events.reduce((sum, event) => (event.type === "Added" ? sum + event.data.by : event.data.total), total)

export const isOrigin = (event: CounterEvent): boolean => event.type === "Total"
export const toSnapshot = (total: number, padding?: string): CounterEvent => ({
  type: "Total",
  data: { total, ...(padding !== undefined && { padding }) },
})

export interface TableOptions {
  readonly ddb: DynamoDB
  readonly tableName: string
  readonly tip?: { readonly maxEvents?: number; readonly maxBytes?: number; readonly maxEventBytes?: number }
  readonly query?: { readonly maxItems?: number; readonly maxRequests?: number; readonly ignoreMissing?: boolean }
}

export interface CounterOptions extends TableOptions {
  readonly id: string
  readonly access: "Unoptimized" | "LatestKnownEvent" | "Snapshot" | "MultiSnapshot" | "RollingState"
  /** Of the maker's own kind: {@link Maker.cache}. */
  readonly cache?: unknown
  /** Makes the snapshot larger. */
  readonly padding?: string
}

export interface Counter {
  /** Adds to what is there; `during` runs between the decision and the write, where other writers come in. */
  add(by: number, during?: () => Promise<unknown>): Promise<void>
  /** Adds what `decide` answers; it is asked again after a conflict. */
  decide(decide: (total: number) => Promise<number>): Promise<void>
  total(load?: "latest" | "any cached"): Promise<number>
  version(): Promise<number>
}

/** Who made the store: the published packages or this one. */
export interface Maker {
  cache(): unknown
  /** The limit of event bytes that a Tip gets when only its limit of bytes is given. */
  maxEventBytes(maxBytes: number): number
  /** What is stored of data that is falsy, and what is read back. */
  throughCodec(data: unknown): unknown
  /** The category of a stream's name that somebody typed. */
  categoryOf(streamName: string): string
  counter(options: CounterOptions): Counter
  /** Indexes of the events from `from` up to, and not with, `to`; at most `count`. */
  read(options: TableOptions, stream: string, range: { from?: number; to?: number; count?: number }): Promise<number[]>
  indexer(options: TableOptions, limits?: IndexerLimits): Indexer
}

export interface IndexerLimits {
  readonly maxBytes?: number
  readonly maxVersion?: number
  readonly maxStreams?: number
}

/** As on the wire: stream, index of the first event, types. */
export interface WireSpan {
  readonly p: string
  readonly i: number
  readonly c: readonly string[]
}

export interface Indexer {
  /** Adds spans to partition 0. */
  ingest(spans: readonly WireSpan[]): Promise<void>
  /** The epoch that the index names as the active one. */
  activeEpoch(): Promise<number>
  partitions(): Promise<readonly string[]>
  /** All spans of an epoch, in order, and whether it is closed. */
  epoch(
    epoch: number,
  ): Promise<{ readonly spans: readonly WireSpan[]; readonly closed: boolean; readonly version: number }>
}
