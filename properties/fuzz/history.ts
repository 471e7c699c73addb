/*
 * The events that a reaction is to be shown, and in which order they lie in the store: streams that are given or drawn,
 * each cut off somewhere, merged into one feed.
 *
 * Invariants: within a stream events keep their order and their indexes, from 0 without a hole; a shorter history is a
 * prefix of each of its streams. It shrinks to fewer and shorter streams that lie one after the other.
 */
import fc from "fast-check"
import { InvalidOptionError } from "../../engine/options.js"
import { StreamName } from "../../engine/stream-name.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"

/** An event as a test writes it down. */
export interface SampleEvent {
  readonly type: string
  /** The body: handlers get it as JSON. */
  readonly data?: unknown
  readonly meta?: unknown
}

/**
 * Streams by name (`invoice-1`), or by category (`invoice`), of which up to three streams are drawn then; each with its
 * events, or with a fast-check arbitrary of them.
 */
export type Samples = Readonly<Record<string, readonly SampleEvent[] | fc.Arbitrary<readonly SampleEvent[]>>>

/** A stream of a history: so many of the events that are given for it, or the events that were drawn. */
export type StreamSetup =
  | { readonly stream: string; readonly count: number }
  | { readonly stream: string; readonly events: readonly SampleEvent[] }

/** Plain JSON: case files hold it. */
export interface HistorySetup {
  readonly streams: readonly StreamSetup[]
  /** Which of the streams that have events left has the next one, counted from 0; the first when it is used up. */
  readonly order: readonly number[]
}

/** What a feed holds. */
export type FeedItem = readonly [StreamName, ITimelineEvent]

const isArbitrary = (value: unknown): value is fc.Arbitrary<readonly SampleEvent[]> =>
  typeof value === "object" && value !== null && "generate" in value && "shrink" in value

const mostStreams = 3

/** What a run sees at most of a stream that is given, unless it is to see all of it. */
const usualLength = 8

/** @throws InvalidOptionError */
export function historySetup(samples: Samples): fc.Arbitrary<HistorySetup> {
  const entries = Object.entries(samples)
  if (entries.length === 0)
    throw new InvalidOptionError("fuzz", "events", samples, "an object with at least one stream")
  const streams = fc
    .tuple(...entries.map(([name, events]) => streamsOf(name, events)))
    .map((drawn) => drawn.flat())
    .map((drawn) => drawn.filter((one) => lengthOf(one) > 0))
  return fc.record({ streams, order: fc.array(fc.nat(mostStreams), { maxLength: 12, size: "max" }) })
}

function streamsOf(name: string, events: Samples[string]): fc.Arbitrary<StreamSetup[]> {
  if (!isArbitrary(events) && !(Array.isArray(events) && events.every(isEvent)))
    throw new InvalidOptionError(
      "fuzz",
      `events.${name}`,
      events,
      "an array of events { type, data }, or an arbitrary of one",
    )
  const one = (stream: string) => streamOf(stream, events)
  if (name.includes("-")) return one(name).map((stream) => [stream])
  return fc
    .integer({ min: 1, max: mostStreams })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => one(`${name}-${n + 1}`))))
}

function streamOf(stream: string, events: Samples[string]): fc.Arbitrary<StreamSetup> {
  if (isArbitrary(events)) return events.map((drawn) => ({ stream, events: drawn }))
  const usual = fc.nat(Math.min(events.length, usualLength))
  const count = events.length <= usualLength ? usual : fc.oneof({ arbitrary: usual, weight: 7 }, fc.nat(events.length))
  return count.map((drawn) => ({ stream, count: drawn }))
}

const isEvent = (value: unknown): value is SampleEvent =>
  typeof value === "object" && value !== null && typeof (value as Partial<SampleEvent>).type === "string"

const lengthOf = (stream: StreamSetup): number => ("count" in stream ? stream.count : stream.events.length)

/** The feed of a history: all its events in the order in which the store has them. */
export function feedOf(samples: Samples, { streams, order }: HistorySetup): readonly FeedItem[] {
  const left = streams.map((stream) => itemsOf(samples, stream)).filter((items) => items.length > 0)
  const feed: FeedItem[] = []
  for (let n = 0; left.length > 0; n++) {
    const at = (order[n] ?? 0) % left.length
    feed.push(left[at]!.shift()!)
    if (left[at]!.length === 0) left.splice(at, 1)
  }
  return feed
}

function itemsOf(samples: Samples, setup: StreamSetup): FeedItem[] {
  const name = StreamName.parse(setup.stream)
  return eventsOf(samples, setup).map((event, index) => [name, timelineEvent(setup.stream, event, index)])
}

function eventsOf(samples: Samples, setup: StreamSetup): readonly SampleEvent[] {
  if ("events" in setup) return setup.events
  const given = samples[setup.stream] ?? samples[setup.stream.slice(0, setup.stream.indexOf("-"))]
  return given === undefined || isArbitrary(given) ? [] : given.slice(0, setup.count)
}

/** The store recorded them one after the other, a second apart. */
const timelineEvent = (stream: string, { type, data, meta }: SampleEvent, index: number): ITimelineEvent => ({
  id: `${stream}@${index}`,
  time: new Date(1000 * index),
  type,
  ...(data !== undefined && { data: JSON.stringify(data) }),
  ...(meta !== undefined && { meta: JSON.stringify(meta) }),
  index: BigInt(index),
  isUnfold: false,
  size: -1,
})
