/*
 * A process manager: a parcel is asked for when an order was placed and was paid for, whichever of the two comes first,
 * since they are events of different streams. What it knows of each order is a stream of its own. There it notes with each
 * decision up to where it has seen the stream that led to it, under the condition that nobody else has written meanwhile.
 *
 * It answers how far that is: where an older position comes up again, it skips what it has seen already.
 */
import { type EventHandler, type ITimelineEvent, StreamResult } from "equinox-windtunnel/propeller"
import { example } from "./example.js"

type Fact =
  | { readonly type: "Ordered" | "Paid"; readonly from: string; readonly next: number }
  | { readonly type: "ParcelRequested" }

/** What of an event store is needed. */
interface Store {
  read(stream: string): Promise<readonly Fact[]>
  /** @throws when the stream does not have so many events */
  append(stream: string, expectedVersion: number, facts: readonly Fact[]): Promise<void>
  appendBlindly(stream: string, facts: readonly Fact[]): Promise<void>
}

const factOf = { OrderPlaced: "Ordered", PaymentReceived: "Paid" } as const

/** `order-7` and `payment-7` are about the same order. */
const processOf = (stream: string) => `fulfilment-${stream.slice(stream.indexOf("-") + 1)}`

const seenOf = (facts: readonly Fact[], stream: string) =>
  facts.reduce((next, fact) => ("from" in fact && fact.from === stream ? Math.max(next, fact.next) : next), 0)

/** What follows from events that are new, with what is known of the order already. */
function decide(known: readonly Fact[], stream: string, news: readonly ITimelineEvent[]): Fact[] {
  const facts = news.flatMap(({ type, index }): Fact[] =>
    type in factOf ? [{ type: factOf[type as keyof typeof factOf], from: stream, next: Number(index) + 1 }] : [],
  )
  const all = [...known, ...facts]
  const has = (type: Fact["type"]) => all.some((fact) => fact.type === type)
  return has("Ordered") && has("Paid") && !has("ParcelRequested") ? [...facts, { type: "ParcelRequested" }] : facts
}

const endOf = (events: readonly ITimelineEvent[]) => Number(events.at(-1)!.index) + 1

/** A conflict fails the call, and the events come again: then the decision is made anew. */
const fulfil =
  (store: Store): EventHandler =>
  async (stream, events) => {
    const process = processOf(stream)
    const known = await store.read(process)
    const seen = seenOf(known, stream)
    const facts = decide(
      known,
      stream,
      events.filter(({ index }) => index >= seen),
    )
    if (facts.length > 0) await store.append(process, known.length, facts)
    return StreamResult.OverrideNextIndex(BigInt(Math.max(seen, endOf(events))))
  }

const fulfilAppendingBlindly =
  (store: Store): EventHandler =>
  async (stream, events) => {
    const process = processOf(stream)
    const known = await store.read(process)
    const seen = seenOf(known, stream)
    const news = events.filter(({ index }) => index >= seen)
    const facts = decide(known, stream, news)
    if (facts.length > 0) await store.appendBlindly(process, facts)
    return StreamResult.OverrideNextIndex(BigInt(Math.max(seen, endOf(events))))
  }

const fulfilAnsweringOwnVersion =
  (store: Store): EventHandler =>
  async (stream, events) => {
    const process = processOf(stream)
    const known = await store.read(process)
    const seen = seenOf(known, stream)
    const news = events.filter(({ index }) => index >= seen)
    const facts = decide(known, stream, news)
    if (facts.length > 0) await store.append(process, known.length, facts)
    return StreamResult.OverrideNextIndex(BigInt(known.length + facts.length))
  }

const fulfilAnsweringWhatWasSeen =
  (store: Store): EventHandler =>
  async (stream, events) => {
    const process = processOf(stream)
    const known = await store.read(process)
    const seen = seenOf(known, stream)
    const news = events.filter(({ index }) => index >= seen)
    const facts = decide(known, stream, news)
    if (facts.length > 0) await store.append(process, known.length, facts)
    return StreamResult.OverrideNextIndex(BigInt(seen))
  }

/** "A payment is always for an order that was placed before": so it was, but it need not have been seen before. */
const fulfilPaymentsOfKnownOrders =
  (store: Store): EventHandler =>
  async (stream, events) => {
    const process = processOf(stream)
    const known = await store.read(process)
    if (stream.startsWith("payment-") && known.length === 0) return StreamResult.AllProcessed
    const seen = seenOf(known, stream)
    const news = events.filter(({ index }) => index >= seen)
    const facts = decide(known, stream, news)
    if (facts.length > 0) await store.append(process, known.length, facts)
    return StreamResult.OverrideNextIndex(BigInt(Math.max(seen, endOf(events))))
  }

class Outside implements Store {
  readonly streams = new Map<string, readonly Fact[]>()

  async read(stream: string) {
    return this.streams.get(stream) ?? []
  }

  async append(stream: string, expectedVersion: number, facts: readonly Fact[]) {
    const version = this.streams.get(stream)?.length ?? 0
    if (version !== expectedVersion) throw new Error(`${stream} is at version ${version}, not at ${expectedVersion}`)
    await this.appendBlindly(stream, facts)
  }

  async appendBlindly(stream: string, facts: readonly Fact[]) {
    this.streams.set(stream, [...(this.streams.get(stream) ?? []), ...facts])
  }
}

const placed = { type: "OrderPlaced" }
const paid = { type: "PaymentReceived" }

export const fulfilment = example({
  name: "process manager",
  events: {
    "order-1": [placed, { type: "AddressChanged" }],
    "payment-1": [{ type: "PaymentRequested" }, paid],
    "order-2": [placed],
    "payment-2": [paid],
  },
  outside: () => new Outside(),
  // Which of the two was seen first is no matter: how often a parcel is asked for is.
  observe: ({ streams }) =>
    [...streams]
      .flatMap(([stream, facts]) => facts.filter(({ type }) => type === "ParcelRequested").map(() => stream))
      .sort(),
  right: (world, outside) => fulfil(world.port<Store>("store", outside)),
  wrong: [
    {
      flaw: "appends whatever happened to the stream since it was read",
      axis: "zombie",
      hint: /a check that comes before it is out of date/,
      reaction: (world, outside) => fulfilAppendingBlindly(world.port<Store>("store", outside)),
    },
    {
      flaw: "answers the version of its own stream for that of the stream it reacts to",
      axis: "result",
      hint: /with the version of this stream alone/,
      reaction: (world, outside) => fulfilAnsweringOwnVersion(world.port<Store>("store", outside)),
    },
    {
      flaw: "answers where it was before this call",
      axis: "result",
      hint: /with the version of this stream alone/,
      reaction: (world, outside) => fulfilAnsweringWhatWasSeen(world.port<Store>("store", outside)),
    },
    {
      flaw: "takes for granted that the order was seen before its payment",
      axis: "interleaved",
      hint: /may not depend on who comes first/,
      reaction: (world, outside) => fulfilPaymentsOfKnownOrders(world.port<Store>("store", outside)),
    },
  ],
})
