import { expect, test } from "vitest"
import { exhaust } from "../properties/exhaust.js"
import { properties } from "../properties/invariants.js"
import { referenceEngine } from "../properties/reference-engine.js"
import { retell } from "../properties/retell.js"
import { engineMutants } from "./gallery/engine-mutants.js"
import { mutatedEngine } from "./gallery/mutated-engine.js"
import { oneCrashWith } from "./one-crash.js"

const onePage = oneCrashWith({ batchSize: 3, maxReadAhead: 1, patienceMs: 60 })
const pageByPage = oneCrashWith({ batchSize: 1, maxReadAhead: 1, patienceMs: 60 })

const engineWith = async (name: string) => {
  const mutant = engineMutants.find((candidate) => candidate.name === name)
  return mutatedEngine(mutant!)
}

/** All schedules of a deployment, with reduction and without: their numbers, and what they violate. */
async function bothWays(scenario: typeof onePage, maxFaults: number, engine = referenceEngine) {
  const ways = []
  for (const reduction of ["none", "sleepSets"] as const) {
    const options = { engine, reduction, granularity: "calls", maxFaults, maxMs: 600_000 } as const
    const { seen, schedules, cut, violations } = await exhaust(scenario, options)
    ways.push({ seen, schedules, cut, violated: violations.map(({ property }) => property).sort() })
  }
  const [full, reduced] = ways as [(typeof ways)[0], (typeof ways)[0]]
  expect(reduced.violated).toEqual(full.violated)
  const counts = `${full.schedules} schedules, with reduction ${reduced.schedules} and ${reduced.cut} cut`
  return `${full.seen} and ${reduced.seen} seen: ${counts}; violated: ${full.violated.join(", ") || "nothing"}`
}

test("the engine holds in every schedule with a crash at any place", async () => {
  expect(await bothWays(onePage, 1)).toMatchInlineSnapshot(
    `"all and all seen: 417 schedules, with reduction 154 and 47 cut; violated: nothing"`,
  )
}, 120_000)

test("a batch that one stream completes is seen whatever the reduction, and without a crash", async () => {
  const engine = await engineWith("the first stream to finish completes the batch")
  expect(await bothWays(onePage, 0, engine)).toMatchInlineSnapshot(
    `"all and all seen: 15 schedules, with reduction 9 and 1 cut; violated: I-05, I-08, I-10"`,
  )
}, 120_000)

test("so is a checkpoint that comes before the handler", async () => {
  const engine = await engineWith("the checkpoint is posted on admission")
  expect(await bothWays(onePage, 0, engine)).toMatchInlineSnapshot(
    `"all and all seen: 15 schedules, with reduction 10 and 1 cut; violated: I-10, I-11"`,
  )
}, 120_000)

test("so is a position that is misread, which shows only after a crash", async () => {
  const engine = await engineWith("the stored position is taken for that of the last event")
  expect(await bothWays(pageByPage, 0, engine)).toMatchInlineSnapshot(
    `"all and all seen: 9 schedules, with reduction 9 and 0 cut; violated: nothing"`,
  )
  expect(await bothWays(pageByPage, 1, engine)).toMatchInlineSnapshot(
    `"all and all seen: 270 schedules, with reduction 158 and 0 cut; violated: I-10, I-14, I-15, I-21"`,
  )
}, 120_000)

test("a schedule that showed a violation is a case, and shows it again", async () => {
  const engine = await engineWith("the stored position is taken for that of the last event")
  const shrink = { timeMs: 60_000, runs: 200 }
  const { violations } = await exhaust(pageByPage, { engine, granularity: "calls", maxRuns: 100, shrink })
  const found = violations[0]!.case
  expect(found.violation.property).toBe(violations[0]!.property)
  const { violated, applied, story } = await retell(found, pageByPage, engine, properties)
  expect({ violated, applied }).toEqual({ violated: true, applied: found.decisions.length })
  expect(story.join("\n")).toMatchInlineSnapshot(`
    "given
      nothing
    first in, first out, but
      crash at consumer#1 clock.sleep timer 2, 1 ms
    it happened that
       0 ms  store       has account-1@0, account-2@0, account-1@1
       0 ms  consumer#1  starts reactor on account
       0 ms  consumer#1  begins to read account at 0
       0 ms  consumer#1  reads account-1@0 of 0..2
       0 ms  consumer#1  handles account-1@0 (call 1)
       0 ms  consumer#1  has handled account-1 (call 1): next is 1
       0 ms  consumer#1  completes page 1, up to 2
       0 ms  consumer#1  reads account-2@0 of 2..3
       0 ms  consumer#1  handles account-2@0 (call 2)
       8 ms  consumer#1  stores position 2 of reactor
       8 ms  consumer#1  has stored position 2 of reactor
      10 ms  consumer#1  crashes
      11 ms  consumer#2  starts reactor on account
      11 ms  consumer#2  begins to read account at 3
      11 ms  consumer#2  reads account-1@1 of 3..4
      11 ms  consumer#2  handles account-1@1 (call 1)
      11 ms  consumer#2  has handled account-1 (call 1): next is 2
      11 ms  consumer#2  completes page 1, up to 4
      19 ms  consumer#2  stores position 4 of reactor
      19 ms  consumer#2  has stored position 4 of reactor
      60 ms  world       does not come to rest
      ✗ I-21: not everything is handled that was appended, or not every consumer has read to the tail (event 46, 60 ms)
        after 60 ms without more input and trouble, who waits for whom:
          consumer#2.1:account has read up to position 4, the last time 1 ms ago
          consumer#2 waits for a timer at 67 ms; a timer at 71 ms"
  `)
})

test("a seed that is none is refused", async () => {
  await expect(exhaust(onePage, { seed: Number.NaN })).rejects.toThrow('exhaust: option "seed" must be')
})
