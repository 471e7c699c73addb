import * as v from "valibot"

/** Consecutive events of one stream of the events table: which ones, and their types. */
export interface AppendSpan {
  /** Full name, `{category}-{id}`. */
  readonly stream: string
  /** Index of the first event. */
  readonly index: number
  /** Type of each event, in order. */
  readonly types: readonly string[]
}

/** Index after the last event. */
export const endOf = (span: AppendSpan): number => span.index + span.types.length

/** What is left of a span from an index on. */
export const from = (index: number, span: AppendSpan): AppendSpan =>
  index <= span.index ? span : { stream: span.stream, index, types: span.types.slice(index - span.index) }

/** A span as it is stored. */
export interface StoredSpan {
  readonly p: string
  readonly i: number
  readonly c: readonly string[]
}

export const toStored = ({ stream, index, types }: AppendSpan): StoredSpan => ({ p: stream, i: index, c: types })

export const storedSpan = v.pipe(
  v.object({ p: v.string(), i: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), c: v.array(v.string()) }),
  v.transform(({ p, i, c }): AppendSpan => ({ stream: p, index: i, types: c })),
)
