import type { Adapter } from "equinox-windtunnel"
import { dumbo } from "@event-driven-io/dumbo"
import {
  getPostgreSQLEventStore,
  postgreSQLEventStoreConsumer,
  postgreSQLReactor,
  readProcessorCheckpoint,
} from "@event-driven-io/emmett-postgresql"
import pg from "pg"
import { eventStore } from "./event-store.js"
import manifest from "./package.json" with { type: "json" }

/** Emmett's event store on PostgreSQL, and its consumer with one reactor: in real time, on connections of its own. */
export default {
  name: "@event-driven-io/emmett-postgresql",
  version: manifest.dependencies["@event-driven-io/emmett-postgresql"],
  store: "own",
  time: "real",
  tranches: "store",
  profiles: ["source", "event-store"],
  capabilities: ["positions", "one call per stream", "concurrency", "drain", "compare positions", "expected version"],
  open({ process, connectionString = "", onCrash }) {
    const pool = new pg.Pool({ connectionString, max: 4 })
    const clients = new Set<pg.PoolClient>()
    pool.on("connect", (client) => clients.add(client.on("error", () => undefined)))
    pool.on("error", () => undefined)
    onCrash(() => {
      for (const client of clients) (client as unknown as Socketed).connection.stream.destroy()
      void pool.end()
    })
    const database = dumbo({ connectionString, pool })
    const events = getPostgreSQLEventStore(connectionString, { connectionOptions: { pool } })
    const stored = async (processorId: string) => {
      const { lastProcessedCheckpoint: last } = await readProcessorCheckpoint(database.execute, { processorId })
      return positionAfter(last)
    }
    /** Where a reactor began, by its group: what is stored may be more by the time that the kit asks. */
    const begins = new Map<string, bigint>()
    return {
      close: () => pool.end(),
      events: eventStore(events),
      // Stored by Emmett itself, in the transaction of its batch: what is committed here is there already.
      checkpoints: { load: async (group) => begins.get(group) ?? stored(group), commit: stored },
      source: ({ group, categories, handler, batchSize, checkpoints, ...consumer }) => {
        const reactor = postgreSQLReactor({
          processorId: group,
          // An instance that starts again has the lock of the one that died, and need not wait until it expires.
          processorInstanceId: process.slice(0, process.lastIndexOf("#")),
          eachMessage: async ({ type, data: body, metadata: { messageId: id, streamName, streamPosition } }) => {
            if (!categories.includes(streamName.slice(0, streamName.indexOf("-")))) return
            const data = JSON.stringify(body)
            const event = { id, type, data, index: streamPosition - 1n, time: new Date(0), isUnfold: false, size: -1 }
            await handler(streamName as Parameters<typeof handler>[0], [event])
          },
        })
        /** Tells of the position where it begins, and of each that it has stored. */
        const observed = Object.create(reactor, {
          start: {
            value: async (...context: Parameters<typeof reactor.start>) => {
              const from = await reactor.start(...context)
              begins.set(group, positionAfter(typeof from === "object" ? from.lastCheckpoint : null))
              await checkpoints.load(group, "0")
              return from
            },
          },
          handle: {
            value: async (...batch: Parameters<typeof reactor.handle>) => {
              const result = await reactor.handle(...batch)
              await checkpoints.commit(group, "0", await stored(group))
              return result
            },
          },
        }) as typeof reactor
        const pulling = { batchSize, pullingFrequencyInMs: consumer.tailSleepIntervalMs }
        const options = { connectionString, pool: database, processors: [observed], pulling }
        return { start: (signal) => untilStopped(postgreSQLEventStoreConsumer(options), signal) }
      },
    }
  },
} satisfies Adapter

/** Emmett stores the last position that was handled, the kit counts the next one. */
const positionAfter = (last: bigint | null) => (last === null || last === 0n ? 0n : last + 1n)

interface Socketed {
  readonly connection: { readonly stream: { destroy(): void } }
}

async function untilStopped(consumer: ReturnType<typeof postgreSQLEventStoreConsumer>, signal: AbortSignal) {
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping = consumer.stop()
    stopping.catch(() => undefined)
  }
  signal.addEventListener("abort", stop, { once: true })
  try {
    await consumer.start()
    await stopping
  } finally {
    signal.removeEventListener("abort", stop)
  }
}
