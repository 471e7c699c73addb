import { setTimeout as sleep } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, it } from "vitest"
import { MemoryCheckpoints } from "../../engine/memory-checkpoints.js"
import { StreamsSink } from "../../engine/sink/streams-sink.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { MessageRow } from "./message-row.js"
import { MessageDbSource } from "./source.js"

const row = (at: number): MessageRow => [
  "0",
  "Happened",
  `{"at":${at}}`,
  null,
  `id-${at}`,
  "2026-01-31 12:34:56.789012",
  `order-${at}`,
  String(at + 1),
]

/** Yields one page, and then lets the reader wait. */
const onePage = (length: number) => {
  let pages = 0
  let onAwaited = () => {}
  return {
    nextIsAwaited: new Promise<void>((resolve) => (onAwaited = resolve)),
    query: () => {
      if (pages++ === 0) return Promise.resolve({ rows: Array.from({ length }, (_, at) => row(at)) })
      onAwaited()
      return new Promise<never>(() => {})
    },
  }
}

it("keeps nothing of a page that is handled, however long the next one takes", async () => {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  const pool = onePage(50)
  const handled: WeakRef<ITimelineEvent>[] = []
  const sink = StreamsSink.create({
    handler: async (_, [event]) => void handled.push(new WeakRef(event!)),
    maxConcurrentStreams: 10,
    maxReadAhead: 3,
  })
  const source = MessageDbSource.create({
    pool: pool as never,
    categories: ["order"],
    groupName: "memory",
    batchSize: 50,
    checkpoints: new MemoryCheckpoints(),
    sink,
    tailSleepIntervalMs: 10,
    drainTimeoutMs: 0,
  })
  const stop = new AbortController()
  const running = source.start(stop.signal)
  await pool.nextIsAwaited
  while (handled.length < 50) await sleep(1)
  await sleep(1)
  collect()
  expect(handled.filter((event) => event.deref() !== undefined)).toHaveLength(0)
  stop.abort()
  await running
})

it("a read that an ended run gave up moves no later run, however late its answer comes", async () => {
  const answers: ((rows: MessageRow[]) => void)[] = []
  const askedFor: string[] = []
  let onAsked = () => {}
  const asked = async (reads: number) => {
    while (answers.length < reads) await new Promise<void>((resolve) => (onAsked = resolve))
  }
  const query = ({ values }: { values: string[] }) =>
    new Promise((resolve) => {
      askedFor.push(values[1]!)
      answers.push((rows) => resolve({ rows }))
      onAsked()
    })
  const source = MessageDbSource.create({
    pool: { query } as never,
    categories: ["order"],
    groupName: "late",
    batchSize: 1,
    checkpoints: new MemoryCheckpoints(),
    sink: StreamsSink.create({ handler: async () => {}, maxConcurrentStreams: 10, maxReadAhead: 3 }),
    tailSleepIntervalMs: 10,
    drainTimeoutMs: 0,
  })
  const first = new AbortController()
  const ended = source.start(first.signal)
  await asked(1)
  first.abort()
  await ended

  const second = new AbortController()
  const running = source.start(second.signal)
  await asked(2)
  answers[1]!([row(0)])
  // Its answer is there, but not taken yet; and now that of the ended run, from further on.
  answers[0]!([row(6)])
  await asked(3)
  second.abort()
  await running
  expect(askedFor).toEqual(["0", "0", "2"])
})
