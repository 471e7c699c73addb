/*
 * One run of a reaction: a consumer reads the history on the reference engine, page by page, in virtual time, and what
 * its setup says goes wrong. It dies and is started again until everything is handled and the last position is stored; one
 * that is paused has a successor, comes back when that has handled everything, and is stopped then.
 *
 * Invariants: every run begins with an outside of its own; each incarnation has a handler of its own; a run is a function
 * of the reaction, the setup, the seed and what is decided. A run that comes to no end is cut off, and that is a failure.
 */
import { InvalidOptionError } from "../../engine/options.js"
import { MemoryCheckpoints } from "../../engine/memory-checkpoints.js"
import { StreamsSink } from "../../engine/sink/streams-sink.js"
import { TailingFeedSource } from "../../engine/source/tailing-feed-source.js"
import type { StreamResult } from "../../engine/stream-result.js"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { Decision } from "../../sim/decision.js"
import {
  type Decider,
  simulate,
  simulateBy,
  type SimulationOptions,
  type SimulationResult,
} from "../../sim/simulate.js"
import { stepName } from "../../sim/step-id.js"
import { portfolio } from "../../sim/strategies/portfolio.js"
import type { TraceEvent } from "../../sim/trace.js"
import type { Process, ProcessContext, World } from "../../sim/world.js"
import { messageOf } from "../../engine/error-message.js"
import type { Handler } from "../stage.js"
import { Effects, type Operations } from "./effects.js"
import { Feed } from "./feed.js"
import { feedOf, type Samples } from "./history.js"
import { misuseOf } from "./misuse.js"
import type { FreshReaction, FuzzWorld, Reaction, StoredEvents } from "./reaction.js"
import { callFaults, type FuzzSetup } from "./setup.js"
import type { Tell } from "./told.js"

/** What is under test, with all that a run of it needs. */
export interface Subject<Outside> {
  readonly reaction: Reaction<Outside> | FreshReaction<Outside>
  readonly samples: Samples
  readonly outside: () => Outside | Promise<Outside>
  readonly observe: (outside: Outside) => unknown
  /** Operations that are taken for idempotent by their arguments. */
  readonly idempotent: Operations
}

/** Who decides: nobody; the fault strikes at its n-th opportunity, counted from 1; chance; or decisions that were made. */
export type Course =
  | { readonly kind: "calm" }
  | { readonly kind: "strike"; readonly nth: number }
  | { readonly kind: "drawn" }
  | { readonly kind: "decided"; readonly decisions: readonly Decision[] }

export type RunFailure =
  /** The handler answered what it may not. */
  | { readonly kind: "result"; readonly message: string }
  /** It did not come to an end. */
  | { readonly kind: "end"; readonly message: string }

export interface FuzzRun {
  readonly observed: unknown
  readonly failure: RunFailure | undefined
  readonly decisions: readonly Decision[]
  readonly applied: readonly Decision[]
  /** How many times trouble could have struck. Of a course `calm` or `strike` only. */
  readonly opportunities: number
  /** The ports that the reaction asked for. */
  readonly ports: ReadonlySet<string>
  /** Whether one of them has failures of its own. */
  readonly ownFailures: boolean
  /** Whether the handler answered a result at all. */
  readonly answers: boolean
  /** Why it did not come to a handler. */
  readonly unbuilt: Error | undefined
  readonly calls: number
  /** Most events that a call got. */
  readonly longestSpan: number
}

const group = "fuzz"
const tranche = "feed"
const pageMs = 2
const restartMs = 10
const pauseMs = 1_000
/** Virtual milliseconds within which a run has to come to its end. */
const patienceMs = 60_000
/** After so many failures trouble ends … */
const mostTroubled = 4
/** … and after so many the reaction is given up. */
const mostFailures = 8
/** Before the first start: time is another one with another seed. */
const longestWaitMs = 3_600_000

export async function fuzzRun<Outside>(
  subject: Subject<Outside>,
  setup: FuzzSetup,
  seed: number | string,
  course: Course,
  tell?: Tell,
): Promise<FuzzRun> {
  const outside = await subject.outside()
  const deployment = new Deployment(subject, setup, outside, tell)
  const options: SimulationOptions = {
    latencyMs: [0, course.kind === "drawn" ? setup.latencyMs : 0],
    globals: "virtual",
    maxSteps: 200_000,
    maxVirtualMs: longestWaitMs + 2 * patienceMs,
  }
  const main = (world: World) => deployment.run(world)
  const striking = new Striking(course.kind === "strike" ? course.nth : 0)
  const result =
    course.kind === "drawn"
      ? await simulate(seed, main, { ...options, strategy: portfolio })
      : course.kind === "decided"
        ? await simulate(seed, main, { ...options, decisions: course.decisions })
        : await simulateBy(striking, course.kind, seed, main, options)
  const failure = deployment.failure ?? failureOf(result)
  return {
    observed: failure === undefined ? plainData(await subject.observe(outside)) : undefined,
    failure,
    decisions: result.decisions,
    applied: result.applied,
    opportunities: striking.opportunities,
    ports: deployment.ports,
    ownFailures: deployment.ownFailures,
    answers: deployment.answers,
    unbuilt: deployment.unbuilt,
    calls: deployment.calls,
    longestSpan: deployment.longestSpan,
  }
}

const failureOf = ({ outcome }: SimulationResult): RunFailure | undefined =>
  outcome.kind === "ok" ? undefined : { kind: "end", message: messageOf(outcome.error) }

/** As it is now: what is observed may be changed by a later run. */
function plainData(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch (error) {
    throw new TypeError(
      `observe() must answer plain data, such as arrays, objects, maps and values: ${messageOf(error)}`,
    )
  }
}

/** First in, first out, without latency; one fault, at its n-th opportunity. */
class Striking implements Decider {
  readonly #nth: number
  opportunities = 0

  constructor(nth: number) {
    this.#nth = nth
  }

  choose(): number {
    return 0
  }

  fault(fault: string, step: Parameters<NonNullable<Decider["fault"]>>[1]) {
    if (++this.opportunities !== this.#nth) return undefined
    const ms = fault === "crash" ? { ms: restartMs } : fault === "pause" ? { ms: pauseMs } : {}
    return { kind: "fault", fault, step: stepName(step), ...ms } as const
  }
}

/** The port that stands for calls of the handler. */
const handling = "handling"

const neverEnds = "a call of the handler does not end: what it waits for never comes"

/** A reaction threw before it answered a handler. */
class UnbuiltError extends Error {
  constructor(error: unknown) {
    super(`fuzz: reaction(world, outside) threw before it answered a handler: ${messageOf(error)}`, { cause: error })
  }
}

const consumer = "consumer"
const successor = "successor"

class Deployment<Outside> {
  readonly #subject: Subject<Outside>
  readonly #setup: FuzzSetup
  readonly #outside: Outside
  readonly #tell: Tell | undefined
  readonly #stored = new MemoryCheckpoints()
  readonly #feed: Feed
  readonly #streams = new Map<string, ITimelineEvent[]>()
  /** How many events of each stream came to a handler, ever. */
  readonly #seen = new Map<string, number>()
  readonly store: StoredEvents = {
    read: async (stream) => (this.#streams.get(stream) ?? []).slice(0, this.#seen.get(stream) ?? 0),
  }
  readonly #effects: Effects
  readonly #mostCalls: number
  #giveUp: (failure: RunFailure) => void = () => undefined
  readonly ports = new Set<string>()
  failure: RunFailure | undefined
  ownFailures = false
  unbuilt: Error | undefined
  /** Whether the handler was called last without having come to an end yet. */
  #isOpen = false
  answers = false
  calls = 0
  longestSpan = 0

  constructor(subject: Subject<Outside>, setup: FuzzSetup, outside: Outside, tell: Tell | undefined) {
    this.#subject = subject
    this.#setup = setup
    this.#outside = outside
    this.#tell = tell
    const items = feedOf(subject.samples, { ...setup, order: setup.otherOrder ?? setup.order })
    for (const [stream, event] of items) {
      const events = this.#streams.get(stream)
      if (events === undefined) this.#streams.set(stream, [event])
      else events.push(event)
    }
    this.#feed = new Feed(items, setup.pages)
    this.#mostCalls = 20 * (items.length + 5)
    this.#effects = new Effects({
      seen: tell && ((effect) => tell({ kind: "effect", process: effect.process, effect })),
      idempotent: subject.idempotent,
    })
  }

  async run(world: World): Promise<void> {
    this.#troubleCalls(world)
    const gaveUp = new Promise<void>((resolve) => {
      this.#giveUp = (failure) => {
        this.failure ??= failure
        resolve()
      }
    })
    await world.clock.sleep(world.random.integer(1, longestWaitMs))
    const first = this.#started(world, consumer)
    let second: Process | undefined
    const resumed = new Promise<void>((resolve) => {
      world.trace.subscribe((event) => {
        if (event.kind === "Resumed") resolve()
        if (event.kind === "Fault" && event.fault === "pause") second ??= this.#started(world, successor)
        this.#tellOf(event)
      })
    })
    const end = this.#stored.waitForCheckpoint(group, tranche, this.#feed.end)
    const late = world.clock
      .sleep(patienceMs)
      .then(() => this.#giveUp({ kind: "end", message: this.#isOpen ? neverEnds : "events come again and again" }))
    await Promise.race([end, late, gaveUp])
    second?.stop()
    await second?.ended
    if (first.paused) await resumed
    first.stop()
    await first.ended
  }

  /** A process that is started again whenever it dies, as long as it makes progress; but not one that was paused. */
  #started(world: World, name: string): Process {
    const process = world.process(name, (self) => this.#consume(world, self, process))
    void this.#keepAlive(world, process)
    return process
  }

  async #keepAlive(world: World, process: Process): Promise<void> {
    let failures = 0
    for (;;) {
      const ending = await process.ended
      if (ending.kind === "ok" || this.failure !== undefined) return
      if (ending.kind === "failed" && ++failures === mostTroubled) world.heal()
      if (failures === mostFailures && ending.kind === "failed") {
        this.#giveUp({ kind: "end", message: `the reaction fails again and again: ${messageOf(ending.error)}` })
        return
      }
      // One that died by plan is started again by it before.
      await world.clock.sleep(2 * restartMs)
      if (process.state !== "running" && process.state !== "stopping") process.restart()
    }
  }

  async #consume(world: World, self: ProcessContext, process: Process): Promise<void> {
    const { clock } = self
    const { atOnce, latencyMs } = this.#setup
    this.#tell?.({ kind: "starts", process: self.id, position: await this.#stored.load(group, tranche) })
    const { reaction } = this.#subject
    const build = typeof reaction === "function" ? reaction : await world.external(() => reaction.fresh())
    const handler = await this.#built(() => build(this.#worldOf(world, self), this.#outside))
    const sink = StreamsSink.create({
      handler: this.#reached(self, this.#watched(handler, self, process)),
      maxConcurrentStreams: atOnce,
      maxReadAhead: atOnce,
      clock,
    })
    // Pages that take their time find the positions of earlier ones stored; where calls are under way, they are read ahead.
    const [pace, checkpointIntervalMs] = latencyMs === 0 ? [pageMs, 1] : [0, 20]
    const source = new TailingFeedSource({
      crawl: (_tranche, position) => this.#feed.crawl(position, clock, pace),
      sink,
      checkpoints: this.#stored,
      groupName: group,
      tailSleepIntervalMs: 50,
      checkpointIntervalMs,
      clock,
    })
    await source.start(tranche, self.signal)
  }

  /** A reaction that has no handler says nothing about one; where nothing goes wrong, that is a mistake of the test. */
  async #built(build: () => Handler | Promise<Handler>): Promise<Handler> {
    try {
      const handler: unknown = await build()
      if (typeof handler === "function") return handler as Handler
      throw new InvalidOptionError("fuzz", "reaction", handler, "a function that answers a handler (stream, events)")
    } catch (error) {
      this.unbuilt ??= error instanceof InvalidOptionError ? error : new UnbuiltError(error)
      throw error
    }
  }

  #worldOf(world: World, self: ProcessContext): FuzzWorld {
    const port: FuzzWorld["port"] = (name, object, { external = false, ...options } = {}) => {
      if (typeof (object as unknown) !== "object" || (object as unknown) === null)
        throw new InvalidOptionError("world.port", name, object, "an object")
      if (!this.ports.has(name)) this.#troublePort(world, name, Object.keys(options.failures ?? {}))
      this.ports.add(name)
      if (options.failures !== undefined) this.ownFailures = true
      // What would close with the process: a connection, and the transaction that is open on it.
      const onHandedOut = (handed: object) => self.onCrash(() => released(handed))
      const behind = { world, process: self.id, ...(external && { onHandedOut }) }
      return self.port(name, this.#effects.behind(behind, name, object, { ...options, external }), options)
    }
    const { store } = this
    let events: StoredEvents | undefined
    return {
      clock: self.clock,
      random: self.random,
      port,
      // A reaction that never reads has no such port, at which something could go wrong.
      get events() {
        return (events ??= port("events", store))
      },
    }
  }

  #tellOf(event: TraceEvent): void {
    if (event.kind === "Resumed") this.#tell?.({ kind: "resumed", process: event.process })
    if (event.kind === "Crashed" && event.error !== undefined)
      this.#tell?.({ kind: "uncaught", process: event.process, error: event.error })
    // A crash without a place is what another fault comes to.
    if (event.kind !== "Fault" || (event.fault === "crash" && event.port === "")) return
    const { fault, process, port, operation } = event
    this.#tell?.({ kind: "fault", process, fault, at: `${port}.${operation}` })
  }

  /** Where a process may be paused, it may be between the call of the handler and its first effect. */
  #reached(self: ProcessContext, handle: Handler): Handler {
    if (this.#setup.trouble.every(({ pause }) => pause === undefined)) return handle
    const port = self.port(handling, { call: handle })
    return (stream, events) => port.call(stream, events)
  }

  #watched(handler: Handler, self: ProcessContext, process: Process): Handler {
    return async (stream, events) => {
      const first = Number(events[0]!.index)
      const end = first + events.length
      this.longestSpan = Math.max(this.longestSpan, events.length)
      this.#seen.set(stream, Math.max(end, this.#seen.get(stream) ?? 0))
      if (++this.calls > this.#mostCalls) this.#giveUp({ kind: "end", message: "the same events come again and again" })
      this.#tell?.({ kind: "called", process: self.id, stream, first, end })
      const result = await this.#called(handler, self, stream, events)
      const misuse = misuseOf(result, { stream, first, end, length: this.#streams.get(stream)!.length })
      if (misuse !== undefined) this.#giveUp({ kind: "result", message: misuse })
      const at = { port: handling, operation: "call", about: { of: stream } }
      if (self.strikes(callFaults.redelivered, at)) await this.#dies(self, process)
      if (self.strikes(callFaults.rewound, at)) await this.#dies(self, process, BigInt(this.#setup.back))
      return result
    }
  }

  async #called(handler: Handler, self: ProcessContext, ...[stream, events]: Parameters<Handler>) {
    this.#isOpen = true
    try {
      const result = await handler(stream, events)
      this.#isOpen = false
      if (result !== undefined) this.answers = true
      this.#tell?.({
        kind: "returned",
        process: self.id,
        stream,
        result: result === undefined ? undefined : textOf(result),
      })
      return result
    } catch (error) {
      this.#isOpen = false
      this.#tell?.({ kind: "threw", process: self.id, stream, error: messageOf(error) })
      throw error
    }
  }

  /** Never returns. */
  async #dies(self: ProcessContext, process: Process, back = 0n): Promise<never> {
    const stored = await this.#stored.load(group, tranche)
    const position = stored > back ? stored - back : 0n
    if (back > 0n) {
      await this.#stored.override(group, tranche, position)
      this.#tell?.({ kind: "rewound", process: self.id, position })
    }
    process.crash()
    return new Promise(() => undefined)
  }

  #troubleCalls(world: World): void {
    for (const { failures, pause } of this.#setup.trouble) {
      if (failures !== undefined) world.fault({ failures, port: handling, process: consumer })
      if (pause !== undefined) world.fault({ pause, port: handling, process: consumer })
    }
  }

  /** @param own The names of the failures that the port has of its own. */
  #troublePort(world: World, port: string, own: readonly string[]): void {
    for (const { failures: _, ownFailure, ...plan } of this.#setup.trouble) {
      if (Object.keys(plan).length > 0) world.fault({ ...plan, port, process: consumer })
      if (ownFailure === undefined || own.length === 0) continue
      world.fault({ failures: Object.fromEntries(own.map((name) => [name, ownFailure])), port, process: consumer })
    }
  }
}

/** Gives a client of `pg` back to its pool, which closes it. */
function released(handed: object): void {
  if ("release" in handed && typeof handed.release === "function") (handed.release as (destroy: boolean) => void)(true)
}

const textOf = (result: StreamResult): string => {
  switch (result.kind) {
    case "PartiallyProcessed":
      return `PartiallyProcessed(${result.count})`
    case "OverrideNextIndex":
      return `OverrideNextIndex(${result.index})`
    default:
      return result.kind
  }
}
