import fc from "fast-check"
import { expect, test } from "vitest"
import type { Sink } from "../engine/batch.js"
import { StreamsSink } from "../engine/sink/streams-sink.js"
import { StreamName } from "../engine/stream-name.js"
import { simulate } from "../sim/simulate.js"
import type { FaultPlan, ProcessContext, World } from "../sim/world.js"
import { unrulyFeed } from "./unruly-feed.js"

type Page = readonly (readonly [stream: string, index: number])[]

const itemsOf = (page: Page) =>
  page.map(([stream, index]) => {
    const time = new Date(0)
    const event = { id: "", time, type: "Happened", index: BigInt(index), isUnfold: false, size: 0 }
    return [StreamName.parse(stream), event] as const
  })

async function feeding(
  seed: number,
  failures: FaultPlan["failures"],
  pages: readonly Page[],
  sinkOf: (self: ProcessContext) => Sink,
) {
  const { outcome, faults } = await simulate(seed, async (world: World) => {
    world.fault({ port: "feed", ...(failures && { failures }) })
    const process = world.process("p", async (self) => {
      const stop = new AbortController()
      const sink = unrulyFeed(sinkOf(self), self)
      const started = sink.start(stop.signal)
      await new Promise<void>((resolve) => {
        let open = pages.length
        const onComplete = () => {
          if (--open === 0) resolve()
        }
        const pump = async () => {
          for (const [n, page] of pages.entries())
            await sink.pump(
              { items: itemsOf(page), checkpoint: BigInt(n), isTail: false, trancheId: "t", onComplete },
              stop.signal,
            )
        }
        void pump()
      })
      stop.abort()
      await started
    })
    expect(await process.ended).toEqual({ kind: "ok" })
  })
  expect(outcome).toEqual({ kind: "ok" })
  return faults
}

/** Notes what it is given, and is done with it at once. */
const noting = (delivered: string[][]): Sink => ({
  start: async () => undefined,
  addTracingAttrs: () => undefined,
  pump: ({ items, onComplete }) => {
    delivered.push(items.map(([stream, { index }]) => `${stream}@${index}`))
    onComplete()
  },
})

const pages: readonly Page[] = [
  [
    ["a-1", 0],
    ["a-2", 0],
    ["a-1", 1],
  ],
  [["a-1", 2]],
]

test("a batch may begin with all of the one before it, once more", async () => {
  const delivered: string[][] = []
  const faults = await feeding(1, { duplicates: 1 }, pages, () => noting(delivered))
  expect(delivered).toEqual([
    ["a-1@0", "a-2@0", "a-1@1"],
    ["a-1@0", "a-2@0", "a-1@1", "a-1@2"],
  ])
  expect(faults).toEqual({ duplicates: 1 })
})

test("streams may come in another order, and within each it stays", async () => {
  const delivered: string[][] = []
  const faults = await feeding(1, { reordersStreams: 1 }, pages, () => noting(delivered))
  expect(delivered).toEqual([["a-2@0", "a-1@0", "a-1@1"], ["a-1@2"]])
  expect(faults).toEqual({ reordersStreams: 1 })
})

test("a sink handles every event once and in order all the same", async () => {
  const streams = fc.array(fc.constantFrom("a-1", "a-2", "b-1"), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(streams, { minLength: 1, maxLength: 6 }), async (seed, drawn) => {
      const versions = new Map<string, number>()
      const pages = drawn.map((page) =>
        page.map((stream): [string, number] => {
          const index = versions.get(stream) ?? 0
          versions.set(stream, index + 1)
          return [stream, index]
        }),
      )
      const handled: string[] = []
      await feeding(seed, { duplicates: 0.5, reordersStreams: 0.5 }, pages, ({ clock }) =>
        StreamsSink.create({
          handler: async (stream, events) => {
            await clock.turn()
            for (const { index } of events) handled.push(`${stream}@${index}`)
          },
          maxConcurrentStreams: 2,
          maxReadAhead: 2,
          clock,
        }),
      )
      for (const [stream, version] of versions)
        expect(handled.filter((name) => name.startsWith(`${stream}@`))).toEqual(
          Array.from({ length: version }, (_, index) => `${stream}@${index}`),
        )
    }),
    { numRuns: 100 },
  )
})
