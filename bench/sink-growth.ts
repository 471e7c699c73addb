/*
 * How the sink's cost grows where other engines' grows with the square: each row doubles or multiplies one quantity
 * and prints processor time for each event or call; constant columns mean linear work.
 *
 *   npm run bench:growth
 */
import { StreamResult } from "../engine/index.js"
import type { StreamName } from "../engine/index.js"
import { eventAt, measure, pumpAll, roundRobin, row, streamNames } from "./feed.js"
import type { Items } from "./feed.js"

const [stream] = streamNames(1) as [StreamName]
const many = { maxConcurrentStreams: 10, maxReadAhead: 1_000_000 }

async function table(
  title: string,
  unit: string,
  sizes: number[],
  work: (size: number) => Promise<unknown>,
  units: (size: number) => number = (size) => size,
): Promise<void> {
  console.log(`\n${title}`)
  await work(sizes[0] as number)
  for (const size of sizes) {
    const { cpu, wall } = await measure(() => work(size))
    console.log(row(size, `${wall.toFixed(1)} ms`, `${((1000 * cpu) / units(size)).toFixed(2)} us/${unit}`))
  }
}

/** Resolves when everything else that can happen without time passing has happened. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

await table(
  "E-Q1  one batch of one stream with one event missing (index 0, then 2, 3, …)",
  "event",
  [12_500, 25_000, 50_000, 100_000],
  (size) =>
    pumpAll(
      [Array.from({ length: size }, (_, i) => [stream, eventAt(i === 0 ? 0 : i + 1)] as const)],
      async () => {},
      many,
    ),
)

await table(
  "E-Q1  one batch of one stream in which every other event is missing",
  "event",
  [12_500, 25_000, 50_000, 100_000],
  (size) => pumpAll([Array.from({ length: size }, (_, i) => [stream, eventAt(2 * i)] as const)], async () => {}, many),
)

function* spansOf(batches: number, size: number): Generator<Items> {
  for (let b = 0; b < batches; b++)
    yield Array.from({ length: size }, (_, i) => [stream, eventAt(b * size + i)] as const)
}

await table(
  "E-Q2  a stream whose first call stays open while batches of 500 arrive",
  "event",
  [250, 500, 1000, 2000],
  async (batches) => {
    let calls = 0
    let release = () => {}
    const opened = new Promise<void>((resolve) => (release = resolve))
    const feed = function* () {
      yield* spansOf(batches, 500)
      release()
    }
    await pumpAll(feed(), () => (calls++ === 0 ? opened : Promise.resolve()), many)
  },
  (batches) => batches * 500,
)

await table(
  "E-Q3  a backlog of single events, each in a batch of its own, with a gap before each, then handled one by one",
  "event",
  [2000, 4000, 8000, 16_000],
  (size) =>
    pumpAll(
      Array.from({ length: size }, (_, i) => [[stream, eventAt(2 * i)] as const]),
      async () => {},
      many,
    ),
)

await table(
  "E-Q4  a handler of one turn, by permits (columns per call)",
  "call",
  [10, 100, 1000, 3000],
  (maxConcurrentStreams) =>
    pumpAll(roundRobin(30_000, streamNames(30_000), 500), turn, { maxConcurrentStreams, maxReadAhead: 100 }),
  () => 30_000,
)

await table(
  "E-Q5  streams that wait for a gap to close, and as many that are ready (complete streams)",
  "stream",
  [2000, 4000, 8000, 16_000],
  async (size) => {
    const names = streamNames(2 * size)
    const gapped = names.slice(0, size)
    const ready = names.slice(size)
    await pumpAll(
      [
        gapped.map((name) => [name, eventAt(1)] as const),
        ...ready.map((name) => [[name, eventAt(0)] as const]),
        gapped.map((name) => [name, eventAt(0)] as const),
      ],
      async () => {},
      { ...many, requireCompleteStreams: true },
    )
  },
)

await table(
  "E-Q6  batches that are done but wait behind one slow stream",
  "batch",
  [4000, 8000, 16_000, 32_000],
  async (size) => {
    let release = () => {}
    const opened = new Promise<void>((resolve) => (release = resolve))
    const [slow, ...quick] = streamNames(size + 1) as [StreamName, ...StreamName[]]
    const feed = function* (): Generator<Items> {
      yield [[slow, eventAt(0)]]
      for (const name of quick) yield [[name, eventAt(0)]]
      setImmediate(release)
    }
    await pumpAll(feed(), (name) => (name === slow ? opened : Promise.resolve()), many)
  },
)

await table(
  "one event at a time of a long span (PartiallyProcessed in a stream of single-event batches)",
  "event",
  [500, 1000, 2000, 4000],
  (size) => pumpAll(spansOf(size, 1), async () => StreamResult.PartiallyProcessed(1), { ...many, maxReadAhead: 10 }),
)

console.log("\nmemory of streams that are done (default maxIdleStreams, 100000)")
if (globalThis.gc === undefined) console.log("  not measured: run with --expose-gc")
else
  for (const streams of [50_000, 100_000, 200_000, 400_000, 800_000]) {
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    let after = 0
    const feed = function* () {
      for (let from = 0; from < streams; from += 500)
        yield Array.from({ length: 500 }, (_, i) => [`category-${from + i}` as StreamName, eventAt(0)] as const)
      globalThis.gc?.()
      after = process.memoryUsage().heapUsed
    }
    await pumpAll(feed(), async () => {}, { maxConcurrentStreams: 10, maxReadAhead: 10 })
    console.log(
      row(
        streams,
        `${((after - before) / 2 ** 20).toFixed(1)} MiB`,
        `${((after - before) / streams).toFixed(0)} B/stream`,
      ),
    )
  }
