import { StreamsSink } from "../engine/index.js"
import type { EventHandler, ITimelineEvent, StreamName, StreamsSinkOptions } from "../engine/index.js"

const time = new Date(0)

export function eventAt(index: number): ITimelineEvent {
  return { id: "", time, type: "Counted", data: '{"a":"0123456789"}', index: BigInt(index), isUnfold: false, size: -1 }
}

export type Items = (readonly [StreamName, ITimelineEvent])[]

export function streamNames(count: number): StreamName[] {
  return Array.from({ length: count }, (_, i) => `category-${i}` as StreamName)
}

/** Event k belongs to stream k mod S at index k div S: the `rr` layout of the peer baseline. */
export function* roundRobin(events: number, names: StreamName[], batchSize: number): Generator<Items> {
  for (let from = 0; from < events; from += batchSize) {
    const items: Items = []
    for (let k = from; k < Math.min(from + batchSize, events); k++)
      items.push([names[k % names.length] as StreamName, eventAt(Math.floor(k / names.length))])
    yield items
  }
}

/** Pumps all batches, waiting for room, and resolves when the last has completed. */
export async function pumpAll(
  batches: Iterable<Items>,
  handler: EventHandler,
  options: Pick<StreamsSinkOptions, "maxConcurrentStreams" | "maxReadAhead"> & Partial<StreamsSinkOptions>,
): Promise<void> {
  const sink = StreamsSink.create({ handler, ...options })
  const stop = new AbortController()
  const running = sink.start(stop.signal)
  let open = 0
  let checkpoint = 0n
  let drained: () => void = () => {}
  const onComplete = () => {
    if (--open === 0) drained()
  }
  for (const items of batches) {
    open++
    await sink.pump({ items, checkpoint: checkpoint++, isTail: false, trancheId: "t", onComplete }, stop.signal)
  }
  if (open > 0) await new Promise<void>((resolve) => (drained = resolve))
  stop.abort()
  await running
}

/** Milliseconds of wall time and of processor time (all threads) that some work takes. */
export async function measure(work: () => Promise<unknown>): Promise<{ wall: number; cpu: number }> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  await work()
  const wall = performance.now() - began
  const used = process.cpuUsage(cpu)
  return { wall, cpu: (used.user + used.system) / 1000 }
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

export function row(...cells: (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(14)).join("")
}
