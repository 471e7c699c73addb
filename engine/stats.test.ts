import { beforeEach, describe, expect, test } from "vitest"
import type { Batch } from "./batch.js"
import { ManualClock } from "./manual-clock.js"
import { Stats } from "./stats.js"

const page = (checkpoint: bigint, events: number, isTail = false): Batch => ({
  checkpoint,
  isTail,
  items: Array.from({ length: events }, () => ["c-a", {}] as unknown as Batch["items"][number]),
})

let clock: ManualClock
let stats: Stats
beforeEach(() => {
  clock = new ManualClock()
  stats = new Stats(clock)
})

function read(tranche: string, p: Batch) {
  stats.readBegins(tranche)
  stats.pageRead(tranche, p)
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false
  promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  await clock.settle()
  return settled
}

describe("waitForTail", () => {
  test("an idle source answers after one poll that began after the call (E-21)", async () => {
    stats.runStarted("t")
    read("t", page(5n, 0, true))
    const tail = stats.waitForTail()
    expect(await isSettled(tail)).toBe(false)
    read("t", page(5n, 0, true))
    await tail
  })

  test("a read that was under way at the call does not count", async () => {
    stats.runStarted("t")
    stats.readBegins("t")
    const tail = stats.waitForTail()
    stats.pageRead("t", page(5n, 0, true))
    expect(await isSettled(tail)).toBe(false)
  })

  test("waits for every tranche, also one that has not read anything yet (E-19)", async () => {
    stats.runStarted("quick")
    stats.runStarted("slow")
    const tail = stats.waitForTail()
    read("quick", page(1n, 0, true))
    expect(await isSettled(tail)).toBe(false)
    read("slow", page(1n, 3))
    read("slow", page(1n, 0, true))
    expect(await isSettled(tail)).toBe(false)
    stats.batchCompleted("slow", 1n, false)
    await tail
  })

  test("an empty page in mid-feed is not the tail (E-20)", async () => {
    stats.runStarted("t")
    const tails: string[] = []
    stats.on("tail", ({ trancheId }) => tails.push(trancheId))
    const tail = stats.waitForTail()
    read("t", page(5n, 0, false))
    expect([tails, await isSettled(tail)]).toEqual([[], false])
  })

  test("the propagation delay is the least age of the read that counts", async () => {
    stats.runStarted("t")
    const tail = stats.waitForTail(200)
    await clock.advance(199)
    read("t", page(5n, 0, true))
    expect(await isSettled(tail)).toBe(false)
    await clock.advance(1)
    read("t", page(5n, 0, true))
    await tail
  })

  test("rejects when a tranche ends before its tail was found and handled, though the others are at theirs (E-19)", async () => {
    stats.runStarted("t1")
    stats.runStarted("t2")
    const tail = stats.waitForTail()
    tail.catch(() => undefined)
    read("t2", page(1n, 0, true))
    stats.runEnded("t1")
    await expect(tail).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: waitForTail: tranche t1 ended before all of it was handled]`,
    )
  })

  test("a tranche that ends after its tail was found and handled does not matter", async () => {
    stats.runStarted("t1")
    stats.runStarted("t2")
    const tail = stats.waitForTail()
    read("t1", page(1n, 0, true))
    stats.runEnded("t1")
    expect(await isSettled(tail)).toBe(false)
    read("t2", page(1n, 0, true))
    await tail
  })

  test("what a tranche found in an ended run does not count for its next one", async () => {
    stats.runStarted("t1")
    stats.runStarted("t2")
    const tail = stats.waitForTail()
    read("t1", page(1n, 0, true))
    stats.runEnded("t1")
    stats.runStarted("t1")
    read("t2", page(1n, 0, true))
    expect(await isSettled(tail)).toBe(false)
    read("t1", page(1n, 0, true))
    await tail
  })

  test.each([-1, NaN])("a propagation delay of %d is refused", async (delay) => {
    await expect(stats.waitForTail(delay)).rejects.toThrow(`"propagationDelay" must be`)
  })

  test("rejects when the source ends, and when it has ended (E-21)", async () => {
    stats.runStarted("t")
    const tail = stats.waitForTail()
    stats.runEnded("t")
    await expect(tail).rejects.toThrowErrorMatchingInlineSnapshot(`[Error: waitForTail: the source has ended]`)
    await expect(stats.waitForTail()).rejects.toThrow("ended")
  })
})

test("events carry positions as bigint, exact above 2^53 (E-23)", () => {
  stats.runStarted("t")
  const seen: unknown[] = []
  stats.on("ingested", (e) => seen.push(e))
  stats.on("completed", (e) => seen.push(e))
  read("t", page(9007199254740993n, 2))
  stats.batchCompleted("t", 9007199254740993n, false)
  expect(seen).toEqual([
    { trancheId: "t", checkpoint: 9007199254740993n, isTail: false, events: 2 },
    { trancheId: "t", checkpoint: 9007199254740993n, isTail: false, pendingBatches: 0 },
  ])
})

test("counters start again after they are taken, positions stay", () => {
  stats.runStarted("t")
  read("t", page(3n, 3))
  read("t", page(3n, 0, true))
  const attempt = { class: "transient", what: "a page", position: 3n, attempts: 1, delayMs: 0 } as const
  stats.readFailed({ ...attempt, error: new Error("gone"), trancheId: "t" }, "retry")
  const taken = { pagesRead: 2, pagesEmpty: 1, eventsRead: 3, readsFailed: 1 }
  const staying = { atTail: true, readPosition: 3n, completedPosition: -1n }
  expect(stats.takeMetrics("t")).toEqual({ ...taken, ...staying })
  expect(stats.takeMetrics("t")).toEqual({ pagesRead: 0, pagesEmpty: 0, eventsRead: 0, readsFailed: 0, ...staying })
})
