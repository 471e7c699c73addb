/*
 * A notifier with a decider: somebody is paged when a ticket is escalated, and not again before it was closed. Whether to
 * page follows from what happened to the ticket, so a decider keeps that as a state with the version it is at. The page is
 * out before the state is stored; when the process dies in between, the same state makes the same decision with the same
 * key again, and the pager knows the key.
 */
import type { EventHandler } from "equinox-windtunnel/propeller"
import { example } from "./example.js"

interface State {
  /** Index of the event of the ticket that comes next. */
  readonly next: number
  /** How many times it was paged so far. */
  readonly pages: number
  readonly isOpen: boolean
}

interface Tickets {
  load(ticket: string): Promise<State>
  /** @throws when the state that is stored has come further than to `from` */
  save(ticket: string, state: State, from: State): Promise<void>
}

interface Pager {
  page(ticket: string, key?: string): Promise<void>
}

const initial: State = { next: 0, pages: 0, isOpen: false }

interface Decision {
  readonly state: State
  readonly page: boolean
}

interface TicketEvent {
  readonly type: string
  readonly index: bigint
}

function react({ pages, isOpen }: State, { type, index }: TicketEvent): Decision {
  const next = Number(index) + 1
  if (type === "TicketClosed") return { state: { next, pages, isOpen: false }, page: false }
  if (type !== "TicketEscalated" || isOpen) return { state: { next, pages, isOpen }, page: false }
  return { state: { next, pages: pages + 1, isOpen: true }, page: true }
}

/** An event that was decided on before leads to nothing. */
const decide = (state: State, event: TicketEvent): Decision =>
  event.index < state.next ? { state, page: false } : react(state, event)

const keyOf = (ticket: string, { pages }: State) => `${ticket} #${pages}`

const notify =
  (tickets: Tickets, pager: Pager, decider = decide): EventHandler =>
  async (ticket, events) => {
    for (const event of events) {
      const before = await tickets.load(ticket)
      const { state, page } = decider(before, event)
      if (page) await pager.page(ticket, keyOf(ticket, state))
      if (state !== before) await tickets.save(ticket, state, before)
    }
  }

/** It asks whether the ticket is open, and not whether the event is news. */
const notifyWithoutVersion = (tickets: Tickets, pager: Pager) => notify(tickets, pager, react)

const notifyOnceDecided =
  (tickets: Tickets, pager: Pager): EventHandler =>
  async (ticket, events) => {
    for (const event of events) {
      const before = await tickets.load(ticket)
      const { state, page } = decide(before, event)
      if (state !== before) await tickets.save(ticket, state, before)
      if (page) await pager.page(ticket, keyOf(ticket, state))
    }
  }

const notifyWithoutKey =
  (tickets: Tickets, pager: Pager): EventHandler =>
  async (ticket, events) => {
    for (const event of events) {
      const before = await tickets.load(ticket)
      const { state, page } = decide(before, event)
      if (page) await pager.page(ticket)
      if (state !== before) await tickets.save(ticket, state, before)
    }
  }

class Outside {
  readonly pages: string[] = []
  readonly #keys = new Set<string>()
  readonly #states = new Map<string, State>()

  readonly pager: Pager = {
    page: async (ticket, key) => {
      if (key !== undefined && this.#keys.has(key)) return
      if (key !== undefined) this.#keys.add(key)
      this.pages.push(ticket)
    },
  }

  readonly tickets: Tickets = {
    load: async (ticket) => this.#states.get(ticket) ?? initial,
    save: async (ticket, state, from) => {
      const { next } = this.#states.get(ticket) ?? initial
      if (next !== from.next) throw new Error(`${ticket} is at ${next}, not at ${from.next}`)
      this.#states.set(ticket, state)
    },
  }
}

const opened = { type: "TicketOpened" }
const escalated = { type: "TicketEscalated" }
const closed = { type: "TicketClosed" }

export const ticketNotifier = example({
  name: "notifier with a decider",
  events: {
    "ticket-1": [opened, escalated, escalated, closed, escalated],
    "ticket-2": [escalated, closed],
  },
  outside: () => new Outside(),
  observe: ({ pages }) => [...pages].sort(),
  right: (world, { tickets, pager }) => notify(world.port("tickets", tickets), world.port("pager", pager)),
  wrong: [
    {
      flaw: "the decider does not know which events it has decided on",
      axis: "rewound",
      hint: /Old events come again after newer ones/,
      reaction: (world, { tickets, pager }) =>
        notifyWithoutVersion(world.port("tickets", tickets), world.port("pager", pager)),
    },
    {
      flaw: "a decision is stored, and then carried out: a crash in between loses the page",
      axis: "crash",
      hint: /a marker that says it is done was stored first/,
      reaction: (world, { tickets, pager }) =>
        notifyOnceDecided(world.port("tickets", tickets), world.port("pager", pager)),
    },
    {
      flaw: "a decision is carried out, and then stored, without a key: a crash in between pages twice",
      axis: "crash",
      hint: /pager\.page is called again with the same arguments/,
      reaction: (world, { tickets, pager }) =>
        notifyWithoutKey(world.port("tickets", tickets), world.port("pager", pager)),
    },
  ],
})
