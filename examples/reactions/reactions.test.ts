import { fuzz, judgeReaction } from "equinox-windtunnel"
import type { Clock } from "equinox-windtunnel/propeller"
import { describe, expect, test } from "vitest"
import { examples } from "./index.js"

/** How small a failure becomes does not depend on how fast the machine is then. */
const stopped: Clock = { now: () => 0, sleep: async () => undefined, turn: async () => undefined }

/** Of each axis. `npm run examples` takes thousands. */
const runs = 20

const mostStoryLines = 15

describe.each(examples)("$name", { timeout: 120_000 }, (example) => {
  test("holds", async () => {
    const { outcome } = await fuzz({ ...example, reaction: example.right, runs })
    expect(outcome).toBe("idempotent")
  })

  test.each(example.wrong)("is seen to fail: $flaw", async ({ axis, hint, reaction }) => {
    const verdict = await judgeReaction({ ...example, reaction, runs })
    const failed = verdict.axes.flatMap((one) => (one.outcome === "failed" ? [one] : []))
    const counterexample = failed.find((one) => one.axis === axis)?.counterexample
    expect(failed.map((one) => one.axis)).toContain(axis)
    expect(counterexample?.hints.join("\n")).toMatch(hint)
    for (const { counterexample } of failed) expect(counterexample.story.length).toBeLessThanOrEqual(mostStoryLines)
  })
})

describe("what is told", { timeout: 120_000 }, () => {
  /** Story and difference of the axis that a flaw is expected to show in. */
  const told = async (name: string, flaw: RegExp): Promise<string> => {
    const example = examples.find((one) => one.name === name)!
    const wrong = example.wrong.find((one) => flaw.test(one.flaw))!
    const { axes } = await judgeReaction({ ...example, reaction: wrong.reaction, runs, clock: stopped })
    const found = axes.find(({ axis }) => axis === wrong.axis)
    if (found?.outcome !== "failed") return "nothing"
    return [...found.counterexample.story, ...found.counterexample.difference].join("\n")
  }

  test("of a crash between marker and effect", async () => {
    expect(await told("invoice emailer", /noted as done before/)).toMatchInlineSnapshot(`
      "given invoice-2@0 InvoiceRaised
        consumer#1  gets invoice-2@0
        consumer#1    notes.has('invoice-2@0')
        consumer#1    notes.add('invoice-2@0')
        consumer#1  ✗ dies after notes.add, whose reply it never gets
        consumer#2  starts at position 0
        consumer#2  gets invoice-2@0
        consumer#2    notes.has('invoice-2@0')
      - [ 'bob@example.com: Your invoice over 20' ]
      + []"
    `)
  })

  test("of an old event that wins", async () => {
    expect(await told("search index with batch upserts", /no version/)).toMatchInlineSnapshot(`
      "given catalog-b@0 ProductDescribed, catalog-b@1 ProductDescribed
        consumer#1   gets catalog-b@0
        consumer#1   ✗ is paused, and another one takes over
        successor#1  starts at position 0
        successor#1  gets catalog-b@0
        successor#1    search.bulk([ { id: 'b1', title: 'Salt' } ])
        successor#1  answers AllProcessed
        successor#1  gets catalog-b@1
        successor#1    search.bulk([ { id: 'b1', title: 'Sea salt' } ])
        successor#1  answers AllProcessed
        consumer#1   goes on after its pause
        consumer#1     search.bulk([ { id: 'b1', title: 'Salt' } ])
        consumer#1   answers AllProcessed
      - { b1: 'Sea salt' }
      + { b1: 'Salt' }"
    `)
  })

  test("of a count that is off by one", async () => {
    expect(await told("outbox relay", /off by one/)).toMatchInlineSnapshot(`
      "given outbox-a@0 OutboxEntryAdded, outbox-a@1 OutboxEntryAdded
        consumer#1  gets outbox-a@0..1
        consumer#1    broker.publish({ body: '{"what":"signed up"}', id: 'outbox-a@0', key: 'outbox-a' })
        consumer#1  ✗ broker.publish fails without effect
        consumer#1  answers PartiallyProcessed(2)
        {
      -   'outbox-a': [ '{"what":"signed up"}', '{"what":"moved"}' ]
      +   'outbox-a': [ '{"what":"signed up"}' ]
        }"
    `)
  })

  test("of one stream that is taken to be ahead of another", async () => {
    expect(await told("process manager", /for granted/)).toMatchInlineSnapshot(`
      "given payment-1@0 PaymentRequested, order-2@0 OrderPlaced, payment-2@0 PaymentReceived
        consumer#1  gets payment-1@0
        consumer#1    store.read('fulfilment-1')
        consumer#1  answers AllProcessed
        consumer#1  gets order-2@0
        consumer#1    store.read('fulfilment-2')
        consumer#1    store.append('fulfilment-2', 0, [ { from: 'order-2', next: 1, type: 'Ordered' } ])
        consumer#1  answers OverrideNextIndex(1)
        consumer#1  gets payment-2@0
        consumer#1    store.read('fulfilment-2')
        consumer#1    store.append('fulfilment-2', 1, [ { from: 'payment-2', next: 1, … , { type: 'ParcelRequested' } ])
        consumer#1  answers OverrideNextIndex(1)
      - []
      + [ 'fulfilment-2' ]"
    `)
  })
})
