import { readFile } from "node:fs/promises"
import { referenceEngine, type EngineUnderTest } from "equinox-windtunnel"
import { expect, test } from "vitest"
import { parseCase } from "../../properties/case.js"
import { properties } from "../../properties/invariants.js"
import { retell } from "../../properties/retell.js"
import { scenarios } from "../../scenarios/index.js"
import indexing from "./indexing.js"
import reading from "./reading.js"
import writing from "./writing.js"

/*
 * What the scenarios found in the published packages, each as the case that was made of it, run again: on the package,
 * and on this repository's own part in the same place. docs/findings/equinox-js-1.2.0.md explains them.
 */

const parts: Readonly<Record<string, Partial<EngineUnderTest>>> = {
  "../reading.ts": reading,
  "../indexing.ts": indexing,
  "../writing.ts": writing,
}

async function told(name: string): Promise<string> {
  const file = new URL(`cases/${name}.json`, import.meta.url)
  const found = parseCase(name, await readFile(file, "utf8"))
  const scenario = scenarios.find((each) => each.name === found.scenario)!
  const again = (engine: EngineUnderTest) => retell(found, scenario, engine, properties)
  const published = await again({ ...referenceEngine, ...parts[found.engine!] })
  expect(published.violated).toBe(true)
  expect((await again(referenceEngine)).violated).toBe(false)
  const { story } = published
  return ["", ...story.slice(story.findIndex((line) => line.startsWith("first in"))), ""].join("\n")
}

test("source: a replica that does not have all that the index names yet makes a page short, and the rest is lost", async () => {
  expect(await told("short-read")).toMatchInlineSnapshot(`
    "
    first in, first out, but
      staleRead at world dynamodb.Query fault 3
      staleRead at world dynamodb.Query fault 4
      staleRead at world dynamodb.Query fault 5
      staleRead at world dynamodb.Query fault 7
    it happened that
                       0 ms  consumer#1  starts reactor on 0
                       0 ms  consumer#1  begins to read 0 at 0
                       0 ms  store       has stock-1@0, stock-1@1, stock-1@2
                       7 ms  store       has stock-1@3, stock-1@4, stock-1@5, stock-1@6
                      10 ms  world       staleRead at dynamodb.Query
                      20 ms  world       staleRead at dynamodb.Query
                      20 ms  consumer#1  fails: Origin event not found; no Archive Table supplied
                      21 ms  store       has stock-1@7, stock-1@8
      22.737885464448482 ms  world       staleRead at dynamodb.Query
                      25 ms  consumer#1  starts reactor on 0
                      25 ms  consumer#1  begins to read 0 at 0
                      25 ms  world       staleRead at dynamodb.Query
                      25 ms  consumer#1  reads stock-1@0..6 of 0..3
                      25 ms  consumer#1  handles stock-1@0..6 (call 1)
                      25 ms  consumer#1  has handled stock-1 (call 1): next is 7
                      25 ms  consumer#1  completes page 1, up to 3
                      28 ms  store       has stock-1@9, stock-1@10
                      45 ms  consumer#1  reads stock-1@9..10 of 3..4
                      45 ms  consumer#1  handles stock-1@9..10 (call 2)
                      45 ms  consumer#1  has handled stock-1 (call 2): next is 11
                      45 ms  consumer#1  completes page 2, up to 4
                      55 ms  consumer#1  stores position 4 of reactor
                      55 ms  consumer#1  has stored position 4 of reactor
      20025.538013025653 ms  world       does not come to rest
      20025.538013025653 ms  consumer#1  is asked to stop
      20025.538013025653 ms  consumer#1  ends
      ✗ I-10: group reactor: stock-1@7, position 2 of 0, is not handled, but the stored checkpoint is 4
    "
  `)
})

test("source: whoever starts from the tail of an epoch that has closed never reads on", async () => {
  expect(await told("tail-of-a-closed-epoch")).toMatchInlineSnapshot(`
    "
    first in, first out
    it happened that
          0 ms  store       has alert-0@0, alert-0@1
         32 ms  consumer#1  starts reactor on 0
         32 ms  consumer#1  begins to read 0 at 3
         35 ms  store       has alert-0@2
      20032 ms  world       does not come to rest
      20032 ms  consumer#1  is asked to stop
      20032 ms  consumer#1  ends
      ✗ I-15: group reactor: alert-0@2, position 1000000 of 0, was never handled
    "
  `)
})

test("checkpoints: a slower second instance winds the position back", async () => {
  expect(await told("checkpoint-wound-back")).toMatchInlineSnapshot(`
    "
    first in, first out, but
      staleRead at world dynamodb.GetItem fault 2
      staleRead at world dynamodb.GetItem fault 3
      staleRead at world dynamodb.GetItem fault 4
      staleRead at world dynamodb.GetItem fault 5
      staleRead at world dynamodb.GetItem fault 6
      staleRead at world dynamodb.GetItem fault 7
      staleRead at world dynamodb.Query fault 7
      staleRead at world dynamodb.GetItem fault 15
    it happened that
       0 ms  old-instance#1  starts reactor on 0
       0 ms  world           staleRead at dynamodb.GetItem
       0 ms  old-instance#1  begins to read 0 at 0
       0 ms  world           staleRead at dynamodb.GetItem
       0 ms  store           has account-1@0
       2 ms  new-instance#1  starts reactor on 0
       2 ms  world           staleRead at dynamodb.GetItem
       2 ms  world           staleRead at dynamodb.GetItem
       2 ms  new-instance#1  begins to read 0 at 0
       2 ms  world           staleRead at dynamodb.GetItem
      10 ms  world           staleRead at dynamodb.GetItem
      17 ms  new-instance#1  reads account-1@0 of 0..1
      17 ms  new-instance#1  handles account-1@0 (call 1)
      20 ms  old-instance#1  reads account-1@0 of 0..1
      20 ms  old-instance#1  handles account-1@0 (call 1)
      20 ms  old-instance#1  has handled account-1 (call 1): next is 1
      20 ms  old-instance#1  completes page 3, up to 1
      24 ms  store           has account-0@0, account-0@1
      30 ms  old-instance#1  stores position 1 of reactor
      30 ms  old-instance#1  has stored position 1 of reactor
      30 ms  old-instance#1  reads account-0@0 of 1..1000000
      30 ms  old-instance#1  handles account-0@0 (call 2)
      30 ms  old-instance#1  has handled account-0 (call 2): next is 1
      30 ms  old-instance#1  completes page 4, up to 1000000
      30 ms  old-instance#1  reads account-0@1 of 1000000..1000001
      30 ms  old-instance#1  handles account-0@1 (call 3)
      30 ms  old-instance#1  has handled account-0 (call 3): next is 2
      30 ms  old-instance#1  completes page 5, up to 1000001
      40 ms  old-instance#1  stores position 1000001 of reactor
      40 ms  old-instance#1  has stored position 1000001 of reactor
      42 ms  new-instance#1  has handled account-1 (call 1): next is 1
      42 ms  new-instance#1  completes page 2, up to 1
      52 ms  new-instance#1  stores position 1 of reactor
      52 ms  new-instance#1  has stored position 1 of reactor
      57 ms  world           staleRead at dynamodb.Query
      57 ms  new-instance#1  reads account-0@0 of 1..1000000
      57 ms  new-instance#1  handles account-0@0 (call 2)
      60 ms  world           staleRead at dynamodb.GetItem
      60 ms  old-instance#1  fails: tranche 0: a page read from 1000001 has the lower checkpoint 1000000
      65 ms  old-instance#1  starts reactor on 0
      65 ms  old-instance#1  begins to read 0 at 1
      ✗ I-12: old-instance#1.2:0: loaded 1 for (reactor, 0), where 1000001 was stored (event 73, 65 ms)
    "
  `)
})

test("indexer: what is delivered again after an epoch closed is indexed again", async () => {
  expect(await told("indexed-twice")).toMatchInlineSnapshot(`
    "
    first in, first out, but
      crash at indexer-0#1 dynamodb.putItem($AppendsEpoch-0_1) reply 1, 1 ms
    it happened that
        0 ms  consumer#1   starts reactor on 0
        0 ms  consumer#1   begins to read 0 at 0
       29 ms  store        has invoice-0@0, invoice-0@1, invoice-0@2, invoice-1@0
       57 ms  consumer#1   reads invoice-0@0..2 invoice-1@0 of 0..1000000
       57 ms  consumer#1   handles invoice-0@0..2 (call 1)
       57 ms  consumer#1   has handled invoice-0 (call 1): next is 3
       57 ms  consumer#1   handles invoice-1@0 (call 2)
       57 ms  consumer#1   has handled invoice-1 (call 2): next is 1
       57 ms  consumer#1   completes page 2, up to 1000000
       58 ms  store        has invoice-1@1, invoice-1@2, invoice-1@3, invoice-0@3, invoice-0@4, invoice-0@5, invoice-0@6, invoice-0@7, invoice-0@8, invoice-0@9, invoice-0@10, invoice-0@11, invoice-0@12, invoice-0@13, invoice-0@14, invoice-0@15
       58 ms  indexer-0#1  crashes
       59 ms  store        has invoice-0@9 once more, at 2000000, invoice-0@10 once more, at 2000000, invoice-0@11 once more, at 2000000, invoice-0@12 once more, at 2000000, invoice-0@13 once more, at 2000000, invoice-0@14 once more, at 2000000, invoice-0@15 once more, at 2000000, invoice-0@16, invoice-0@17, invoice-0@18
       64 ms  consumer#1   stores position 1000000 of reactor
       64 ms  consumer#1   has stored position 1000000 of reactor
       87 ms  store        has invoice-0@19
      114 ms  consumer#1   reads invoice-1@1..3 invoice-0@3..15 of 1000000..2000000
      114 ms  consumer#1   handles invoice-1@1..3 (call 3)
      114 ms  consumer#1   reads invoice-0@9..18 of 2000000..2000001
      114 ms  consumer#1   reads invoice-0@19 of 2000001..3000000
      116 ms  consumer#1   has handled invoice-1 (call 3): next is 4
      116 ms  consumer#1   handles invoice-0@3..19 (call 4)
      118 ms  consumer#1   has handled invoice-0 (call 4): next is 20
      118 ms  consumer#1   completes page 4, up to 2000000
      118 ms  consumer#1   completes page 5, up to 2000001
      118 ms  consumer#1   completes page 6, up to 3000000
      128 ms  consumer#1   stores position 3000000 of reactor
      128 ms  consumer#1   has stored position 3000000 of reactor
      177 ms  world        comes to rest
      ✗ run: invoice-0@9 was indexed twice
    "
  `)
})

test("decider: events of the Tip are folded again onto a state that holds them", async () => {
  expect(await told("events-folded-twice")).toMatchInlineSnapshot(`
    "
    first in, first out, but
      staleRead at world dynamodb.GetItem fault 1
    it happened that
          0 ms  store  has account-0@0
          4 ms  world  staleRead at dynamodb.GetItem
          5 ms  store  has account-0@1
      20004 ms  world  does not come to rest
      ✗ run: late-writer#1: StoreDefectError: event 0 was folded onto a state of 2 events
    "
  `)
})

test("decider: whoever loses the race for a calf gets an exception instead of a second try", async () => {
  expect(await told("lost-race-for-a-calf")).toMatchInlineSnapshot(`
    "
    first in, first out
    it happened that
       0 ms  consumer#1  starts reactor on 0
       0 ms  consumer#1  begins to read 0 at 0
       0 ms  store       has ledger-0@0
       5 ms  store       has ledger-0@1
      10 ms  consumer#1  reads ledger-0@0 of 0..1
      10 ms  consumer#1  handles ledger-0@0 (call 1)
      10 ms  consumer#1  has handled ledger-0 (call 1): next is 1
      10 ms  consumer#1  completes page 2, up to 1
      10 ms  consumer#1  reads ledger-0@1 of 1..2
      10 ms  consumer#1  handles ledger-0@1 (call 2)
      10 ms  consumer#1  has handled ledger-0 (call 2): next is 2
      10 ms  consumer#1  completes page 3, up to 2
      20 ms  consumer#1  stores position 2 of reactor
      20 ms  consumer#1  has stored position 2 of reactor
      54 ms  world       comes to rest
      ✗ run: writer-0#1: TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict, TransactionConflict]
    "
  `)
})
