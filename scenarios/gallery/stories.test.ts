/**
 * What the default portfolio found, made smaller: cases that `npm run gallery -- --stories` wrote. Each still shows its
 * bug, by ten decisions at most and two faults among them, and is told as here.
 */
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { parseCase } from "../../properties/case.js"
import { retell } from "../../properties/retell.js"
import { plantedBugs } from "./planted-bugs.js"

const folder = new URL("./fixtures/", import.meta.url)
const fileOf = (bug: string) => `${bug.replaceAll(/\W+/g, "-")}.json`

/** @throws when the case does not show the bug any more, or needs more than it should */
async function storyOf(name: string): Promise<string> {
  const found = parseCase(fileOf(name), readFileSync(new URL(fileOf(name), folder), "utf8"))
  const { play, engine, properties } = await plantedBugs.find((bug) => bug.name === name)!.prey()
  const { violated, applied, story } = await retell(found, play.scenario, engine, properties)
  const faults = found.decisions.filter(({ kind }) => kind === "fault").length
  expect({ violated, applied }).toEqual({ violated: true, applied: found.decisions.length })
  expect(found.decisions.length).toBeLessThanOrEqual(10)
  expect(faults).toBeLessThanOrEqual(2)
  return story.join("\n")
}

test("at least twenty bugs have a story", () => {
  expect(readdirSync(folder).length).toBeGreaterThanOrEqual(20)
})

describe("the story of a planted bug", () => {
  test("a batch with nothing open overtakes older ones", async () => {
    expect(await storyOf("a batch with nothing open overtakes older ones")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 3, afterMs: 0}]]
        answers                [{call: 1, answer: ahead, by: 0}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 3, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@0, a-0@1, a-0@2
        10 ms  consumer-0#1  reads a-0@0 of 0..2
        10 ms  consumer-0#1  handles a-0@0 (call 1)
        10 ms  consumer-0#1  reads a-0@1 of 2..3
        10 ms  consumer-0#1  has handled a-0 (call 1): next is 2
        10 ms  consumer-0#1  completes page 2, up to 2
        10 ms  consumer-0#1  completes page 3, up to 3
        10 ms  consumer-0#1  reads a-0@2 of 3..4
        10 ms  consumer-0#1  handles a-0@2 (call 2)
        10 ms  consumer-0#1  has handled a-0 (call 2): next is 3
        10 ms  consumer-0#1  completes page 3, up to 3
        ✗ I-09: consumer-0#1.1:a: batch #3 completed a second time (event 26, 10 ms)"
    `)
  })

  test("a busy stream is called again", async () => {
    expect(await storyOf("a busy stream is called again")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-1, count: 2, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 2, maxReadAhead: 5, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out, but
        consumer-0#1 handler.handle(a-1) request 1 waits until consumer-0#1 clock.turn turn 2 has happened
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-1@0, a-1@1
        10 ms  consumer-0#1  reads a-1@0 of 0..2
        10 ms  consumer-0#1  handles a-1@0 (call 1)
        10 ms  consumer-0#1  reads a-1@1 of 2..3
        10 ms  consumer-0#1  handles a-1@1 (call 2)
        ✗ I-02: consumer-0#1.1: call #2 with a-1@1 starts while call #1 of a-1 runs (event 16, 10 ms)"
    `)
  })

  test("a called stream is not marked busy", async () => {
    expect(await storyOf("a called stream is not marked busy")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-1, count: 2, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 2, maxReadAhead: 5, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out, but
        consumer-0#1 handler.handle(a-1) request 1 waits until consumer-0#1 clock.turn turn 2 has happened
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-1@0, a-1@1
        10 ms  consumer-0#1  reads a-1@0 of 0..2
        10 ms  consumer-0#1  handles a-1@0 (call 1)
        10 ms  consumer-0#1  reads a-1@1 of 2..3
        10 ms  consumer-0#1  handles a-1@1 (call 2)
        ✗ I-02: consumer-0#1.1: call #2 with a-1@1 starts while call #1 of a-1 runs (event 16, 10 ms)"
    `)
  })

  test("a count beyond the span is believed", async () => {
    expect(await storyOf("a count beyond the span is believed")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                [{call: 1, answer: "too much", by: 0}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-0#1  reads a-0@0 of 0..2
        0 ms  consumer-0#1  handles a-0@0 (call 1)
        0 ms  consumer-0#1  has handled a-0 (call 1): next is 2
        0 ms  consumer-0#1  completes page 1, up to 2
        ✗ I-05: consumer-0#1.1:a: batch #1 completed with a-0@0 in no processed part of a call and under no override (event 12, 0 ms)"
    `)
  })

  test("a count is kept in a variable of the module", async () => {
    expect(await storyOf("a count is kept in a variable of the module")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 1, afterMs: 7}, {stream: a-0, count: 1, afterMs: 4}, {stream: a-0, count: 1, afterMs: 9}, {stream: a-2, count: 1, afterMs: 2}, {stream: a-0, count: 1, afterMs: 2}, {stream: a-0, count: 1, afterMs: 6}, {stream: a-1, count: 1, afterMs: 11}, {stream: a-0, count: 1, afterMs: 3}, {stream: a-0, count: 1, afterMs: 6}, {stream: a-1, count: 2, afterMs: 2}, {stream: a-0, count: 4, afterMs: 12}]
        time                   {mostMs: 3}
        tuning                 {batchSize: 1, maxConcurrentStreams: 2, maxReadAhead: 5, tailSleepIntervalMs: 38, checkpointIntervalMs: 30}
        maxCheckpointFailures  1
        trouble                [{crash: {rate: 0.005, restartAfterMs: [1, 60], most: 2}}]
        calmAfterMs            18
      first in, first out, but
        crash at consumer-0#1 handler.handle(a-1) request 3, 1 ms
      it happened that
          0 ms  consumer-0#1  starts g on a
          0 ms  consumer-0#1  begins to read a at 0
          7 ms  store         has a-0@0
         11 ms  store         has a-0@1
         20 ms  store         has a-0@2
         22 ms  store         has a-2@0
         24 ms  store         has a-0@3
         30 ms  store         has a-0@4
         38 ms  consumer-0#1  reads a-0@0 of 0..2
         38 ms  consumer-0#1  handles a-0@0 (call 1)
         38 ms  consumer-0#1  reads a-0@1 of 2..3
         38 ms  consumer-0#1  reads a-0@2 of 3..4
         38 ms  consumer-0#1  reads a-2@0 of 4..5
         38 ms  consumer-0#1  handles a-2@0 (call 2)
         38 ms  consumer-0#1  reads a-0@3 of 5..6
         39 ms  consumer-0#1  writes row a-0 with count 1, next 1
         39 ms  consumer-0#1  has handled a-0 (call 1): next is 1
         39 ms  consumer-0#1  completes page 2, up to 2
         39 ms  consumer-0#1  handles a-0@1..3 (call 3)
         39 ms  consumer-0#1  reads a-0@4 of 6..7
        … 46 more …
         82 ms  consumer-0#2  begins to read a at 8
         82 ms  consumer-0#2  reads a-0@5 of 8..9
         82 ms  consumer-0#2  handles a-0@5 (call 1)
         82 ms  consumer-0#2  reads a-0@6 of 9..10
         82 ms  consumer-0#2  reads a-1@1 of 10..11
         82 ms  consumer-0#2  handles a-1@1 (call 2)
         82 ms  consumer-0#2  reads a-1@2 of 11..12
         82 ms  consumer-0#2  reads a-0@7 of 12..13
         84 ms  consumer-0#2  writes row a-0 with count 1, next 6
         84 ms  consumer-0#2  writes row a-1 with count 1, next 2
         84 ms  consumer-0#2  has handled a-0 (call 1): next is 6
         84 ms  consumer-0#2  completes page 1, up to 9
         84 ms  consumer-0#2  handles a-0@6..7 (call 3)
         84 ms  consumer-0#2  has handled a-1 (call 2): next is 2
         84 ms  consumer-0#2  handles a-1@2 (call 4)
         84 ms  consumer-0#2  reads a-0@8 of 13..14
         84 ms  consumer-0#2  writes row a-1 with count 2, next 3
         84 ms  consumer-0#2  has handled a-1 (call 4): next is 3
         85 ms  consumer-0#2  writes row a-0 with count 3, next 8
         85 ms  consumer-0#2  has handled a-0 (call 3): next is 8
         85 ms  consumer-0#2  completes page 2, up to 10
         85 ms  consumer-0#2  completes page 3, up to 11
         85 ms  consumer-0#2  completes page 4, up to 12
         85 ms  consumer-0#2  completes page 5, up to 13
         85 ms  consumer-0#2  handles a-0@8 (call 5)
         85 ms  consumer-0#2  reads a-0@9 of 14..15
         85 ms  consumer-0#2  writes row a-0 with count 4, next 9
         85 ms  consumer-0#2  reads a-0@10 of 15..16
         85 ms  consumer-0#2  has handled a-0 (call 5): next is 9
         85 ms  consumer-0#2  completes page 6, up to 14
         85 ms  consumer-0#2  handles a-0@9..10 (call 6)
         85 ms  consumer-0#2  writes row a-0 with count 6, next 11
         85 ms  consumer-0#2  has handled a-0 (call 6): next is 11
         85 ms  consumer-0#2  completes page 7, up to 15
         85 ms  consumer-0#2  completes page 8, up to 16
        112 ms  consumer-0#2  stores position 16 of g
        112 ms  consumer-0#2  has stored position 16 of g
        132 ms  world         comes to rest
        132 ms  consumer-0#2  is asked to stop
        132 ms  consumer-0#2  ends
        ✗ run: the effects are not those of each event once, in order: missing is row a-0 with count 11, next 11; too much is row a-0 with count 6, next 11"
    `)
  })

  test("a failed call counts as success", async () => {
    expect(await storyOf("a failed call counts as success")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                [{call: 1, answer: error, by: 0}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-0#1  reads a-0@0 of 0..2
        0 ms  consumer-0#1  handles a-0@0 (call 1)
        0 ms  consumer-0#1  fails to handle a-0 (call 1): the handler fails
        0 ms  consumer-0#1  completes page 1, up to 2
        ✗ I-08: consumer-0#1.1:a: batch #1 (checkpoint 2) completed, but a-0@0 is not handled (event 12, 0 ms)"
    `)
  })

  test("a lower override moves the position back", async () => {
    expect(await storyOf("a lower override moves the position back")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 2, afterMs: 0}]]
        answers                [{call: 2, answer: behind, by: 1}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
           0 ms  consumer-0#1  starts g on a
           0 ms  consumer-0#1  begins to read a at 0
           0 ms  store         has a-0@0, a-0@1
          10 ms  consumer-0#1  reads a-0@0 of 0..2
          10 ms  consumer-0#1  handles a-0@0 (call 1)
          10 ms  consumer-0#1  has handled a-0 (call 1): next is 1
          10 ms  consumer-0#1  completes page 2, up to 2
          10 ms  consumer-0#1  reads a-0@1 of 2..3
          10 ms  consumer-0#1  handles a-0@1 (call 2)
          10 ms  consumer-0#1  has handled a-0 (call 2): next is 0
          20 ms  consumer-0#1  stores position 2 of g
          20 ms  consumer-0#1  has stored position 2 of g
        8000 ms  world         does not come to rest
        ✗ I-21: consumer-0#1.1:a: at rest batch #3 is not complete, a-0@1 is not handled (event 22, 8000 ms)
          after 8000 ms without more input and trouble, who waits for whom:
            consumer-0#1.1:a waits for batch #3 before it reads on, and that for a-0@1
            a-0@1 waits for a call that nobody makes: 0 of 1 run
            consumer-0#1 waits for a timer that is due"
    `)
  })

  test("a mail is noted before it is sent", async () => {
    expect(await storyOf("a mail is noted before it is sent")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                [{requestLost: 0.002}]
        calmAfterMs            1
      first in, first out, but
        requestLost at consumer-0#1 outside.send request 1
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  store         has a-0@0
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  consumer-0#1  reads a-0@0 of 0..2
         0 ms  consumer-0#1  handles a-0@0 (call 1)
         0 ms  consumer-0#1  notes a-0@0
         0 ms  consumer-0#1  requestLost at outside.send
         0 ms  consumer-0#1  fails to handle a-0 (call 1): connection lost during outside.send
         0 ms  consumer-0#1  fails: connection lost during outside.send
         5 ms  consumer-0#1  starts g on a
         5 ms  consumer-0#1  begins to read a at 0
         5 ms  consumer-0#1  reads a-0@0 of 0..2
         5 ms  consumer-0#1  handles a-0@0 (call 1)
         5 ms  consumer-0#1  has handled a-0 (call 1): next is 1
         5 ms  consumer-0#1  completes page 1, up to 2
        15 ms  consumer-0#1  stores position 2 of g
        15 ms  consumer-0#1  has stored position 2 of g
        21 ms  world         comes to rest
        21 ms  consumer-0#1  is asked to stop
        21 ms  consumer-0#1  ends
        ✗ run: the effects are not those of each event once, in order: missing is mail to a-0: event 0"
    `)
  })

  test("a mail is sent before it is noted", async () => {
    expect(await storyOf("a mail is sent before it is noted")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                [{requestLost: 0.002}]
        calmAfterMs            1
      first in, first out, but
        requestLost at consumer-0#1 outside.note request 1
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  store         has a-0@0
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  consumer-0#1  reads a-0@0 of 0..2
         0 ms  consumer-0#1  handles a-0@0 (call 1)
         0 ms  consumer-0#1  mails to a-0: event 0
         0 ms  consumer-0#1  requestLost at outside.note
         0 ms  consumer-0#1  fails to handle a-0 (call 1): connection lost during outside.note
         0 ms  consumer-0#1  fails: connection lost during outside.note
         5 ms  consumer-0#1  starts g on a
         5 ms  consumer-0#1  begins to read a at 0
         5 ms  consumer-0#1  reads a-0@0 of 0..2
         5 ms  consumer-0#1  handles a-0@0 (call 1)
         5 ms  consumer-0#1  mails to a-0: event 0
         5 ms  consumer-0#1  notes a-0@0
         5 ms  consumer-0#1  has handled a-0 (call 1): next is 1
         5 ms  consumer-0#1  completes page 1, up to 2
        15 ms  consumer-0#1  stores position 2 of g
        15 ms  consumer-0#1  has stored position 2 of g
        21 ms  world         comes to rest
        21 ms  consumer-0#1  is asked to stop
        21 ms  consumer-0#1  ends
        ✗ run: the effects are not those of each event once, in order: too much is mail to a-0: event 0"
    `)
  })

  test("a mail's key is made of the time", async () => {
    expect(await storyOf("a mail's key is made of the time")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 1, afterMs: 0}, {stream: a-0, count: 1, afterMs: 0}, {stream: a-0, count: 1, afterMs: 0}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 3, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                [{requestLost: 0.002}]
        calmAfterMs            0
      first in, first out, but
        requestLost at consumer-0#1 outside.send request 2
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  store         has a-0@0
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@1
         0 ms  consumer-0#1  reads a-0@0..1 of 0..3
         0 ms  consumer-0#1  handles a-0@0..1 (call 1)
         0 ms  consumer-0#1  mails to a-0: event 0
         0 ms  store         has a-0@2
         0 ms  consumer-0#1  requestLost at outside.send
         0 ms  consumer-0#1  fails to handle a-0 (call 1): connection lost during outside.send
         0 ms  consumer-0#1  fails: connection lost during outside.send
         5 ms  consumer-0#1  starts g on a
         5 ms  consumer-0#1  begins to read a at 0
         5 ms  consumer-0#1  reads a-0@0..2 of 0..4
         5 ms  consumer-0#1  handles a-0@0..2 (call 1)
         5 ms  consumer-0#1  mails to a-0: event 0
         5 ms  consumer-0#1  mails to a-0: event 1
         5 ms  consumer-0#1  mails to a-0: event 2
         5 ms  consumer-0#1  has handled a-0 (call 1): next is 3
         5 ms  consumer-0#1  completes page 1, up to 4
        15 ms  consumer-0#1  stores position 4 of g
        15 ms  consumer-0#1  has stored position 4 of g
        20 ms  world         comes to rest
        20 ms  consumer-0#1  is asked to stop
        20 ms  consumer-0#1  ends
        ✗ run: the effects are not those of each event once, in order: too much is mail to a-0: event 0"
    `)
  })

  test("a partial result puts the whole span back", async () => {
    expect(await storyOf("a partial result puts the whole span back")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 2, afterMs: 0}]]
        answers                [{call: 1, answer: part, by: 1}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 5, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@0, a-0@1
        10 ms  consumer-0#1  reads a-0@0..1 of 0..3
        10 ms  consumer-0#1  handles a-0@0..1 (call 1)
        10 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        10 ms  consumer-0#1  handles a-0@0..1 (call 2)
        ✗ I-01: consumer-0#1.1: call #2 delivers a-0@0..1 after call #1 returned next index 1 (event 14, 10 ms)"
    `)
  })

  test("a permit is given back twice", async () => {
    expect(await storyOf("a permit is given back twice")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 1, afterMs: 0}, {stream: a-1, count: 1, afterMs: 1}, {stream: a-0, count: 1, afterMs: 0}]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 10, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  store         has a-0@0
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  consumer-0#1  reads a-0@0 of 0..2
         0 ms  consumer-0#1  handles a-0@0 (call 1)
         0 ms  consumer-0#1  has handled a-0 (call 1): next is 1
         0 ms  consumer-0#1  completes page 1, up to 2
         1 ms  store         has a-1@0, a-0@1
        10 ms  consumer-0#1  stores position 2 of g
        10 ms  consumer-0#1  has stored position 2 of g
        10 ms  consumer-0#1  reads a-1@0 a-0@1 of 2..4
        10 ms  consumer-0#1  handles a-1@0 (call 2)
        10 ms  consumer-0#1  handles a-0@1 (call 3)
        ✗ I-18: consumer-0#1.1: call #3 of a-0 is the 2nd at once, the limit is 1; running: #2 of a-1 (event 22, 10 ms)"
    `)
  })

  test("a requirement is met one event early", async () => {
    expect(await storyOf("a requirement is met one event early")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 1, afterMs: 1}, {stream: a-0, count: 1, afterMs: 3}, {stream: a-0, count: 1, afterMs: 6}]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 2, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                [{port: handler, failures: {throwsAfter: 0.002}, delay: {rate: 0.05, ms: [0, 10]}}]
        calmAfterMs            0
      first in, first out, but
        delay at consumer-0#1 handler.handle(a-0) request 1, 1 ms
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         1 ms  store         has a-0@0
         4 ms  store         has a-0@1
        10 ms  consumer-0#1  reads a-0@0 of 0..2
        10 ms  consumer-0#1  handles a-0@0 (call 1)
        10 ms  consumer-0#1  delay at handler.handle, 1 ms
        10 ms  store         has a-0@2
        10 ms  consumer-0#1  reads a-0@1 of 2..3
        11 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        11 ms  consumer-0#1  completes page 2, up to 2
        11 ms  consumer-0#1  completes page 3, up to 3
        ✗ I-08: consumer-0#1.1:a: batch #3 (checkpoint 3) completed, but a-0@1 is not handled (event 20, 11 ms)"
    `)
  })

  test("a requirement is met one event late", async () => {
    expect(await storyOf("a requirement is met one event late")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 4}, {stream: a-0, count: 1, afterMs: 6}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 2, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                [{delay: {rate: 0.05, ms: [0, 5]}}]
        calmAfterMs            0
      first in, first out, but
        delay at consumer-0#1 message-db.get_category_messages(a) request 3, 1 ms
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         4 ms  store         has a-0@0
        10 ms  consumer-0#1  reads a-0@0 of 0..2
        10 ms  consumer-0#1  handles a-0@0 (call 1)
        10 ms  consumer-0#1  delay at message-db.query, 1 ms
        10 ms  store         has a-0@1
        10 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        ✗ I-09: consumer-0#1.1:a: all events of batch #2, the oldest, are handled, and it has not completed (event 15, 11 ms)"
    `)
  })

  test("a total over all streams is read and written without its version", async () => {
    expect(await storyOf("a total over all streams is read and written without its version")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 2, afterMs: 0}, {stream: a-1, count: 1, afterMs: 0}]]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 3, maxReadAhead: 5, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@0, a-0@1, a-1@0
        10 ms  consumer-0#1  reads a-0@0 of 0..2
        10 ms  consumer-0#1  handles a-0@0 (call 1)
        10 ms  consumer-0#1  reads a-0@1 of 2..3
        10 ms  consumer-0#1  writes row total with a-0 1, total 1
        10 ms  consumer-0#1  reads a-1@0 of 3..4
        10 ms  consumer-0#1  handles a-1@0 (call 2)
        10 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        10 ms  consumer-0#1  completes page 2, up to 2
        10 ms  consumer-0#1  handles a-0@1 (call 3)
        10 ms  consumer-0#1  writes row total with a-0 1, a-1 1, total 2
        10 ms  consumer-0#1  writes row total with a-0 2, total 2
        10 ms  consumer-0#1  has handled a-1 (call 2): next is 1
        10 ms  consumer-0#1  has handled a-0 (call 3): next is 2
        10 ms  consumer-0#1  completes page 3, up to 3
        10 ms  consumer-0#1  completes page 4, up to 4
        20 ms  consumer-0#1  stores position 4 of g
        20 ms  consumer-0#1  has stored position 4 of g
        30 ms  world         comes to rest
        30 ms  consumer-0#1  is asked to stop
        30 ms  consumer-0#1  ends
        ✗ run: the effects are not those of each event once, in order: missing is row total with a-0 2, a-1 1, total 3; too much is row total with a-0 2, total 2"
    `)
  })

  test("events that come again are counted once more", async () => {
    expect(await storyOf("events that come again are counted once more")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 1, afterMs: 0}, {stream: a-1, count: 1, afterMs: 1}, {stream: a-0, count: 1, afterMs: 4}, {stream: a-0, count: 1, afterMs: 6}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 3, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                [{requestLost: 0.002}]
        calmAfterMs            0
      first in, first out, but
        requestLost at consumer-0#1 handler.handle(a-0) request 2
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  store         has a-0@0
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  consumer-0#1  reads a-0@0 of 0..2
         0 ms  consumer-0#1  handles a-0@0 (call 1)
         0 ms  consumer-0#1  writes row a-0 with count 1
         0 ms  consumer-0#1  has handled a-0 (call 1): next is 1
         0 ms  consumer-0#1  completes page 1, up to 2
         1 ms  store         has a-1@0
         5 ms  store         has a-0@1
        10 ms  consumer-0#1  stores position 2 of g
        10 ms  consumer-0#1  has stored position 2 of g
        10 ms  consumer-0#1  reads a-1@0 a-0@1 of 2..4
        10 ms  consumer-0#1  handles a-1@0 (call 2)
        10 ms  consumer-0#1  writes row a-1 with count 1
        10 ms  consumer-0#1  has handled a-1 (call 2): next is 1
        10 ms  consumer-0#1  handles a-0@1 (call 3)
        10 ms  consumer-0#1  requestLost at handler.handle
        10 ms  consumer-0#1  fails to handle a-0 (call 3): connection lost during handler.handle
        10 ms  consumer-0#1  fails: connection lost during handler.handle
        11 ms  store         has a-0@2
        15 ms  consumer-0#1  starts g on a
        15 ms  consumer-0#1  begins to read a at 2
        15 ms  consumer-0#1  reads a-1@0 a-0@1..2 of 2..5
        15 ms  consumer-0#1  handles a-1@0 (call 1)
        15 ms  consumer-0#1  writes row a-1 with count 2
        15 ms  consumer-0#1  has handled a-1 (call 1): next is 1
        15 ms  consumer-0#1  handles a-0@1..2 (call 2)
        15 ms  consumer-0#1  writes row a-0 with count 3
        15 ms  consumer-0#1  has handled a-0 (call 2): next is 3
        15 ms  consumer-0#1  completes page 1, up to 5
        25 ms  consumer-0#1  stores position 5 of g
        25 ms  consumer-0#1  has stored position 5 of g
        31 ms  world         comes to rest
        31 ms  consumer-0#1  is asked to stop
        31 ms  consumer-0#1  ends
        ✗ run: the effects are not those of each event once, in order: missing is row a-1 with count 1; too much is row a-1 with count 2"
    `)
  })

  test("events that come again are told by their number, not by their index", async () => {
    expect(await storyOf("events that come again are told by their number, not by their index")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 1, afterMs: 0}, {stream: a-0, count: 1, afterMs: 10}, {stream: a-0, count: 1, afterMs: 0}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 50, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                {operations: [commitCheckpoint], requestLost: 0.1, replyLost: 0.1, delay: {rate: 0.3, ms: [0, 20]}, repeat: {rate: 0.3, ms: [0, 50]}}
        calmAfterMs            0
      first in, first out, but
        requestLost at consumer-0#1 message-db.commitCheckpoint(g/a) request 1
        requestLost at consumer-0#1 message-db.commitCheckpoint(g/a) request 2
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  store         has a-0@0
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  consumer-0#1  reads a-0@0 of 0..2
         0 ms  consumer-0#1  handles a-0@0 (call 1)
         0 ms  consumer-0#1  writes row a-0 with count 1
         0 ms  consumer-0#1  has handled a-0 (call 1): next is 1
         0 ms  consumer-0#1  completes page 1, up to 2
        10 ms  consumer-0#1  stores position 2 of g
        10 ms  consumer-0#1  requestLost at message-db.query
        10 ms  consumer-0#1  fails to store position 2: Connection terminated unexpectedly
        10 ms  consumer-0#1  stores position 2 of g
        10 ms  store         has a-0@1
        10 ms  consumer-0#1  requestLost at message-db.query
        10 ms  consumer-0#1  fails to store position 2: Connection terminated unexpectedly
        10 ms  consumer-0#1  fails: Connection terminated unexpectedly
        10 ms  store         has a-0@2
        15 ms  consumer-0#1  starts g on a
        15 ms  consumer-0#1  begins to read a at 0
        15 ms  consumer-0#1  reads a-0@0..2 of 0..4
        15 ms  consumer-0#1  handles a-0@0..2 (call 1)
        15 ms  consumer-0#1  writes row a-0 with count 4
        15 ms  consumer-0#1  has handled a-0 (call 1): next is 3
        15 ms  consumer-0#1  completes page 1, up to 4
        25 ms  consumer-0#1  stores position 4 of g
        25 ms  consumer-0#1  has stored position 4 of g
        30 ms  world         comes to rest
        30 ms  consumer-0#1  is asked to stop
        30 ms  consumer-0#1  ends
        ✗ run: the effects are not those of each event once, in order: missing is row a-0 with count 3; too much is row a-0 with count 4"
    `)
  })

  test("indexes are counted from 1", async () => {
    expect(await storyOf("indexes are counted from 1")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-0#1  reads a-0@0 of 0..2
        0 ms  consumer-0#1  handles a-0@1 (call 1)
        ✗ I-03: consumer-0#1.1: call #1 of a-0 holds a-0@1, which no page in progress has (event 10, 0 ms)"
    `)
  })

  test("members share one checkpoint key", async () => {
    expect(await storyOf("members share one checkpoint key")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a as member 0 of 3
        0 ms  consumer-1#1  starts g on a as member 1 of 3
        0 ms  consumer-2#1  starts g on a as member 2 of 3
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-1#1  begins to read a at 0
        ✗ I-29: consumer-1#1.1:a: member 1 of group g uses the checkpoint key (g, a), which is that of member 0 of group g (event 17, 0 ms)"
    `)
  })

  test("newer events are put before older ones", async () => {
    expect(await storyOf("newer events are put before older ones")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 2, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 50, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@0, a-0@1
        10 ms  consumer-0#1  reads a-0@0..1 of 0..3
        10 ms  consumer-0#1  handles a-0@1 a-0@0 (call 1)
        ✗ I-03: consumer-0#1.1: call #1 of a-0 holds a-0@0 where a-0@2 belongs: [a-0@1, a-0@0] (event 12, 10 ms)"
    `)
  })

  test("nobody waits for a write", async () => {
    expect(await storyOf("nobody waits for a write")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 2, afterMs: 0}, {stream: a-0, count: 1, afterMs: 0}, {stream: a-1, count: 1, afterMs: 0}, {stream: a-0, count: 3, afterMs: 0}, {stream: a-1, count: 2, afterMs: 0}, {stream: a-0, count: 1, afterMs: 0}, {stream: a-0, count: 4, afterMs: 3}, {stream: a-1, count: 3, afterMs: 2}, {stream: a-0, count: 3, afterMs: 8}, {stream: a-1, count: 2, afterMs: 11}, {stream: a-0, count: 3, afterMs: 9}, {stream: a-1, count: 3, afterMs: 6}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 3, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 36, checkpointIntervalMs: 22}
        maxCheckpointFailures  1
        trouble                {requestLost: 0.002}
                               {replyLost: 0.01}
                               {delay: {rate: 0.05, ms: [0, 40]}}
                               {pause: {rate: 0.002, ms: [0, 20], most: 2}}
                               {clockSkew: [-5, 5], clockJump: {rate: 0.002, ms: [-86400000, 86400000], most: 2}}
                               {repeat: {rate: 0.1, ms: [0, 300]}}
                               {port: handler, failures: {throwsBefore: 0.002, throwsAfter: 0.04}, delay: {rate: 0.05, ms: [0, 10]}}
                               {port: feed, failures: {duplicates: 0.1, reordersStreams: 0.2}}
        calmAfterMs            8
      first in, first out, but
        requestLost at consumer-0#1 handler.handle(a-0) request 2
        consumer-0#1 outside.write request 17 waits until consumer-0#1 outside.write reply 19 has happened
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@0, a-0@1, a-0@2, a-1@0, a-0@3, a-0@4, a-0@5, a-1@1, a-1@2, a-0@6
         3 ms  store         has a-0@7, a-0@8, a-0@9, a-0@10
         5 ms  store         has a-1@3, a-1@4, a-1@5
        13 ms  store         has a-0@11, a-0@12, a-0@13
        24 ms  store         has a-1@6, a-1@7
        33 ms  store         has a-0@14, a-0@15, a-0@16
        36 ms  consumer-0#1  reads a-0@0..2 of 0..4
        36 ms  consumer-0#1  handles a-0@0..2 (call 1)
        36 ms  consumer-0#1  writes row a-0 with last 2
        36 ms  consumer-0#1  has handled a-0 (call 1): next is 3
        36 ms  consumer-0#1  completes page 2, up to 4
        36 ms  consumer-0#1  reads a-1@0 a-0@3..4 of 4..7
        36 ms  consumer-0#1  handles a-1@0 (call 2)
        36 ms  consumer-0#1  writes row a-1 with last 0
        36 ms  consumer-0#1  has handled a-1 (call 2): next is 1
        36 ms  consumer-0#1  handles a-0@3..4 (call 3)
        36 ms  consumer-0#1  requestLost at handler.handle
        36 ms  consumer-0#1  fails to handle a-0 (call 3): connection lost during handler.handle
        … 37 more …
        41 ms  consumer-0#1  writes row a-1 with last 5
        41 ms  consumer-0#1  has handled a-1 (call 8): next is 6
        41 ms  consumer-0#1  handles a-0@11 (call 9)
        41 ms  consumer-0#1  writes row a-0 with last 11
        41 ms  consumer-0#1  has handled a-0 (call 9): next is 12
        41 ms  consumer-0#1  completes page 5, up to 19
        41 ms  consumer-0#1  reads a-0@12..13 a-1@6 of 19..22
        41 ms  consumer-0#1  handles a-0@12..13 (call 10)
        41 ms  consumer-0#1  writes row a-0 with last 13
        41 ms  consumer-0#1  has handled a-0 (call 10): next is 14
        41 ms  consumer-0#1  handles a-1@6 (call 11)
        41 ms  consumer-0#1  writes row a-1 with last 6
        41 ms  consumer-0#1  has handled a-1 (call 11): next is 7
        41 ms  consumer-0#1  completes page 6, up to 22
        41 ms  consumer-0#1  reads a-1@7 a-0@14..15 of 22..25
        41 ms  consumer-0#1  handles a-1@7 (call 12)
        41 ms  consumer-0#1  writes row a-1 with last 7
        41 ms  consumer-0#1  has handled a-1 (call 12): next is 8
        41 ms  consumer-0#1  handles a-0@14..15 (call 13)
        41 ms  consumer-0#1  writes row a-0 with last 15
        41 ms  consumer-0#1  has handled a-0 (call 13): next is 16
        41 ms  consumer-0#1  completes page 7, up to 25
        41 ms  consumer-0#1  reads a-0@16 a-1@8..9 of 25..28
        41 ms  consumer-0#1  handles a-0@16 (call 14)
        41 ms  consumer-0#1  writes row a-0 with last 16
        41 ms  consumer-0#1  has handled a-0 (call 14): next is 17
        41 ms  consumer-0#1  handles a-1@8..9 (call 15)
        41 ms  consumer-0#1  has handled a-1 (call 15): next is 10
        41 ms  consumer-0#1  completes page 8, up to 28
        41 ms  consumer-0#1  reads a-1@10 of 28..29
        41 ms  consumer-0#1  handles a-1@10 (call 16)
        41 ms  consumer-0#1  writes row a-1 with last 10
        41 ms  consumer-0#1  has handled a-1 (call 16): next is 11
        41 ms  consumer-0#1  completes page 9, up to 29
        41 ms  consumer-0#1  writes row a-1 with last 9
        63 ms  consumer-0#1  stores position 29 of g
        63 ms  consumer-0#1  has stored position 29 of g
        87 ms  world         comes to rest
        87 ms  consumer-0#1  is asked to stop
        87 ms  consumer-0#1  ends
        ✗ run: the effects are not those of each event once, in order: missing is row a-1 with last 10; too much is row a-1 with last 9"
    `)
  })

  test("nobody waits for the last checkpoint", async () => {
    expect(await storyOf("nobody waits for the last checkpoint")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
        stops                  [{afterMs: 1, pauseMs: 0}]
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-0#1  reads a-0@0 of 0..2
        0 ms  consumer-0#1  handles a-0@0 (call 1)
        0 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        0 ms  consumer-0#1  completes page 1, up to 2
        1 ms  consumer-0#1  is asked to stop
        1 ms  consumer-0#1  stores position 2 of g
        1 ms  consumer-0#1  ends
        ✗ I-27: consumer-0#1.1:a: ends with 0 stored, though it completed a batch with checkpoint 2 (event 20, 1 ms)"
    `)
  })

  test("the checkpoint is posted on admission", async () => {
    expect(await storyOf("the checkpoint is posted on admission")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                [{call: 1, answer: error, by: 0}]
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-0#1  reads a-0@0 of 0..2
        0 ms  consumer-0#1  handles a-0@0 (call 1)
        0 ms  consumer-0#1  fails to handle a-0 (call 1): the handler fails
        0 ms  consumer-0#1  stores position 2 of g
        ✗ I-10: consumer-0#1.1:a: checkpoint 2 is written, but a-0@0 of page #1 is not handled (event 12, 0 ms)"
    `)
  })

  test("the event at the position is taken for handled", async () => {
    expect(await storyOf("the event at the position is taken for handled")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 2, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@0, a-0@1
        10 ms  consumer-0#1  reads a-0@0 of 0..2
        10 ms  consumer-0#1  handles a-0@0 (call 1)
        10 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        10 ms  consumer-0#1  completes page 2, up to 2
        10 ms  consumer-0#1  reads a-0@1 of 2..3
        10 ms  consumer-0#1  completes page 3, up to 3
        ✗ I-05: consumer-0#1.1:a: batch #3 completed with a-0@1 in no processed part of a call and under no override (event 18, 10 ms)"
    `)
  })

  test("the first stream to finish completes the batch", async () => {
    expect(await storyOf("the first stream to finish completes the batch")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-1, count: 1, afterMs: 0}, {stream: a-0, count: 1, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 10, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-1@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  reads a-1@0 a-0@0 of 0..3
        0 ms  consumer-0#1  handles a-1@0 (call 1)
        0 ms  consumer-0#1  has handled a-1 (call 1): next is 1
        0 ms  consumer-0#1  completes page 1, up to 3
        0 ms  consumer-0#1  handles a-0@0 (call 2)
        ✗ I-08: consumer-0#1.1:a: batch #1 (checkpoint 3) completed, but a-0@0 is not handled (event 13, 0 ms)"
    `)
  })

  test("the global position is taken for the index", async () => {
    expect(await storyOf("the global position is taken for the index")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-0#1  reads a-0@0 of 0..2
        0 ms  consumer-0#1  handles a-0@1 (call 1)
        ✗ I-03: consumer-0#1.1: call #1 of a-0 holds a-0@1, which no page in progress has (event 10, 0 ms)"
    `)
  })

  test("the last checkpoint is not written", async () => {
    expect(await storyOf("the last checkpoint is not written")).toMatchInlineSnapshot(`
      "given
        writes                 [[{stream: a-0, count: 1, afterMs: 0}]]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
        stops                  [{afterMs: 1, pauseMs: 0}]
      first in, first out
      it happened that
        0 ms  consumer-0#1  starts g on a
        0 ms  store         has a-0@0
        0 ms  consumer-0#1  begins to read a at 0
        0 ms  consumer-0#1  reads a-0@0 of 0..2
        0 ms  consumer-0#1  handles a-0@0 (call 1)
        0 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        0 ms  consumer-0#1  completes page 1, up to 2
        1 ms  consumer-0#1  is asked to stop
        1 ms  consumer-0#1  ends
        ✗ I-27: consumer-0#1.1:a: ends with 0 stored, though it completed a batch with checkpoint 2 (event 19, 1 ms)"
    `)
  })

  test("the window is one batch too wide", async () => {
    expect(await storyOf("the window is one batch too wide")).toMatchInlineSnapshot(`
      "given
        writes                 [{stream: a-0, count: 2, afterMs: 0}, {stream: a-0, count: 2, afterMs: 0}, {stream: a-0, count: 3, afterMs: 0}, {stream: a-0, count: 4, afterMs: 0}]
        answers                []
        time                   {mostMs: 0}
        tuning                 {batchSize: 1, maxConcurrentStreams: 1, maxReadAhead: 1, tailSleepIntervalMs: 10, checkpointIntervalMs: 10}
        maxCheckpointFailures  1
        trouble                []
        calmAfterMs            0
      first in, first out, but
        consumer-0#1 handler.handle(a-0) request 10 waits until consumer-0#1 clock.turn turn 17 has happened
      it happened that
         0 ms  consumer-0#1  starts g on a
         0 ms  consumer-0#1  begins to read a at 0
         0 ms  store         has a-0@0, a-0@1, a-0@2, a-0@3, a-0@4, a-0@5, a-0@6, a-0@7, a-0@8, a-0@9, a-0@10
        10 ms  consumer-0#1  reads a-0@0 of 0..2
        10 ms  consumer-0#1  handles a-0@0 (call 1)
        10 ms  consumer-0#1  reads a-0@1 of 2..3
        10 ms  consumer-0#1  has handled a-0 (call 1): next is 1
        10 ms  consumer-0#1  completes page 2, up to 2
        10 ms  consumer-0#1  handles a-0@1 (call 2)
        10 ms  consumer-0#1  reads a-0@2 of 3..4
        10 ms  consumer-0#1  has handled a-0 (call 2): next is 2
        10 ms  consumer-0#1  completes page 3, up to 3
        10 ms  consumer-0#1  handles a-0@2 (call 3)
        10 ms  consumer-0#1  reads a-0@3 of 4..5
        10 ms  consumer-0#1  has handled a-0 (call 3): next is 3
        10 ms  consumer-0#1  completes page 4, up to 4
        10 ms  consumer-0#1  handles a-0@3 (call 4)
        10 ms  consumer-0#1  reads a-0@4 of 5..6
        10 ms  consumer-0#1  has handled a-0 (call 4): next is 4
        10 ms  consumer-0#1  completes page 5, up to 5
        10 ms  consumer-0#1  handles a-0@4 (call 5)
        10 ms  consumer-0#1  reads a-0@5 of 6..7
        10 ms  consumer-0#1  has handled a-0 (call 5): next is 5
        10 ms  consumer-0#1  completes page 6, up to 6
        10 ms  consumer-0#1  handles a-0@5 (call 6)
        10 ms  consumer-0#1  reads a-0@6 of 7..8
        10 ms  consumer-0#1  has handled a-0 (call 6): next is 6
        10 ms  consumer-0#1  completes page 7, up to 7
        10 ms  consumer-0#1  handles a-0@6 (call 7)
        10 ms  consumer-0#1  reads a-0@7 of 8..9
        10 ms  consumer-0#1  has handled a-0 (call 7): next is 7
        10 ms  consumer-0#1  completes page 8, up to 8
        10 ms  consumer-0#1  handles a-0@7 (call 8)
        10 ms  consumer-0#1  reads a-0@8 of 9..10
        10 ms  consumer-0#1  has handled a-0 (call 8): next is 8
        10 ms  consumer-0#1  completes page 9, up to 9
        10 ms  consumer-0#1  handles a-0@8 (call 9)
        10 ms  consumer-0#1  reads a-0@9 of 10..11
        10 ms  consumer-0#1  has handled a-0 (call 9): next is 9
        10 ms  consumer-0#1  completes page 10, up to 10
        10 ms  consumer-0#1  handles a-0@9 (call 10)
        10 ms  consumer-0#1  reads a-0@10 of 11..12
        ✗ I-19: consumer-0#1.1:a: batch #12 is the 2nd in progress, the limit is 1 (event 78, 10 ms)"
    `)
  })
})
