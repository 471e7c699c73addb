import fc from "fast-check"
import { afterEach, describe, expect, test, vi } from "vitest"
import { ManualClock } from "../manual-clock.js"
import { StreamName } from "../stream-name.js"
import { StreamResult } from "../stream-result.js"
import type { ITimelineEvent } from "../timeline-event.js"
import { StreamsSink } from "./streams-sink.js"
import type { EventHandler, StreamsSinkOptions } from "./streams-sink.js"

type Item = readonly [StreamName, ITimelineEvent]
type Answer = void | StreamResult

const stream = (id: string | number) => StreamName.create("c", String(id))
const item = (id: string | number, index: number): Item => [
  stream(id),
  { id: "", time: new Date(0), type: "T", index: BigInt(index), isUnfold: false, size: -1 },
]
const items = (id: string | number, ...indexes: number[]): Item[] => indexes.map((index) => item(id, index))

/** A sink under test, what was called, and what completed. A call is written `stream:indexes`. */
class Rig {
  readonly clock = new ManualClock()
  readonly stop = new AbortController()
  readonly calls: string[] = []
  readonly completed: number[] = []
  readonly warnings: string[] = []
  readonly sink: StreamsSink
  running: Promise<void>
  inFlight = 0
  most = 0
  #seq = 0

  constructor(
    handler: (call: string, events: ITimelineEvent[]) => Answer | Promise<Answer>,
    options: Partial<StreamsSinkOptions> = {},
  ) {
    this.sink = StreamsSink.create({
      maxConcurrentStreams: 10,
      maxReadAhead: 10,
      clock: this.clock,
      warn: (message) => this.warnings.push(message),
      handler: async (name, events) => {
        const call = `${StreamName.id(name)}:${events.map(({ index }) => index).join(" ")}`
        this.calls.push(call)
        this.most = Math.max(this.most, ++this.inFlight)
        try {
          return await handler(call, events)
        } finally {
          this.inFlight--
        }
      },
      ...options,
    })
    this.running = this.sink.start(this.stop.signal)
    this.running.catch(() => undefined)
  }

  pump(batch: readonly Item[], trancheId?: string, signal = this.stop.signal): void | Promise<void> {
    const seq = this.#seq++
    const room = this.sink.pump(
      {
        items: batch,
        checkpoint: BigInt(seq),
        isTail: false,
        onComplete: () => this.completed.push(seq),
        ...(trancheId === undefined ? {} : { trancheId }),
      },
      signal,
    )
    room?.catch(() => undefined)
    return room
  }

  /** Pumps batch after batch, waiting for room, until all have completed. */
  async feed(...batches: (readonly Item[])[]): Promise<void> {
    for (const batch of batches) {
      await this.pump(batch)
      await this.clock.settle()
    }
  }

  settle() {
    return this.clock.settle()
  }
}

const rigs: Rig[] = []
function rig(...args: ConstructorParameters<typeof Rig>): Rig {
  const made = new Rig(...args)
  rigs.push(made)
  return made
}
afterEach(async () => {
  for (const { stop, running, clock } of rigs.splice(0)) {
    stop.abort()
    await clock.advance(10_000)
    await running.catch(() => undefined)
  }
})

/** A handler that waits to be let go. */
function gate() {
  const open: ((answer: Answer) => void)[] = []
  return {
    handler: () => new Promise<Answer>((resolve) => open.push(resolve)),
    release: async (answer?: Answer) => {
      open.shift()?.(answer)
      await new Promise((resolve) => setImmediate(resolve))
    },
    get waiting() {
      return open.length
    },
  }
}

describe("calls", () => {
  test.each([1, 2, 5, 10])("10 streams, %i permits: as many calls at once as there are permits", async (permits) => {
    const r = rig(() => r.clock.turn(), { maxConcurrentStreams: permits })
    await r.pump(Array.from({ length: 10 }, (_, i) => item(i, 0)))
    await r.settle()
    expect(r.most).toBe(permits)
    expect(r.calls.length).toBe(10)
  })

  test("two batches admitted before the first turn are handled in one call per stream", async () => {
    const r = rig(() => {})
    const streams = Array.from({ length: 10 }, (_, i) => i)
    void r.pump(streams.map((i) => item(i, 0)))
    void r.pump(streams.map((i) => item(i, 1)))
    await r.settle()
    expect(r.calls).toEqual(streams.map((i) => `${i}:0 1`))
    expect(r.completed).toEqual([0, 1])
  })

  test("one stream, 30 batches, window 10: never two calls at once, few calls, completions in order", async () => {
    const r = rig(() => r.clock.turn())
    for (let i = 0; i < 30; i++) await r.pump([item("a", i)])
    await r.settle()
    expect(r.most).toBe(1)
    expect(r.calls.flatMap((call) => call.slice(2).split(" ").map(Number))).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    )
    expect(r.calls.length).toBeLessThanOrEqual(8)
    expect(r.completed).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })

  test("events that arrive during a call do not change the array it was given", async () => {
    const g = gate()
    let given: ITimelineEvent[] = []
    const r = rig((_, events) => {
      given = events
      return g.handler()
    })
    await r.pump(items("a", 0, 1))
    await r.settle()
    await r.pump(items("a", 2))
    expect(given.length).toBe(2)
    await g.release()
    await r.settle()
    expect(r.calls).toEqual(["a:0 1", "a:2"])
  })

  test("what a handler does to its array does not change what is delivered again", async () => {
    const r = rig((_, events) => {
      events.splice(0)
      return r.calls.length === 1 ? StreamResult.NoneProcessed : undefined
    })
    await r.pump(items("a", 0, 1))
    await r.clock.advance(20)
    expect(r.calls).toEqual(["a:0 1", "a:0 1"])
  })

  test("oldest batches go first", async () => {
    const r = rig(() => r.clock.turn(), { maxConcurrentStreams: 1 })
    void r.pump([item("a", 0), item("b", 0)])
    void r.pump([item("c", 0), item("a", 1), item("d", 0)])
    await r.settle()
    expect(r.calls).toEqual(["a:0 1", "b:0", "c:0", "d:0"])
  })

  test("a stream with more to do keeps the place of its oldest batch", async () => {
    const g = gate()
    const r = rig(g.handler, { maxConcurrentStreams: 1 })
    void r.pump([item("a", 0), item("b", 0), item("c", 0)])
    await r.settle()
    void r.pump([item("a", 1), item("d", 0)])
    for (let i = 0; i < 5; i++) await g.release().then(() => r.settle())
    expect(r.calls).toEqual(["a:0", "b:0", "c:0", "a:1", "d:0"])
  })

  test("an unfold fails the run and names the stream (E-35)", async () => {
    const r = rig(() => {})
    const [name, event] = item("a", 1)
    await expect(r.pump([[name, { ...event, isUnfold: true }]])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: item 1 of c-a is an unfold; a source must yield events only]`,
    )
    await expect(r.running).rejects.toThrow("unfold")
  })
})

describe("back-pressure", () => {
  test("one stream, six batches, window 3: the third and the sixth pump wait", async () => {
    const r = rig(() => r.clock.turn(), { maxReadAhead: 3, maxConcurrentStreams: 1 })
    const answers: string[] = []
    for (let i = 0; i < 6; i++) {
      const room = r.pump([item("a", i)])
      answers.push(room === undefined ? "now" : "wait")
      await room
    }
    await r.settle()
    expect(answers).toEqual(["now", "now", "wait", "now", "now", "wait"])
    expect(r.calls).toEqual(["a:0 1 2", "a:3 4 5"])
    expect(r.completed).toEqual([0, 1, 2, 3, 4, 5])
  })

  test.each([2, 4, 12])("%i tranches each keep their own window (E-03)", async (tranches) => {
    const r = rig(() => r.clock.turn(), { maxReadAhead: 2, maxConcurrentStreams: 3 })
    const open = new Map<number, number>()
    let exceeded = 0
    await Promise.all(
      Array.from({ length: tranches }, async (_, t) => {
        for (let i = 0; i < 40; i++) {
          const now = (open.get(t) ?? 0) + 1
          open.set(t, now)
          if (now > 2) exceeded++
          await r.sink.pump(
            {
              items: [item(`${t}x${i % 3}`, Math.floor(i / 3))],
              checkpoint: BigInt(i),
              isTail: false,
              trancheId: `t${t}`,
              onComplete: () => open.set(t, (open.get(t) as number) - 1),
            },
            r.stop.signal,
          )
        }
      }),
    )
    await r.settle()
    expect(exceeded).toBe(0)
    expect([...open.values()]).toEqual(Array.from({ length: tranches }, () => 0))
  })

  test("a pump that waits rejects with the abort's reason, also when the signal was aborted before", async () => {
    const r = rig(() => new Promise(() => {}), { maxReadAhead: 1, drainTimeoutMs: 0 })
    const own = new AbortController()
    const waiting = r.pump([item("a", 0)], "t", own.signal)
    own.abort(new Error("enough"))
    await expect(waiting).rejects.toThrow("enough")
    await expect(r.pump([item("a", 1)], "t", own.signal)).rejects.toThrow("enough")
  })

  test("a source may give every pump a signal of its own: order and window are those of the tranche", async () => {
    const g = gate()
    const r = rig((call) => (call === "a:0" ? g.handler() : undefined), { maxReadAhead: 3 })
    const first = new AbortController()
    void r.pump([item("a", 0)], "t", first.signal)
    void r.pump([item("b", 0)], "t", new AbortController().signal)
    first.abort()
    await r.settle()
    expect(r.completed).toEqual([])
    await g.release()
    expect(r.completed).toEqual([0, 1])
  })

  test("pump before start is an error and is not counted (E-08)", async () => {
    const sink = StreamsSink.create({ handler: async () => {}, maxConcurrentStreams: 1, maxReadAhead: 1 })
    const completed = vi.fn()
    const batch = { items: [item("a", 0)], checkpoint: 1n, isTail: false, onComplete: completed }
    const stop = new AbortController()
    expect(() => sink.pump(batch, stop.signal)).toThrowErrorMatchingInlineSnapshot(
      `[Error: StreamsSink.pump: the sink is not running; call start first]`,
    )
    const running = sink.start(stop.signal)
    await sink.pump(batch, stop.signal)
    expect(completed).toHaveBeenCalledOnce()
    stop.abort()
    await running
  })
})

describe("completion", () => {
  test("a batch with nothing left to do waits for older ones (E-01)", async () => {
    const g = gate()
    const r = rig((call) => (call.startsWith("x") ? StreamResult.OverrideNextIndex(3n) : g.handler()))
    await r.feed(items("x", 0), items("y", 0), items("x", 1, 2))
    expect(r.completed).toEqual([0])
    await g.release()
    expect(r.completed).toEqual([0, 1, 2])
  })

  test("the worked trace of the specification: both batches complete in the turn in which y returns", async () => {
    const g = gate()
    const r = rig((call) => (call.startsWith("x") ? StreamResult.OverrideNextIndex(3n) : g.handler()), {
      maxConcurrentStreams: 1,
      maxReadAhead: 2,
    })
    void r.pump([item("x", 0), item("y", 0)])
    void r.pump(items("x", 1, 2))
    await r.settle()
    expect(r.calls).toEqual(["x:0 1 2", "y:0"])
    expect(r.completed).toEqual([])
    await g.release()
    expect(r.completed).toEqual([0, 1])
  })

  test("the same batches again after they were handled: no further call, all complete", async () => {
    const r = rig(() => {})
    const batch = Array.from({ length: 10 }, (_, i) => item(i, 0))
    await r.feed(batch, batch)
    expect(r.calls.length).toBe(10)
    expect(r.completed).toEqual([0, 1])
  })

  test.each([
    ["merged before they are handled", false, ["a:0 1 2 3 4 5 6 7"]],
    ["handled in between", true, ["a:0 1 2 3 4", "a:5 6 7"]],
  ])("duplicates and disorder inside batches, %s", async (_, between, calls) => {
    const r = rig(() => {})
    void r.pump(items("a", 0, 1, 2, 3, 4, 2))
    if (between) await r.settle()
    void r.pump(items("a", 5, 3, 6, 1, 7, 3))
    await r.settle()
    expect(r.calls).toEqual(calls)
    expect(r.completed).toEqual([0, 1])
  })

  test("a throwing completion callback fails the run (E-07)", async () => {
    const r = rig(() => {})
    const onComplete = () => {
      throw new Error("listener")
    }
    void r.sink.pump({ items: items("a", 0), checkpoint: 1n, isTail: false, onComplete }, r.stop.signal)
    await expect(r.running).rejects.toThrow("listener")
  })

  test("tranches do not wait for each other, and share their streams", async () => {
    const g = gate()
    const r = rig((call) => (call === "slow:0" ? g.handler() : undefined))
    void r.pump([item("slow", 0)], "a")
    void r.pump([item("s", 0)], "b")
    await r.settle()
    expect(r.completed).toEqual([1])
    void r.pump([item("s", 0), item("s", 1)], "a")
    await r.settle()
    expect(r.calls).toEqual(["slow:0", "s:0", "s:1"])
    await g.release()
    expect(r.completed).toEqual([1, 0, 2])
  })

  test("a lower requirement of another tranche is met as soon as it can be", async () => {
    const g = gate()
    const r = rig(g.handler)
    void r.pump(items("s", 0, 1, 2), "a")
    void r.pump(items("s", 0), "b")
    await r.settle()
    await g.release(StreamResult.PartiallyProcessed(1))
    expect(r.completed).toEqual([1])
    await g.release()
    expect(r.completed).toEqual([1, 0])
  })
})

describe("results", () => {
  test("PartiallyProcessed(2) always, 10 events: 10, 8, 6, 4, 2", async () => {
    const r = rig(() => StreamResult.PartiallyProcessed(2))
    await r.feed(items("a", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
    expect(r.calls.map((call) => call.split(" ").length)).toEqual([10, 8, 6, 4, 2])
    expect(r.completed).toEqual([0])
  })

  test("OverrideNextIndex beyond the span covers what has not arrived yet", async () => {
    const r = rig(() => (r.calls.length === 1 ? StreamResult.OverrideNextIndex(20n) : undefined))
    const tens = (from: number) => Array.from({ length: 10 }, (_, i) => from + i)
    await r.feed(items("a", ...tens(0)), items("a", ...tens(10)), items("a", 20, 21))
    expect(r.calls).toEqual([`a:${tens(0).join(" ")}`, "a:20 21"])
    expect(r.completed).toEqual([0, 1, 2])
  })

  test("an override below the position moves nothing back (E-12)", async () => {
    const answers: Answer[] = [undefined, StreamResult.OverrideNextIndex(3n)]
    const r = rig(() => answers.shift())
    await r.feed(items("a", 0, 1, 2, 3, 4), items("a", 5), items("a", 3, 4))
    await r.clock.advance(50)
    expect(r.calls).toEqual(["a:0 1 2 3 4", "a:5", "a:5"])
    expect(r.completed).toEqual([0, 1, 2])
  })

  test("NoneProcessed once: the same events again, after a pause", async () => {
    const r = rig(() => (r.calls.length === 1 ? StreamResult.NoneProcessed : undefined))
    await r.feed(items("a", 0, 1, 2))
    expect(r.calls).toEqual(["a:0 1 2"])
    await r.clock.advance(10)
    expect(r.calls).toEqual(["a:0 1 2", "a:0 1 2"])
    expect(r.completed).toEqual([0])
  })

  test("NoneProcessed at an unknown position leaves it unknown: earlier events that arrive late are handled (E-13)", async () => {
    const r = rig(() => (r.calls.length === 1 ? StreamResult.NoneProcessed : undefined))
    await r.feed(items("a", 5), items("a", 3, 4))
    await r.clock.advance(10)
    expect(r.calls).toEqual(["a:5", "a:3 4 5"])
    expect(r.completed).toEqual([0, 1])
  })

  test("a stream that never gets anywhere neither stops the clock nor starves its neighbours (E-06)", async () => {
    const r = rig((call) => (call.startsWith("stuck") ? StreamResult.NoneProcessed : r.clock.sleep(20)), {
      maxConcurrentStreams: 1,
    })
    void r.pump([item("stuck1", 0), item("stuck2", 0), ...Array.from({ length: 10 }, (_, i) => item(`s${i}`, 0))])
    await r.clock.advance(1000)
    expect(r.calls.filter((call) => call.startsWith("s") && !call.startsWith("stuck")).length).toBe(10)
    // Pauses double up to a second, so a second has room for few retries.
    expect(r.calls.filter((call) => call.startsWith("stuck")).length).toBeLessThan(20)
  })

  test.each([
    ["a count beyond the span (E-10)", StreamResult.PartiallyProcessed(3)],
    ["a negative count", StreamResult.PartiallyProcessed(-3)],
    ["a fraction (E-05)", StreamResult.PartiallyProcessed(1.5)],
    ["no number (E-05)", StreamResult.PartiallyProcessed(NaN)],
    ["a negative index", StreamResult.OverrideNextIndex(-1n)],
    ["an unknown result (E-05)", { kind: "Done" } as unknown as StreamResult],
    ["something else", 7 as unknown as StreamResult],
  ])("%s fails the run and completes nothing", async (_, result) => {
    const r = rig(() => result)
    void r.pump(items("a", 0, 1))
    await expect(r.running).rejects.toThrow(/^the handler of c-a must answer .*, received /)
    expect(r.completed).toEqual([])
  })

  test("the message of an invalid result says what would be valid", async () => {
    const r = rig(() => StreamResult.PartiallyProcessed(5))
    void r.pump(items("a", 0, 1))
    await expect(r.running).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidStreamResultError: the handler of c-a must answer PartiallyProcessed with an integer from 0 to 2, the events of the call, received PartiallyProcessed(5)]`,
    )
  })
})

describe("gaps", () => {
  test("by default a gap is not waited for", async () => {
    const r = rig(() => {})
    await r.feed(items("a", 0, 1, 3, 4))
    expect(r.calls).toEqual(["a:0 1", "a:3 4"])
    expect(r.completed).toEqual([0])
  })

  test("complete streams wait for the missing event, then get everything in one call", async () => {
    const r = rig(() => {}, { requireCompleteStreams: true })
    await r.feed(items("a", 0, 1, 3, 4))
    expect(r.calls).toEqual(["a:0 1"])
    await r.feed(items("a", 2))
    expect(r.calls).toEqual(["a:0 1", "a:2 3 4"])
    expect(r.completed).toEqual([0, 1])
  })

  test("complete streams start at index 0 (E-16)", async () => {
    const r = rig(() => {}, { requireCompleteStreams: true })
    await r.feed(items("a", 3), items("a", 0, 1, 2))
    expect(r.calls).toEqual(["a:0 1 2 3"])
  })

  test("a gap that fills the window is reported, once (E-16)", async () => {
    const r = rig(() => {}, { requireCompleteStreams: true, maxReadAhead: 2 })
    void r.pump(items("a", 0, 2))
    void r.pump(items("a", 3))
    await r.settle()
    expect(r.warnings).toMatchInlineSnapshot(`
      [
        "stream c-a waits for event 1 and holds event 2: with requireCompleteStreams nothing more is read, because the window of 2 batches is full",
      ]
    `)
  })
})

describe("failing", () => {
  test("every call fails, 10 streams, 10 permits: start rejects, the 10 calls were made, nothing completes", async () => {
    const r = rig(async () => {
      await r.clock.turn()
      throw new Error("boom")
    })
    void r.pump(Array.from({ length: 10 }, (_, i) => item(i, 0)))
    await expect(r.running).rejects.toThrow("boom")
    expect(r.calls.length).toBe(10)
    expect(r.completed).toEqual([])
  })

  test.each<[string, EventHandler]>([
    [
      "a handler that throws before it returns a promise",
      () => {
        throw new Error("boom")
      },
    ],
    ["a handler that rejects", () => Promise.reject(new Error("boom"))],
  ])("%s fails the run (E-05)", async (_, handler) => {
    const r = rig(() => {}, { handler })
    void r.pump(items("a", 0))
    await expect(r.running).rejects.toThrow("boom")
  })

  test("a handler that answers without a promise is taken at its word (E-05)", async () => {
    const r = rig(() => {}, { handler: (() => undefined) as unknown as EventHandler })
    void r.pump(items("a", 0))
    await r.settle()
    expect(r.completed).toEqual([0])
  })

  test("what was thrown is what start rejects with, whatever it is", async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    const r = rig(() => {}, { handler: () => Promise.reject(null) })
    void r.pump(items("a", 0))
    await expect(r.running.catch((error: unknown) => ({ error }))).resolves.toEqual({ error: null })
  })

  test("a failed call is not a handled one: its batch and younger ones stay open (H-16)", async () => {
    const g = gate()
    const r = rig((call) =>
      call === "a:0"
        ? g.handler().then(() => {
            throw new Error("boom")
          })
        : undefined,
    )
    await r.feed(items("a", 0), items("b", 0))
    await g.release()
    await expect(r.running).rejects.toThrow("boom")
    expect(r.completed).toEqual([])
  })

  test("calls that run when another fails are waited for, and count", async () => {
    const g = gate()
    const r = rig((call) => {
      if (call === "bad:0") throw new Error("boom")
      return g.handler()
    })
    void r.pump(items("good", 0))
    void r.pump(items("bad", 0))
    await r.settle()
    expect(r.calls).toEqual(["good:0", "bad:0"])
    await g.release()
    await expect(r.running).rejects.toThrow("boom")
    expect(r.completed).toEqual([0])
  })

  test("a pump that waits when the sink fails rejects with the failure", async () => {
    const r = rig(() => Promise.reject(new Error("boom")), { maxReadAhead: 1 })
    await expect(r.pump(items("a", 0))).rejects.toThrow("boom")
    await expect(r.running).rejects.toThrow("boom")
    expect(() => r.pump(items("a", 1))).toThrow("not running")
  })
})

describe("stopping", () => {
  test("aborted before start: ends at once", async () => {
    const sink = StreamsSink.create({ handler: async () => {}, maxConcurrentStreams: 1, maxReadAhead: 1 })
    await sink.start(AbortSignal.abort())
  })

  test("no call begins after the abort; running ones are waited for and their results count", async () => {
    const g = gate()
    const r = rig(g.handler, { maxConcurrentStreams: 1 })
    void r.pump([item("a", 0)])
    void r.pump([item("b", 0)])
    await r.settle()
    r.stop.abort()
    await g.release()
    await r.running
    expect(r.calls).toEqual(["a:0"])
    expect(r.completed).toEqual([0])
  })

  test("a call asked for in the turn of the abort does not begin", async () => {
    const r = rig(() => {})
    void r.pump([item("a", 0)])
    r.stop.abort()
    await r.running
    expect(r.calls).toEqual([])
  })

  test("a stop waits no longer than the drain limit, and later results are ignored", async () => {
    const g = gate()
    const r = rig(g.handler, { drainTimeoutMs: 100 })
    void r.pump([item("a", 0)])
    await r.settle()
    r.stop.abort()
    await r.clock.advance(100)
    await r.running
    await g.release()
    expect(r.completed).toEqual([])
  })

  test("a failure after the abort is reported (E-17)", async () => {
    const g = gate()
    const r = rig(() =>
      g.handler().then(() => {
        throw new Error("late")
      }),
    )
    void r.pump([item("a", 0)])
    await r.settle()
    r.stop.abort()
    await g.release()
    await expect(r.running).rejects.toThrow("late")
  })

  test("a second start joins: same streams, same limits; each ends with its own signal (E-02)", async () => {
    const g = gate()
    const r = rig(g.handler, { maxConcurrentStreams: 1 })
    const other = new AbortController()
    void r.pump([item("a", 0)], "t1")
    await r.settle()
    const second = r.sink.start(other.signal)
    void r.pump([item("a", 1), item("b", 0)], "t2", other.signal)
    await r.settle()
    expect(r.calls).toEqual(["a:0"])
    r.stop.abort()
    await g.release()
    await r.running
    await g.release().then(g.release)
    expect(r.calls).toEqual(["a:0", "a:1", "b:0"])
    expect(r.completed).toEqual([0, 1])
    other.abort()
    await second
  })

  test("what only an aborted tranche wanted is not called for while others go on", async () => {
    const g = gate()
    const r = rig(g.handler, { maxConcurrentStreams: 1 })
    const other = new AbortController()
    const second = r.sink.start(other.signal)
    void r.pump([item("a", 0)], "t1")
    void r.pump([item("b", 0), item("c", 0)], "t2", other.signal)
    void r.pump([item("c", 1)], "t1")
    await r.settle()
    other.abort()
    await g.release()
    await second
    await g.release()
    expect(r.calls).toEqual(["a:0", "c:0 1"])
    await r.settle()
    expect(r.completed).toEqual([0, 2])
  })

  test("a failure rejects every start", async () => {
    const r = rig(() => Promise.reject(new Error("boom")))
    const second = r.sink.start(new AbortController().signal)
    void r.pump([item("a", 0)])
    await expect(r.running).rejects.toThrow("boom")
    await expect(second).rejects.toThrow("boom")
  })

  test("the same sink starts again afresh: nothing is left of the first run, neither slots nor listeners", async () => {
    const calls: string[] = []
    let stuck = true
    const handler = async (name: StreamName) => {
      calls.push(name)
      if (stuck) await new Promise(() => {})
    }
    const sink = StreamsSink.create({ handler, maxConcurrentStreams: 1, maxReadAhead: 1, drainTimeoutMs: 0 })
    const listeners = vi.spyOn(AbortSignal.prototype, "addEventListener")
    const removed = vi.spyOn(AbortSignal.prototype, "removeEventListener")
    const completed = vi.fn()
    for (const round of [0, 1]) {
      stuck = round === 0
      const stop = new AbortController()
      const running = sink.start(stop.signal)
      const batch = { items: [item("a", 0)], checkpoint: 1n, isTail: false, onComplete: completed, trancheId: "t" }
      const room = sink.pump(batch, stop.signal)
      room?.catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
      stop.abort()
      await running
    }
    expect(calls).toEqual(["c-a", "c-a"])
    expect(completed).toHaveBeenCalledOnce()
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(listeners.mock.calls.length)
    vi.restoreAllMocks()
  })
})

describe("remembering idle streams", () => {
  test.each([
    [3, ["a:0", "b:0", "c:0"]],
    [2, ["a:0", "b:0", "c:0", "a:0"]],
    [0, ["a:0", "b:0", "c:0", "b:0", "c:0", "a:0"]],
  ])(
    "positions of %i streams are kept, the least recently used forgotten first (E-36)",
    async (maxIdleStreams, calls) => {
      const r = rig(() => {}, { maxIdleStreams })
      await r.feed(...["a", "b", "c", "b", "c", "a"].map((id) => [item(id, 0)]))
      expect(r.calls).toEqual(calls)
      expect(r.completed).toEqual([0, 1, 2, 3, 4, 5])
    },
  )
})

describe("several runs on one sink", () => {
  test("a result that comes after its start has ended completes nothing of it, and the others go on", async () => {
    const g = gate()
    const r = rig((call) => (call === "b:0" ? g.handler() : undefined), { drainTimeoutMs: 100 })
    const other = new AbortController()
    const second = r.sink.start(other.signal)
    void r.pump([item("b", 0)], "t2", other.signal)
    await r.settle()
    other.abort()
    await r.clock.advance(100)
    await second
    await g.release()
    expect(r.completed).toEqual([])
    void r.pump([item("a", 0)], "t1")
    await r.settle()
    expect(r.completed).toEqual([1])
  })

  test("a stream that only a stopped run wanted is not called again after a partial result", async () => {
    const g = gate()
    const r = rig((call) => (call.startsWith("b") ? g.handler() : undefined))
    const other = new AbortController()
    const second = r.sink.start(other.signal)
    void r.pump(items("b", 0, 1), "t2", other.signal)
    await r.settle()
    other.abort()
    void r.pump([item("a", 0)], "t1")
    await r.settle()
    await g.release(StreamResult.PartiallyProcessed(1))
    await second
    await r.settle()
    expect(r.calls).toEqual(["b:0 1", "a:0"])
  })

  test("a run that is stopped by a handler starts no call in the turn of that handler", async () => {
    const other = new AbortController()
    const calls: string[] = []
    const r = rig(() => {}, {
      handler: (name) => {
        calls.push(name)
        other.abort()
        return Promise.resolve()
      },
    })
    const second = r.sink.start(other.signal)
    void r.pump([item("a", 0)], "t1")
    void r.pump([item("b", 0)], "t2", other.signal)
    await second
    expect(calls).toEqual(["c-a"])
  })

  test("tranches of the same name in two runs have a queue and a window each, and one may stop (P-04)", async () => {
    const g = gate()
    const r = rig((call) => (call === "slow:0" ? g.handler() : undefined), { maxReadAhead: 2 })
    const other = new AbortController()
    const second = r.sink.start(other.signal)
    void r.pump([item("slow", 0)], "t")
    const room = r.pump([item("b", 0)], "t", other.signal)
    expect(room).toBeUndefined()
    await r.settle()
    expect(r.completed).toEqual([1])
    other.abort()
    void r.pump([item("a", 0)], "t")
    await r.settle()
    await g.release()
    await second
    expect(r.completed).toEqual([1, 0, 2])
  })

  test("a pump whose signal is aborted already is not admitted", async () => {
    const r = rig(() => {})
    await expect(r.pump([item("a", 0)], "t", AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough")
    await r.settle()
    expect([r.calls, r.completed]).toEqual([[], []])
  })
})

describe("failing inside a pump", () => {
  test("a batch that cannot be admitted never completes, whatever completes before it", async () => {
    const g = gate()
    const r = rig(g.handler)
    void r.pump(items("a", 0))
    await r.settle()
    const [name, event] = item("b", 1)
    void r.pump([item("b", 0), [name, { ...event, isUnfold: true }]])
    await g.release()
    await expect(r.running).rejects.toThrow("unfold")
    expect(r.completed).toEqual([0])
  })

  test("a pump in whose turn a handler throws rejects with that, at once, also when the window is full", async () => {
    const r = rig(() => {}, {
      maxReadAhead: 10,
      handler: (name) => {
        if (name === "c-0") throw new Error("boom")
        return new Promise(() => {})
      },
    })
    const rooms = Array.from({ length: 10 }, (_, i) => r.pump(items(9 - i, 0)))
    await expect(rooms.at(-1)).rejects.toThrow("boom")
  })

  test.each([2n ** 53n, -1n, 1.5 as unknown as bigint, undefined as unknown as bigint])(
    "index %s fails the run: it cannot be told from its neighbours",
    async (index) => {
      const r = rig(() => {})
      const [name, event] = item("a", 0)
      await expect(r.pump([[name, { ...event, index }]])).rejects.toThrow(/^an event of c-a has index /)
    },
  )
})

describe("stalls", () => {
  test("each full window is reported with a stream that it waits for", async () => {
    const r = rig(() => {}, { requireCompleteStreams: true, maxReadAhead: 1 })
    void r.pump(items("a", 0), "t0")
    await r.settle()
    for (const id of ["x", "y"]) void r.pump(items(id, 1), `t${id}`)
    await r.settle()
    for (let i = 1; i < 5; i++) {
      void r.pump(items("a", i), "t0")
      await r.settle()
    }
    expect(r.warnings.map((warning) => warning.split(":")[0])).toEqual([
      "stream c-x waits for event 0 and holds event 1",
      "stream c-y waits for event 0 and holds event 1",
    ])
  })

  test("a stream whose tranche has room is not taken for the cause", async () => {
    const r = rig(() => {}, { requireCompleteStreams: true, maxReadAhead: 2 })
    void r.pump(items("roomy", 1), "t1")
    void r.pump(items("x", 1), "t2")
    void r.pump(items("x", 2), "t2")
    await r.settle()
    expect(r.warnings.length).toBe(1)
    expect(r.warnings[0]).toContain("stream c-x waits")
  })

  test("a report that throws fails the run", async () => {
    const warn = () => {
      throw new Error("no log")
    }
    const r = rig(() => {}, { requireCompleteStreams: true, maxReadAhead: 1, warn })
    void r.pump(items("a", 1))
    await expect(r.running).rejects.toThrow("no log")
  })
})

describe("options", () => {
  const valid = { handler: async () => {}, maxConcurrentStreams: 1, maxReadAhead: 1 }
  test.each([
    [{ handler: undefined }],
    [{ maxConcurrentStreams: 0 }],
    [{ maxConcurrentStreams: 1.5 }],
    [{ maxReadAhead: -1 }],
    [{ maxReadAhead: NaN }],
    [{ maxReadAhead: "3" }],
    [{ requireCompleteStreams: "yes" }],
    [{ drainTimeoutMs: -1 }],
    [{ maxIdleStreams: -1 }],
    [{ clock: {} }],
  ])("%o is refused with its name and value (E-22)", (wrong) => {
    const create = () => StreamsSink.create({ ...valid, ...wrong } as unknown as StreamsSinkOptions)
    expect(create).toThrowErrorMatchingSnapshot()
  })
})

/**
 * Any feed whose pages keep each stream in order, with duplicates, over any limits: the promises of the sink as the
 * properties state them, here with the sink alone.
 */
test("order, one call per stream, nothing lost, completions in order and earned, limits kept", async () => {
  const scenario = fc.record({
    permits: fc.integer({ min: 1, max: 4 }),
    window: fc.integer({ min: 1, max: 4 }),
    tranches: fc.array(
      fc.array(fc.array(fc.record({ id: fc.integer({ min: 0, max: 3 }), repeat: fc.boolean() }), { maxLength: 6 }), {
        maxLength: 8,
      }),
      { minLength: 1, maxLength: 3 },
    ),
    answers: fc.infiniteStream(fc.constantFrom("all", "all", "part", "none", "turn", "override")),
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ permits, window, tranches, answers }) => {
      const next = new Map<string, number>()
      const position = new Map<string, number>()
      const busy = new Set<string>()
      const violations: string[] = []
      const r = new Rig(() => {}, {
        maxConcurrentStreams: permits,
        maxReadAhead: window,
        handler: async (name, events) => {
          const first = Number(events[0]?.index)
          if (busy.has(name)) violations.push(`two calls of ${name}`)
          if (busy.size >= permits) violations.push("too many calls")
          if (first < (position.get(name) ?? 0)) violations.push(`${name} went back to ${first}`)
          if (first > (position.get(name) ?? 0)) violations.push(`${name} skipped to ${first}`)
          busy.add(name)
          const answer = answers.next().value
          if (answer !== "all") await r.clock.turn()
          busy.delete(name)
          const done = answer === "none" ? 0 : answer === "part" ? Math.ceil(events.length / 2) : events.length
          position.set(name, first + done)
          if (answer === "none") return StreamResult.NoneProcessed
          if (answer === "override") return StreamResult.OverrideNextIndex(BigInt(first + done))
          return answer === "part" ? StreamResult.PartiallyProcessed(done) : undefined
        },
      })
      const feed = tranches.map(async (batches, t) => {
        const completed: number[] = []
        let open = 0
        for (const [seq, batch] of batches.entries()) {
          const needs = new Map<string, number>()
          const page = batch.map(({ id, repeat }) => {
            const name = `${t}x${id}`
            const known = next.get(name) ?? 0
            const index = repeat && known > 0 ? known - 1 : known
            next.set(name, Math.max(known, index + 1))
            needs.set(`c-${name}`, Math.max(needs.get(`c-${name}`) ?? 0, index + 1))
            return item(name, index)
          })
          if (++open > window) violations.push("window exceeded")
          const onComplete = () => {
            open--
            completed.push(seq)
            for (const [name, need] of needs)
              if ((position.get(name) ?? 0) < need) violations.push(`batch ${seq} completed without ${name}`)
          }
          await r.sink.pump(
            { items: page, checkpoint: BigInt(seq), isTail: false, trancheId: `t${t}`, onComplete },
            r.stop.signal,
          )
        }
        return () => expect(completed).toEqual(batches.map((_, seq) => seq))
      })
      const pumped = Promise.all(feed)
      await r.clock.advance(60_000)
      for (const allCompleted of await pumped) allCompleted()
      for (const [name, end] of next) if (position.get(`c-${name}`) !== end) violations.push(`${name} not handled`)
      expect(violations).toEqual([])
      r.stop.abort()
      await r.running
    }),
    { numRuns: 150 },
  )
})

/**
 * Tranches that carry the same streams, each with a start of its own on one sink, with duplicates, overrides beyond
 * what was delivered and next to no memory of idle streams; some are stopped on the way. What holds however little is
 * remembered: batches complete in order, once, and only when every event of theirs was covered by a result.
 */
test("tranches that share streams, with duplicates, overrides, small memory and stops: completions are earned and in order", async () => {
  const page = fc.array(fc.record({ id: fc.integer({ min: 0, max: 2 }), back: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 5,
  })
  const scenario = fc.record({
    permits: fc.integer({ min: 1, max: 3 }),
    window: fc.integer({ min: 1, max: 4 }),
    maxIdleStreams: fc.integer({ min: 0, max: 2 }),
    drainTimeoutMs: fc.constantFrom(0, 5000),
    tranches: fc.array(
      fc.record({
        pages: fc.array(page, { maxLength: 8 }),
        stopAfter: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 3 }),
      }),
      { minLength: 2, maxLength: 3 },
    ),
    answers: fc.infiniteStream(fc.constantFrom("all", "part", "none", "slow", "beyond", "below")),
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ permits, window, maxIdleStreams, drainTimeoutMs, tranches, answers }) => {
      const violations: string[] = []
      const covered = new Map<string, number>()
      const busy = new Set<string>()
      const r: Rig = new Rig(() => {}, {
        maxConcurrentStreams: permits,
        maxReadAhead: window,
        maxIdleStreams,
        drainTimeoutMs,
        handler: async (name, events) => {
          const first = Number(events[0]?.index)
          if (busy.has(name)) violations.push(`two calls of ${name}`)
          if (busy.size >= permits) violations.push("too many calls")
          if (events.some(({ index }, i) => Number(index) !== first + i)) violations.push(`a hole in ${name}`)
          busy.add(name)
          const answer = answers.next().value
          if (answer === "slow") await r.clock.sleep(7)
          busy.delete(name)
          if (answer === "none") return StreamResult.NoneProcessed
          if (answer === "below") return StreamResult.OverrideNextIndex(BigInt(Math.max(0, first - 1)))
          const done = answer === "part" ? 1 : events.length + (answer === "beyond" ? 3 : 0)
          covered.set(name, Math.max(covered.get(name) ?? 0, first + done))
          if (answer === "part") return StreamResult.PartiallyProcessed(1)
          return answer === "beyond" ? StreamResult.OverrideNextIndex(BigInt(first + done)) : undefined
        },
      })
      const runs = tranches.map(async ({ pages, stopAfter }, t) => {
        const stop = new AbortController()
        let over = false
        const running = r.sink.start(stop.signal).then(() => (over = true))
        if (stopAfter !== undefined) void r.clock.sleep(stopAfter).then(() => stop.abort())
        const next = new Map<number, number>()
        let completed = 0
        for (const [seq, entries] of pages.entries()) {
          const batch = entries.map(({ id, back }) => {
            const known = next.get(id) ?? 0
            const index = back === 0 ? known : Math.max(0, known - back)
            next.set(id, Math.max(known, index + 1))
            return item(id, index)
          })
          const onComplete = () => {
            if (over) violations.push(`t${t} completed ${seq} after its end`)
            if (completed++ !== seq) violations.push(`t${t} completed ${seq} as number ${completed}`)
            for (const [name, { index }] of batch)
              if ((covered.get(name) ?? 0) <= Number(index)) violations.push(`t${t} completed ${seq} without ${name}`)
          }
          const pumped = { items: batch, checkpoint: BigInt(seq), isTail: false, trancheId: "t", onComplete }
          try {
            await r.sink.pump(pumped, stop.signal)
          } catch (error) {
            if (!stop.signal.aborted) throw error
            break
          }
        }
        return async () => {
          if (!stop.signal.aborted && completed !== pages.length)
            violations.push(`t${t} completed ${completed} of ${pages.length}`)
          stop.abort()
          await running
        }
      })
      await r.clock.advance(60_000)
      for (const end of await Promise.all(runs)) await end()
      r.stop.abort()
      await r.running
      expect(violations).toEqual([])
      expect(r.clock.sleeping).toBe(0)
    }),
    { numRuns: 120 },
  )
})
