import type { ItemRef, TraceEvent } from "../sim/trace.js"
import { LiveSinks } from "./live-sinks.js"
import type { Monitor, Property } from "./monitor.js"
import type { CallStarted } from "./running-calls.js"
import * as wording from "./wording.js"

export const wellFormedSpan: Property = {
  id: "I-03",
  title: "Well-formed span",
  statement:
    "Each call has at least one event, all of one stream, with consecutive indexes, each read in this run with the same body; the span does not change while the call runs.",
  assumes: { A2: "asks less" },
  weakened: "Bodies are compared where the trace has them, and not at all without A2.",
  takes: [...LiveSinks.takes, "PageRead", "Completed", "CallStarted", "CallReturned", "CallThrew"],
  monitor: (without) => new WellFormedSpan(!without.has("A2")),
}

interface ReadEvent {
  readonly body: string | undefined
  /** Pages in progress that hold the event. */
  pages: number
}

/** What a sink may deliver: the events of its pages in progress. */
interface Feed {
  readonly events: Map<string, ReadEvent>
  readonly pages: Map<string, readonly ItemRef[]>
  readonly calls: Map<number, readonly ItemRef[]>
}

/** Keeps the events of pages that are not complete, and the spans of calls in flight. */
class WellFormedSpan implements Monitor {
  checked = 0
  readonly #comparesBodies: boolean
  readonly #sinks = new LiveSinks((): Feed => ({ events: new Map(), pages: new Map(), calls: new Map() }))

  constructor(comparesBodies: boolean) {
    this.#comparesBodies = comparesBodies
  }

  observe(event: TraceEvent): string | undefined {
    this.#sinks.observe(event)
    switch (event.kind) {
      case "PageRead":
        read(this.#sinks.ofRun(event.run), `${event.run} ${event.seq}`, event.items)
        return undefined
      case "Completed":
        complete(this.#sinks.ofRun(event.run), `${event.run} ${event.seq}`)
        return undefined
      case "CallStarted":
        return this.#started(event)
      case "CallReturned":
        return this.#returned(event)
      case "CallThrew":
        this.#sinks.get(event.sink)?.calls.delete(event.call)
        return undefined
      default:
        return undefined
    }
  }

  #started(event: CallStarted): string | undefined {
    const feed = this.#sinks.get(event.sink)
    if (feed === undefined) return undefined
    this.checked++
    feed.calls.set(event.call, event.items)
    const wrong = misshapen(event) ?? foreign(event, feed, this.#comparesBodies)
    return wrong === undefined ? undefined : `${event.sink}: call #${event.call} of ${event.stream} ${wrong}`
  }

  #returned({ sink, call, stream, items }: Extract<TraceEvent, { kind: "CallReturned" }>): string | undefined {
    const calls = this.#sinks.get(sink)?.calls
    const before = calls?.get(call)
    calls?.delete(call)
    if (before === undefined) return undefined
    const same = before.length === items.length && before.every((item, i) => equal(item, items[i]!))
    if (same) return undefined
    return `${sink}: the span of call #${call} of ${stream} changed while it ran, from ${list(before)} to ${list(items)}`
  }
}

function read(feed: Feed | undefined, page: string, items: readonly ItemRef[]): void {
  if (feed === undefined || items.length === 0) return
  feed.pages.set(page, items)
  for (const item of items) {
    const known = feed.events.get(wording.event(item))
    if (known === undefined) feed.events.set(wording.event(item), { body: item.body, pages: 1 })
    else known.pages++
  }
}

function complete(feed: Feed | undefined, page: string): void {
  for (const item of feed?.pages.get(page) ?? []) {
    const known = feed?.events.get(wording.event(item))
    if (known !== undefined && --known.pages === 0) feed?.events.delete(wording.event(item))
  }
  feed?.pages.delete(page)
}

function misshapen({ stream, first, count, items }: CallStarted): string | undefined {
  if (items.length === 0 || count === 0) return "has no events"
  const odd = items.findIndex((item, i) => item.stream !== stream || item.index !== first + i)
  if (odd < 0) return undefined
  return `holds ${wording.event(items[odd]!)} where ${stream}@${first + odd} belongs: ${list(items)}`
}

function foreign({ items }: CallStarted, feed: Feed, comparesBodies: boolean): string | undefined {
  for (const item of items) {
    const known = feed.events.get(wording.event(item))
    if (known === undefined) return `holds ${wording.event(item)}, which no page in progress has`
    if (comparesBodies && known.body !== undefined && item.body !== undefined && known.body !== item.body)
      return `holds ${wording.event(item)} with body ${item.body}, which was read with body ${known.body}`
  }
  return undefined
}

const equal = (a: ItemRef, b: ItemRef): boolean => a.stream === b.stream && a.index === b.index && a.body === b.body

/** At most the first five. */
const list = (items: readonly ItemRef[]): string =>
  `[${items.slice(0, 5).map(wording.event).join(", ")}${items.length > 5 ? `, … ${items.length} in all` : ""}]`
