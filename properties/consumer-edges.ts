import { getEventListeners } from "node:events"
import { follow } from "../engine/abort.js"
import type { Sink } from "../engine/batch.js"
import type { Random } from "../engine/random.js"
import type { ProcessContext } from "../sim/world.js"
import type { ConsumerTrace } from "./consumer-trace.js"
import type { HoldingSink } from "./engine-under-test.js"
import { ObservedClock } from "./observe-clock.js"

/**
 * What a consumer is given besides its store, so that what it leaves there can be counted: a signal of its own, and clocks.
 * Counted are the listeners on the signal, the timers of the clocks and the pumps that wait for room, before the start and
 * at the end of the run; and what the sink says that it holds, whenever a batch comes and at the end.
 */
export class ConsumerEdges {
  readonly sourceClock: ObservedClock
  readonly sinkClock: ObservedClock
  /** For the source, which draws its pauses after failed reads from it, each when it begins. */
  readonly sourceRandom: Random
  readonly #self: Pick<ProcessContext, "signal">
  readonly #trace: ConsumerTrace
  #waiters = 0
  /** A pause has been drawn that has not begun. */
  #isBackingOff = false
  #held: HoldingSink["held"]

  constructor(self: Pick<ProcessContext, "clock" | "signal" | "random">, trace: ConsumerTrace) {
    this.#self = self
    this.#trace = trace
    const { tailSleepIntervalMs, checkpointIntervalMs } = trace.start
    this.sourceClock = new ObservedClock(self.clock, (ms) => {
      const isAtTail = ms === tailSleepIntervalMs && ms !== checkpointIntervalMs && !this.#isBackingOff
      this.#isBackingOff = false
      return isAtTail ? () => trace.slept(ms) : undefined
    })
    const random = self.random.fork("source")
    const next = () => {
      this.#isBackingOff = true
      return random.next()
    }
    this.sourceRandom = { next, uuid: () => random.uuid() }
    this.sinkClock = new ObservedClock(self.clock)
  }

  /** @param holding what the batches end up in, if it is not the sink itself. */
  watch(sink: Sink, holding: HoldingSink): Sink {
    this.#held = holding.held?.bind(holding)
    return {
      start: (signal, onFailure) => sink.start(signal, onFailure),
      addTracingAttrs: (attrs) => sink.addTracingAttrs(attrs),
      pump: (batch, signal) => {
        this.#tellHeld()
        const room = sink.pump(batch, signal)
        if (room !== undefined) this.#await(room)
        return room
      },
    }
  }

  /** Runs a source from its start to its end. */
  async during(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { controller, release } = follow(this.#self.signal)
    try {
      await this.#trace.during(
        async () => run(controller.signal),
        () => this.#count(controller.signal),
      )
    } finally {
      release()
    }
  }

  #await(room: Promise<void>): void {
    this.#waiters++
    const over = () => {
      this.#waiters--
    }
    room.then(over, over)
  }

  #count(signal: AbortSignal): void {
    this.#trace.probe("listeners", getEventListeners(signal, "abort").length)
    this.#trace.probe("timers", this.sourceClock.timers + this.sinkClock.timers)
    this.#trace.probe("waiters", this.#waiters)
    this.#tellHeld()
  }

  #tellHeld(): void {
    const held = this.#held?.()
    if (held === undefined) return
    this.#trace.probe("events", held.events)
    if (this.#trace.start.maxIdleStreams !== undefined) this.#trace.probe("streams", held.streams)
  }
}
