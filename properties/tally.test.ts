import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { RunReport } from "./run-report.js"
import { type Tally, tallyOf, TallySum } from "./tally.js"

const counts = fc.dictionary(fc.constantFrom("crash", "delay", "requestLost"), fc.nat(9))
const anyReport = fc.record({
  run: fc.constant(0),
  seed: fc.nat(),
  strategy: fc.constant("random"),
  steps: fc.nat(1_000),
  virtualMs: fc.nat(1_000),
  traceHash: fc.string(),
  faults: counts,
  checked: counts,
  exercised: counts,
  violations: fc.array(fc.record({ property: fc.constantFrom("I-01", "run"), message: fc.string() }), { maxLength: 2 }),
})
const anyReports = fc.array(anyReport, { maxLength: 20 }).map((all) => all.map((report, run) => ({ ...report, run })))

function totalOf(tallies: readonly Tally[]): Tally {
  const sum = new TallySum()
  for (const tally of tallies) sum.add(tally)
  return sum.total
}
const sumOf = (reports: readonly RunReport[]) => totalOf(reports.map(tallyOf))

describe("a tally", () => {
  test("is the same however the runs were divided, and in whatever order the parts came", () => {
    fc.assert(
      fc.property(anyReports, fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat()), (reports, parts, order) => {
        const shards = Array.from({ length: parts }, (_, nth) => reports.filter(({ run }) => run % parts === nth))
        const shuffled = shards.map((shard) => ({ shard, by: order.next().value })).sort((a, b) => a.by - b.by)
        const total = totalOf(shuffled.map(({ shard }) => sumOf(shard)))
        expect(JSON.stringify(total)).toBe(JSON.stringify(sumOf(reports)))
      }),
    )
  })

  test("tells histories apart, also when two runs have changed places or one has come twice", () => {
    fc.assert(
      fc.property(anyReports, fc.nat(), fc.nat(), (reports, i, j) => {
        const [a, b] = [reports[i % reports.length], reports[j % reports.length]]
        fc.pre(a !== undefined && b !== undefined && a.traceHash !== b.traceHash)
        const swapped = reports.map((report) =>
          report === a ? { ...a, traceHash: b.traceHash } : report === b ? { ...b, traceHash: a.traceHash } : report,
        )
        const { traceHash } = sumOf(reports)
        expect(sumOf(swapped).traceHash).not.toBe(traceHash)
        expect(sumOf([...reports, a]).traceHash).not.toBe(traceHash)
      }),
    )
  })

  test("has its violations in the order of the runs, each with its run and seed", () => {
    const of = (run: number, ...messages: string[]): RunReport => ({
      ...{
        run,
        seed: 100 + run,
        strategy: "fifo",
        steps: 1,
        virtualMs: 1,
        traceHash: "",
        faults: {},
        checked: {},
        exercised: {},
      },
      violations: messages.map((message) => ({ property: "run", message })),
    })
    expect(sumOf([of(3, "late"), of(0), of(1, "early", "and again")]).violations).toEqual([
      { property: "run", message: "early", run: 1, seed: 101 },
      { property: "run", message: "and again", run: 1, seed: 101 },
      { property: "run", message: "late", run: 3, seed: 103 },
    ])
  })
})
