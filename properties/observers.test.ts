import { describe, expect, test } from "vitest"
import type { IngesterBatch, Sink } from "../engine/batch.js"
import { MemoryCheckpoints } from "../engine/memory-checkpoints.js"
import { StreamName } from "../engine/stream-name.js"
import { StreamResult } from "../engine/stream-result.js"
import type { ITimelineEvent } from "../engine/timeline-event.js"
import type { Happening } from "../sim/trace.js"
import { ConsumerTrace, itemOf } from "./consumer-trace.js"
import { observeCheckpoints } from "./observe-checkpoints.js"
import { observeHandler } from "./observe-handler.js"
import { observeSink } from "./observe-sink.js"
import type { Handler } from "./stage.js"

const stream = StreamName.create("a", "1")

const event = (index: number, data = "{}"): ITimelineEvent => {
  const time = new Date(0)
  return { id: `id-${index}`, time, type: "Happened", data, index: BigInt(index), isUnfold: false, size: -1 }
}

function tracing(tranches = ["a"]) {
  const happened: Happening[] = []
  const limits = { maxConcurrentStreams: 1, maxReadAhead: 1 }
  const trace = new ConsumerTrace(
    { process: "c#1", name: "c#1.1", group: "g", tranches, ...limits },
    { emit: (happening) => happened.push(happening) },
  )
  return { trace, happened }
}

describe("a handler", () => {
  async function call(handler: Handler) {
    const { trace, happened } = tracing()
    const result = await observeHandler(handler, trace)(stream, [event(4), event(5)]).catch((error: unknown) => error)
    return { result, happened }
  }

  test.each([
    [undefined, "AllProcessed", 6],
    [StreamResult.AllProcessed, "AllProcessed", 6],
    [StreamResult.NoneProcessed, "NoneProcessed", 4],
    [StreamResult.PartiallyProcessed(1), "PartiallyProcessed(1)", 5],
    [StreamResult.OverrideNextIndex(9n), "OverrideNextIndex(9)", 9],
  ])("that answers %o appears with its call and with what the answer means", async (answer, result, next) => {
    const seen = await call(async () => answer)
    const items = [itemOf(stream, event(4)), itemOf(stream, event(5))]
    const which = { sink: "c#1.1", call: 1, stream }
    expect(seen.result).toBe(answer)
    expect(seen.happened).toEqual([
      { kind: "CallStarted", ...which, first: 4, count: 2, items },
      { kind: "CallReturned", ...which, result, next, items },
    ])
  })

  test.each([
    ["throws", () => Promise.reject(new Error("out of paper"))],
    [
      "throws before it is asynchronous",
      () => {
        throw new Error("out of paper")
      },
    ],
  ])("that %s appears with its error, and still throws", async (_, handler) => {
    const { result, happened } = await call(handler)
    expect(result).toEqual(new Error("out of paper"))
    expect(happened[1]).toMatchObject({ kind: "CallThrew", call: 1, error: "out of paper" })
  })

  test("whose span somebody changed appears with the span as it is at the end", async () => {
    const { happened } = await call(async (_, events) => void events.push(event(6)))
    expect(happened.map((h) => (h.kind === "CallStarted" || h.kind === "CallReturned" ? h.items.length : 0))).toEqual([
      2, 3,
    ])
  })
})

describe("a sink", () => {
  /** Completes nothing by itself. */
  class HoldingSink implements Sink {
    readonly batches: IngesterBatch[] = []
    async start() {}
    pump(batch: IngesterBatch) {
      this.batches.push(batch)
    }
    addTracingAttrs() {}
  }

  const page = (indexes: number[], completed: string[] = []): IngesterBatch => ({
    items: indexes.map((index) => [stream, event(index)] as const),
    checkpoint: BigInt(indexes.at(-1)! + 1),
    isTail: false,
    trancheId: "a",
    onComplete: () => completed.push("completed"),
  })

  function read(trace: ConsumerTrace, indexes: number[]) {
    const items = indexes.map((index) => itemOf(stream, event(index)))
    trace.pageRead("a", { from: 0n, checkpoint: 1n, isTail: items.length === 0, items })
  }

  test("appears with the numbers of the pages that its batches were read as, empty ones and lost ones between", () => {
    const { trace, happened } = tracing()
    const inner = new HoldingSink()
    const sink = observeSink(inner, trace)
    const completed: string[] = []
    for (const indexes of [[0, 1], [], [2], [2], [3]]) read(trace, indexes)
    for (const indexes of [[0, 1], [2], [3]]) void sink.pump(page(indexes, completed), new AbortController().signal)
    inner.batches[1]!.onComplete()
    expect(happened.filter(({ kind }) => kind !== "PageRead")).toEqual([
      { kind: "Admitted", run: "c#1.1:a", seq: 1 },
      { kind: "Admitted", run: "c#1.1:a", seq: 3 },
      { kind: "Admitted", run: "c#1.1:a", seq: 5 },
      { kind: "Completed", run: "c#1.1:a", seq: 3, checkpoint: 3n },
    ])
    expect(completed).toEqual(["completed"])
  })

  test("gives a number of its own to a batch that nobody read", () => {
    const { trace, happened } = tracing()
    read(trace, [0])
    void observeSink(new HoldingSink(), trace).pump(page([7]), new AbortController().signal)
    expect(happened.at(-1)).toEqual({ kind: "Admitted", run: "c#1.1:a", seq: 2 })
  })

  test("that is fed without tranches is counted to the only one, or not at all", () => {
    const { trace, happened } = tracing()
    const { trancheId: _, ...batch } = page([0])
    const { signal } = new AbortController()
    void observeSink(new HoldingSink(), trace).pump(batch, signal)
    expect(happened).toEqual([])
    void observeSink(new HoldingSink(), trace, "a").pump(batch, signal)
    expect(happened).toEqual([{ kind: "Admitted", run: "c#1.1:a", seq: 1 }])
  })
})

describe("checkpoints", () => {
  const which = { run: "c#1.1:a", group: "g", tranche: "a" }

  test("appear with what was loaded, what is written, and what the store says that it holds", async () => {
    const { trace, happened } = tracing()
    const ahead = { load: async () => 3n, commit: async () => 9n }
    const observed = observeCheckpoints(ahead, trace)
    expect(await observed.load("g", "a")).toBe(3n)
    expect(await observed.commit("g", "a", 5n)).toBe(9n)
    expect(happened).toEqual([
      { kind: "Loaded", ...which, position: 3n },
      { kind: "CommitStarted", ...which, position: 5n },
      { kind: "CommitDone", ...which, position: 5n, stored: 9n },
    ])
  })

  test("appear with a failure, and still fail", async () => {
    const { trace, happened } = tracing()
    const broken = { load: async () => 0n, commit: () => Promise.reject(new Error("disk full")) }
    await expect(observeCheckpoints(broken, trace).commit("g", "a", 5n)).rejects.toThrow("disk full")
    expect(happened.at(-1)).toEqual({ kind: "CommitFailed", ...which, position: 5n, error: "disk full" })
  })

  test("pass the origin on, and leave no mark for tranches of others", async () => {
    const { trace, happened } = tracing()
    const observed = observeCheckpoints(new MemoryCheckpoints(), trace)
    expect(await observed.load("g", "other", async () => 42n)).toBe(42n)
    await observed.commit("g", "other", 43n)
    expect(happened).toEqual([])
  })
})

test("a consumer's runs start and end together, with its limits and its place in the group", () => {
  const happened: Happening[] = []
  const trace = new ConsumerTrace(
    {
      ...{ process: "c#1", name: "c#1.1", group: "g", tranches: ["a", "b"], member: 1, size: 3 },
      ...{ maxConcurrentStreams: 4, maxReadAhead: 2 },
    },
    { emit: (happening) => happened.push(happening) },
  )
  trace.started()
  trace.ended({ error: new Error("lost") })
  const limits = { maxConcurrentStreams: 4, maxReadAhead: 2 }
  const start = { kind: "RunStarted", process: "c#1", sink: "c#1.1", group: "g", member: 1, size: 3, ...limits }
  expect(happened).toEqual([
    { ...start, run: "c#1.1:a", tranche: "a" },
    { ...start, run: "c#1.1:b", tranche: "b" },
    { kind: "RunEnded", run: "c#1.1:a", outcome: "error", error: "lost" },
    { kind: "RunEnded", run: "c#1.1:b", outcome: "error", error: "lost" },
  ])
})
