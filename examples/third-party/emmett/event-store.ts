import type { EventStore } from "equinox-windtunnel"
import { isExpectedVersionConflictError, NO_CONCURRENCY_CHECK, STREAM_DOES_NOT_EXIST } from "@event-driven-io/emmett"
import type { PostgresEventStore } from "@event-driven-io/emmett-postgresql"

/** Emmett counts the events of a stream from 1. */
export const eventStore = (store: PostgresEventStore): EventStore => ({
  async append(stream, batch, expected) {
    const events = batch.map(({ id, type, data }) => ({
      type,
      data: JSON.parse(data) as Record<string, unknown>,
      metadata: { messageId: id },
    }))
    const ofNone = expected === 0 ? STREAM_DOES_NOT_EXIST : undefined
    const expectedStreamVersion = expected === "any" ? NO_CONCURRENCY_CHECK : (ofNone ?? BigInt(expected))
    try {
      const { nextExpectedStreamVersion: next } = await store.appendToStream(stream, events, { expectedStreamVersion })
      const written = await store.readStream(stream, { from: next - BigInt(batch.length) + 1n, to: next })
      const positions = written.events.map(({ metadata }) => metadata.globalPosition)
      return { kind: "appended", index: Number(next) - batch.length, positions }
    } catch (error) {
      if (!isExpectedVersionConflictError(error)) throw error
      return { kind: "conflict" }
    }
  },
  async read(stream) {
    const { events } = await store.readStream(stream)
    return events.map(({ type, data, metadata }) => ({
      id: metadata.messageId,
      type,
      data: JSON.stringify(data),
      index: Number(metadata.streamPosition) - 1,
    }))
  },
})
