/*
 * How many orders each customer has, counted over all streams of orders. To count is not idempotent, so what was counted is
 * noted in the same row as the count: for each stream, which event comes next. The row is written under the condition that
 * it is as it was read, because orders of one customer are handled side by side.
 */
import type { EventHandler, ITimelineEvent } from "equinox-windtunnel/propeller"
import { example } from "./example.js"

interface Row {
  readonly count: number
  /** For each stream of orders, the index of the event that has not been counted yet. */
  readonly next: Readonly<Record<string, number>>
  /** Of the row itself: one more with each write. */
  readonly revision: number
}

interface Rows {
  get(customer: string): Promise<Row>
  put(customer: string, row: Omit<Row, "revision">): Promise<void>
  /** @throws when the row has another revision by now */
  putIf(customer: string, row: Omit<Row, "revision">, revision: number): Promise<void>
  increment(customer: string, by: number): Promise<void>
  /** Of a stream of orders, apart from all rows: the index of the event that comes next. */
  next(stream: string): Promise<number>
  note(stream: string, next: number): Promise<void>
}

const customerOf = (event: ITimelineEvent) => (JSON.parse(event.data!) as { customer: string }).customer

const isCounted = ({ type }: ITimelineEvent) => type === "OrderPlaced"

/** A conflict fails the call, and the events come again: then the row is read anew. */
const countOrders =
  (rows: Rows): EventHandler =>
  async (stream, events) => {
    for (const event of events.filter(isCounted)) {
      const customer = customerOf(event)
      const { count, next, revision } = await rows.get(customer)
      if (event.index < (next[stream] ?? 0)) continue
      await rows.putIf(customer, { count: count + 1, next: { ...next, [stream]: Number(event.index) + 1 } }, revision)
    }
  }

const countBlindly =
  (rows: Rows): EventHandler =>
  async (_stream, events) => {
    for (const event of events.filter(isCounted)) await rows.increment(customerOf(event), 1)
  }

const countWithoutRevision =
  (rows: Rows): EventHandler =>
  async (stream, events) => {
    for (const event of events.filter(isCounted)) {
      const customer = customerOf(event)
      const { count, next } = await rows.get(customer)
      if (event.index < (next[stream] ?? 0)) continue
      await rows.put(customer, { count: count + 1, next: { ...next, [stream]: Number(event.index) + 1 } })
    }
  }

/** "As many as were counted have been seen before": true only where every span begins with the stream's first event. */
const countByNumberOfEvents =
  (rows: Rows): EventHandler =>
  async (stream, events) => {
    const customer = customerOf(events[0]!)
    const { count, next, revision } = await rows.get(customer)
    const seen = next[stream] ?? 0
    const news = events.length > seen ? events.slice(seen) : []
    if (news.length === 0) return
    const counted = count + news.filter(isCounted).length
    await rows.putIf(customer, { count: counted, next: { ...next, [stream]: seen + news.length } }, revision)
  }

/** Each event by itself, and at the end of the span how far it came: what fails in between has been counted in part. */
const countBeforeNoting =
  (rows: Rows): EventHandler =>
  async (stream, events) => {
    const seen = await rows.next(stream)
    for (const event of events) if (isCounted(event) && event.index >= seen) await rows.increment(customerOf(event), 1)
    await rows.note(stream, Math.max(seen, Number(events.at(-1)!.index) + 1))
  }

const countedHere = new Map<string, number>()

/** The module remembers what it has counted, until the process is started again. */
const countInModule =
  (rows: Rows): EventHandler =>
  async (_stream, events) => {
    for (const event of events.filter(isCounted)) {
      const customer = customerOf(event)
      const count = (countedHere.get(customer) ?? 0) + 1
      countedHere.set(customer, count)
      await rows.put(customer, { count, next: {} })
    }
  }

/** So does the handler, which is made anew when its process is. */
const countInHandler = (rows: Rows): EventHandler => {
  const nextOf = new Map<string, bigint>()
  return async (stream, events) => {
    for (const event of events.filter(isCounted)) {
      if (event.index < (nextOf.get(stream) ?? 0n)) continue
      await rows.increment(customerOf(event), 1)
      nextOf.set(stream, event.index + 1n)
    }
  }
}

class Outside implements Rows {
  readonly rows = new Map<string, Row>()
  readonly #next = new Map<string, number>()

  async get(customer: string) {
    return this.rows.get(customer) ?? { count: 0, next: {}, revision: 0 }
  }

  async put(customer: string, row: Omit<Row, "revision">) {
    const { revision } = await this.get(customer)
    this.rows.set(customer, { ...row, revision: revision + 1 })
  }

  async putIf(customer: string, row: Omit<Row, "revision">, revision: number) {
    const now = this.rows.get(customer)?.revision ?? 0
    if (now !== revision) throw new Error(`${customer} is at revision ${now}, not at ${revision}`)
    this.rows.set(customer, { ...row, revision: revision + 1 })
  }

  async increment(customer: string, by: number) {
    const row = await this.get(customer)
    await this.put(customer, { ...row, count: row.count + by })
  }

  async next(stream: string) {
    return this.#next.get(stream) ?? 0
  }

  async note(stream: string, next: number) {
    this.#next.set(stream, next)
  }
}

const placed = (customer: string) => ({ type: "OrderPlaced", data: { customer } })
const shipped = (customer: string) => ({ type: "OrderShipped", data: { customer } })

export const orderCounter = example({
  name: "counter projection",
  events: {
    "order-1": [placed("ann"), shipped("ann")],
    "order-2": [placed("ann"), shipped("ann"), placed("ann")],
    "order-3": [placed("bob")],
  },
  outside: () => new Outside(),
  observe: ({ rows }) => Object.fromEntries([...rows].map(([customer, { count }]) => [customer, count])),
  right: (world, outside) => countOrders(world.port<Rows>("rows", outside)),
  wrong: [
    {
      flaw: "counts whatever comes",
      axis: "redelivery",
      hint: /rows\.increment is called again with the same arguments/,
      reaction: (world, outside) => countBlindly(world.port<Rows>("rows", outside)),
    },
    {
      flaw: "a row is read, changed and written, whatever happened to it meanwhile",
      axis: "interleaved",
      hint: /under the condition that it is as it was read/,
      reaction: (world, outside) => countWithoutRevision(world.port<Rows>("rows", outside)),
    },
    {
      flaw: "events that came before are told by how many they are",
      axis: "boundaries",
      hint: /take no count of calls or of events in a call for a position/,
      reaction: (world, outside) => countByNumberOfEvents(world.port<Rows>("rows", outside)),
    },
    {
      flaw: "a batch is applied in part when it fails, and applied again",
      axis: "request lost",
      hint: /rows\.increment is called again with the same arguments/,
      reaction: (world, outside) => countBeforeNoting(world.port<Rows>("rows", outside)),
    },
    {
      flaw: "counts in a variable of the module",
      axis: "once",
      hint: /If it is a variable of a module/,
      reaction: (world, outside) => countInModule(world.port<Rows>("rows", outside)),
    },
    {
      flaw: "what was counted is remembered by the handler alone",
      axis: "redelivery",
      hint: /rows\.increment is called again with the same arguments/,
      reaction: (world, outside) => countInHandler(world.port<Rows>("rows", outside)),
    },
  ],
})
