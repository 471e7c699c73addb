/*
 * An outbox relay: what lies in the outbox is published to a broker, in order. The broker drops a message whose id it has
 * seen, as brokers with duplicate detection do. When publishing fails half-way, the relay answers how far it came, so that
 * only the rest comes again.
 */
import { randomUUID } from "node:crypto"
import { type EventHandler, type ITimelineEvent, StreamResult } from "equinox-windtunnel/propeller"
import { example } from "./example.js"

interface Message {
  readonly id: string
  readonly key: string
  readonly body: string
}

interface Broker {
  publish(message: Message): Promise<void>
}

const messageOf = (stream: string, { index, data }: ITimelineEvent): Message => ({
  id: `${stream}@${index}`,
  key: stream,
  body: data!,
})

/** @param reached What it answers when so many were published and the next one failed. */
const relayer =
  (broker: Broker, reached: (published: number) => StreamResult): EventHandler =>
  async (stream, events) => {
    for (const [published, event] of events.entries()) {
      try {
        await broker.publish(messageOf(stream, event))
      } catch (error) {
        if (published === 0) throw error
        return reached(published)
      }
    }
    return StreamResult.AllProcessed
  }

const relay = (broker: Broker) => relayer(broker, (published) => StreamResult.PartiallyProcessed(published))

const relayCountingTheFailedOne = (broker: Broker) =>
  relayer(broker, (published) => StreamResult.PartiallyProcessed(published + 1))

const relayAllAtOnce =
  (broker: Broker): EventHandler =>
  async (stream, events) => {
    await Promise.all(events.map((event) => broker.publish(messageOf(stream, event))))
  }

const relayUnderFreshIds =
  (broker: Broker): EventHandler =>
  async (stream, events) => {
    for (const event of events) await broker.publish({ ...messageOf(stream, event), id: randomUUID() })
  }

/** Numbered as a call has them: another call may begin elsewhere. */
const relayNumbered =
  (broker: Broker): EventHandler =>
  async (stream, events) => {
    for (const [n, event] of events.entries()) {
      const id = `${stream}/${events[0]!.index}+${events.length}/${n}`
      await broker.publish({ ...messageOf(stream, event), id })
    }
  }

class Outside implements Broker {
  readonly topic: Message[] = []
  readonly #ids = new Set<string>()

  async publish(message: Message) {
    if (this.#ids.has(message.id)) return
    this.#ids.add(message.id)
    this.topic.push(message)
  }

  /** What a consumer of the topic sees: of each key all messages, in order. */
  byKey(): Record<string, string[]> {
    const bodies: Record<string, string[]> = {}
    for (const { key, body } of this.topic) (bodies[key] ??= []).push(body)
    return bodies
  }
}

const entry = (what: string) => ({ type: "OutboxEntryAdded", data: { what } })

export const outboxRelay = example({
  name: "outbox relay",
  events: {
    "outbox-a": [entry("signed up"), entry("moved"), entry("left")],
    "outbox-b": [entry("signed up"), entry("left")],
  },
  outside: () => new Outside(),
  observe: (outside) => outside.byKey(),
  right: (world, outside) => relay(world.port<Broker>("broker", outside)),
  wrong: [
    {
      flaw: "PartiallyProcessed is off by one: the message that failed counts as published",
      axis: "request lost",
      hint: /its error is swallowed/,
      reaction: (world, outside) => relayCountingTheFailedOne(world.port<Broker>("broker", outside)),
    },
    {
      flaw: "publishes a batch side by side: the first may fail and the second not",
      axis: "interleaved",
      hint: /may not depend on who comes first/,
      reaction: (world, outside) => relayAllAtOnce(world.port<Broker>("broker", outside)),
    },
    {
      flaw: "ids made of chance",
      axis: "redelivery",
      hint: /must not come from time, chance or a count/,
      reaction: (world, outside) => relayUnderFreshIds(world.port<Broker>("broker", outside)),
    },
    {
      flaw: "ids made of the call that a message is in",
      axis: "rewound",
      hint: /must not come from time, chance or a count/,
      reaction: (world, outside) => relayNumbered(world.port<Broker>("broker", outside)),
    },
  ],
})
