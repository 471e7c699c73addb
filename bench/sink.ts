/*
 * The sink's time for a million events over streams in turn, as a ratio to the naive loop (group the batch by stream,
 * call the handler once per stream, wait for all) over the same batches in the same process, the two in turn. Batches
 * of 500, 10 permits, a handler that only counts. Printed are medians. `hold/naive` is the naive loop again, but each
 * batch lies in a queue until `read-ahead` batches are there: what reading ahead costs without any sink, because what
 * is held must be collected later.
 *
 *   npm run bench:sink [-- events rounds]     default 1000000 5
 */
import type { EventHandler, ITimelineEvent, StreamName } from "../engine/index.js"
import { Fifo } from "../engine/sink/fifo.js"
import { measure, median, pumpAll, roundRobin, row, streamNames } from "./feed.js"
import type { Items } from "./feed.js"

const events = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 5)
const batchSize = 500

async function naive(names: StreamName[], handler: EventHandler, held = 0, count = events): Promise<void> {
  const queue = new Fifo<Items>()
  for (const read of roundRobin(count, names, batchSize)) {
    queue.push(read)
    if (queue.length <= held) continue
    const items = queue.shift() as Items
    const byStream = new Map<StreamName, ITimelineEvent[]>()
    for (const [stream, event] of items) {
      const span = byStream.get(stream)
      if (span === undefined) byStream.set(stream, [event])
      else span.push(event)
    }
    const calls: Promise<unknown>[] = []
    for (const [stream, span] of byStream) calls.push(handler(stream, span))
    await Promise.all(calls)
  }
}

async function compare(streams: number, maxReadAhead: number): Promise<void> {
  const names = streamNames(streams)
  let calls = 0
  const handler: EventHandler = async () => {
    calls++
  }
  const sunk = (count = events) =>
    pumpAll(roundRobin(count, names, batchSize), handler, { maxConcurrentStreams: 10, maxReadAhead })
  await naive(names, handler, maxReadAhead, events / 10)
  await sunk(events / 10)
  const wall: number[] = []
  const cpu: number[] = []
  const rate: number[] = []
  const hold: number[] = []
  for (let round = 0; round < rounds; round++) {
    const base = await measure(() => naive(names, handler))
    const holding = await measure(() => naive(names, handler, maxReadAhead))
    calls = 0
    const ours = await measure(() => sunk())
    wall.push(ours.wall / base.wall)
    cpu.push(ours.cpu / base.cpu)
    rate.push(events / ours.wall)
    hold.push(holding.wall / base.wall)
  }
  console.log(
    row(
      streams,
      maxReadAhead,
      Math.round(median(rate)),
      median(wall).toFixed(2),
      median(cpu).toFixed(2),
      median(hold).toFixed(2),
      calls,
    ),
  )
}

console.log(row("streams", "read-ahead", "events/ms", "time/naive", "cpu/naive", "hold/naive", "calls"))
for (const streams of [1, 10, 1_000, 100_000])
  for (const maxReadAhead of [3, 10, 100]) await compare(streams, maxReadAhead)
