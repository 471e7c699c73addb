/*
 * The sink's time for a million events, as a ratio to the naive loop (group the batch by stream, call the handler once
 * per stream, wait for all) in the same process and on the same batches. Workloads as in `peer-baseline.md` 1:
 * event k belongs to stream k mod S, batches of 500, a handler that only counts.
 *
 *   node --import tsx bench/sink.ts            the whole grid
 *   node --import tsx bench/sink.ts quick      a part of it, 200 000 events
 */
import { StreamsSink } from "../engine/index.js"
import type { EventHandler, IngesterBatch, ITimelineEvent, StreamName } from "../engine/index.js"

const batchSize = 500
const time = new Date(0)

/** Names are made once and handed out fresh from the array, as a feed that decodes them would share none. */
function namesOf(streams: number): StreamName[] {
  return Array.from({ length: streams }, (_, i) => `category-${i}` as StreamName)
}

function* batchesOf(events: number, names: StreamName[]): Generator<[StreamName, ITimelineEvent][]> {
  for (let from = 0; from < events; from += batchSize) {
    const items: [StreamName, ITimelineEvent][] = []
    for (let k = from; k < Math.min(from + batchSize, events); k++) {
      const index = BigInt(Math.floor(k / names.length))
      const event = { id: "", time, type: "Counted", data: '{"a":"0123456789"}', index, isUnfold: false, size: -1 }
      items.push([names[k % names.length] as StreamName, event])
    }
    yield items
  }
}

async function naive(events: number, names: StreamName[], handler: EventHandler): Promise<number> {
  const began = performance.now()
  for (const items of batchesOf(events, names)) {
    const byStream = new Map<StreamName, ITimelineEvent[]>()
    for (const [stream, event] of items) {
      const known = byStream.get(stream)
      if (known === undefined) byStream.set(stream, [event])
      else known.push(event)
    }
    const calls: Promise<unknown>[] = []
    for (const [stream, span] of byStream) calls.push(handler(stream, span))
    await Promise.all(calls)
  }
  return performance.now() - began
}

async function sunk(
  events: number,
  names: StreamName[],
  handler: EventHandler,
  maxConcurrentStreams: number,
  maxReadAhead: number,
): Promise<number> {
  const sink = StreamsSink.create({ handler, maxConcurrentStreams, maxReadAhead })
  const stop = new AbortController()
  const running = sink.start(stop.signal)
  const began = performance.now()
  let open = 0
  let checkpoint = 0n
  let drained: () => void = () => {}
  for (const items of batchesOf(events, names)) {
    open++
    const onComplete = () => {
      if (--open === 0) drained()
    }
    const batch: IngesterBatch = { items, checkpoint: checkpoint++, isTail: false, trancheId: "t", onComplete }
    await sink.pump(batch, stop.signal)
  }
  if (open > 0) await new Promise<void>((resolve) => (drained = resolve))
  const ms = performance.now() - began
  stop.abort()
  await running
  return ms
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

async function compare(events: number, streams: number, readAhead: number, permits: number, rounds: number): Promise<string> {
  const names = namesOf(streams)
  let calls = 0
  const handler: EventHandler = async () => {
    calls++
  }
  const ratios: number[] = []
  const rates: number[] = []
  await naive(events / 10, names, handler)
  await sunk(events / 10, names, handler, permits, readAhead)
  for (let round = 0; round < rounds; round++) {
    const base = await naive(events, names, handler)
    calls = 0
    const ours = await sunk(events, names, handler, permits, readAhead)
    ratios.push(ours / base)
    rates.push(events / ours)
  }
  const row = [streams, readAhead, permits, `${Math.round(median(rates))} k/s`, median(ratios).toFixed(2), calls]
  return row.map((cell) => String(cell).padStart(12)).join("")
}

const quick = process.argv[2] === "quick"
const events = quick ? 200_000 : 1_000_000
console.log(["streams", "read-ahead", "permits", "events", "time/naive", "calls"].map((h) => h.padStart(12)).join(""))
for (const streams of [1, 10, 1_000, 100_000])
  for (const readAhead of [3, 10, 100]) console.log(await compare(events, streams, readAhead, 10, quick ? 1 : 5))
