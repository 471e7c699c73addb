import type { DynamoDB } from "@aws-sdk/client-dynamodb"
import fc from "fast-check"
import { afterAll, describe, expect, it, type TestOptions } from "vitest"
import { FakeDynamoDB } from "../../dynamodb/index.js"
import { needsDynamoDb, realDynamoDb } from "../../dynamodb/real-dynamodb.js"
import { createTables } from "../tables.js"
import type { CounterOptions, Maker, WireSpan } from "./counter.js"
import { ourPackage } from "./our-package.js"
import { publishedPackages } from "./published-packages.js"

/*
 * The published packages and ours on one table, in turn and at once: each reads and continues what the other wrote.
 * Readers are fresh in every step, because the published cache has defects of its own (known-defects.test.ts).
 */

const makers: Record<string, Maker> = { published: publishedPackages, ours: ourPackage }
const strategies = ["Unoptimized", "LatestKnownEvent", "Snapshot", "MultiSnapshot", "RollingState"] as const

interface Place {
  readonly ddb: DynamoDB
  readonly tableName: string
}

const real = realDynamoDb()
afterAll(() => real.close())

/** An empty table for each history; on the real one they are made and deleted one by one, so there are fewer. */
const places: Record<
  string,
  { readonly needs: TestOptions; readonly numRuns: number; readonly open: () => Promise<Place> }
> = {
  "the fake": { needs: {}, numRuns: 30, open: () => withTables({ ddb: new FakeDynamoDB(), tableName: "events" }) },
  "a real DynamoDB": {
    needs: needsDynamoDb,
    numRuns: 3,
    open: () => withTables({ ddb: real.client, tableName: real.tableName("events") }),
  },
}

async function withTables(place: Place): Promise<Place> {
  await createTables(place.ddb, { events: place.tableName, index: real.tableName("index") })
  return place
}

describe.each(Object.entries(places))("on %s", (_, { needs, open, numRuns }) => {
  describe.each(strategies)("counters by %s", needs, (access) => {
    const steps = fc.array(
      fc.record({
        maker: fc.constantFrom("published", "ours"),
        by: fc.integer({ min: 1, max: 9 }),
        maxEvents: fc.constantFrom(1, 2, 3, undefined),
      }),
      { minLength: 1, maxLength: 12 },
    )

    it("go on from whatever the other one wrote", async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const place = await open()
          let expected = 0
          for (const { maker, by, maxEvents } of history) {
            const options: CounterOptions = {
              ...place,
              id: "1",
              access,
              ...(maxEvents !== undefined && { tip: { maxEvents } }),
            }
            await makers[maker]!.counter(options).add(by)
            expected = access === "LatestKnownEvent" ? by : expected + by
            for (const reader of Object.values(makers))
              expect(await reader.counter({ ...place, id: "1", access }).total()).toBe(expected)
          }
        }),
        { numRuns },
      )
    })
  })

  it("writers of different strategies leave nothing in a Tip that the other one reads wrong", needs, async () => {
    const steps = fc.record({
      maker: fc.constantFrom("published", "ours"),
      access: fc.constantFrom<CounterOptions["access"]>("Unoptimized", "Snapshot", "MultiSnapshot"),
      maxEvents: fc.integer({ min: 1, max: 4 }),
      padding: fc.constantFrom(0, 0, 500),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 15 }), async (history) => {
        const place = await open()
        let expected = 0
        for (const [at, { maker, access, maxEvents, padding }] of history.entries()) {
          const options = { ...place, tip: { maxEvents, maxBytes: 400 }, id: "1" }
          await makers[maker]!.counter({ ...options, access, padding: "x".repeat(padding) }).add(at + 1)
          expected += at + 1
          for (const reader of Object.values(makers))
            for (const access of ["Unoptimized", "Snapshot"] as const)
              expect(await reader.counter({ ...options, access }).total()).toBe(expected)
        }
      }),
      { numRuns },
    )
  })

  it.each([
    ["published", "ours"],
    ["ours", "published"],
  ])("a writer that is %s does not overwrite one that is %s", needs, async (first, second) => {
    for (const maxEvents of [undefined, 2]) {
      const place = await open()
      const tip = maxEvents === undefined ? {} : { tip: { maxEvents } }
      const counter = (maker: string) => makers[maker]!.counter({ ...place, id: "1", access: "Unoptimized", ...tip })
      await counter(first).add(1)
      await counter(second).add(10)
      let met = false
      const race = counter(first).add(100, async () => {
        if (!met) await counter(second).add(1000)
        met = true
      })
      // The published packages do not try again when they lose a race for a calve (D02); nothing is overwritten all the same.
      const added = await race.then(
        () => 100,
        () => 0,
      )
      expect(await counter("ours").total()).toBe(1011 + added)
      expect(await counter("published").total()).toBe(1011 + added)
    }
  })

  it("an index is continued and read by either, over the ends of its epochs", needs, async () => {
    const batches = fc.array(
      fc.record({ maker: fc.constantFrom("published", "ours"), stream: fc.integer({ min: 0, max: 3 }) }),
      {
        minLength: 1,
        maxLength: 15,
      },
    )
    await fc.assert(
      fc.asyncProperty(batches, async (history) => {
        const place = await open()
        const next = new Map<string, number>()
        const written: WireSpan[] = []
        for (const { maker, stream } of history) {
          const p = `Counter-${stream}`
          const i = next.get(p) ?? 0
          next.set(p, i + 1)
          written.push({ p, i, c: ["Added"] })
          await makers[maker]!.indexer(place, { maxVersion: 3 }).ingest([{ p, i, c: ["Added"] }])
        }
        expect(await allSpans(ourPackage, place)).toEqual(written)
        expect(await allSpans(publishedPackages, place)).toEqual(written)
      }),
      { numRuns },
    )
  })
})

async function allSpans(maker: Maker, place: Place): Promise<WireSpan[]> {
  const spans: WireSpan[] = []
  for (let epoch = 0; ; epoch++) {
    const read = await maker.indexer(place).epoch(epoch)
    spans.push(...read.spans)
    if (!read.closed) return spans
  }
}
