/*
 * A soak: writers, and a consumer group of several processes, on a real store for a time, with trouble all along; then
 * the trouble ends, and everything has to be caught up. The trace of all processes is watched by the properties.
 *
 * A consumer that dies is started again after a pause, as by a supervisor. Every start has a name of its own. Its end is
 * told only after the last of its own events, and its successor is started after that.
 *
 * A group is resized as the documentation says: all members are asked to stop, and only when the last of them has ended
 * are the checkpoints moved and the members of the new size started. The writers go on; trouble rests meanwhile.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemClock as clock } from "../../engine/clock.js"
import { StreamName } from "../../engine/stream-name.js"
import { liveWorld } from "../../sim/live-world.js"
import { type SeededRandom, seededRandom } from "../../sim/seeded-random.js"
import type { Happening, TraceEvent } from "../../sim/trace.js"
import { Settlement } from "../settlement.js"
import type { Observation } from "../watch.js"
import { Watch } from "../watch.js"
import type { Property } from "../monitor.js"
import { drawTrouble, kill, pause, type Scene, type Trouble } from "./chaos.js"
import { ConsumerProcess } from "./consumer-process.js"
import { MergedTrace } from "./merged-trace.js"
import type { Role } from "./consumer-program.js"
import { openStage, type SoakStore } from "./soak-store.js"
import { type Sample, SoakTally } from "./soak-tally.js"
import { steadyNow } from "./stamped-line.js"

export interface SoakOptions {
  readonly store: SoakStore
  readonly properties: readonly Property[]
  /** How long there is input and trouble, in milliseconds. */
  readonly timeMs: number
  readonly seed: number
  /** Consumers in the group, for equal shares of the time, one size after another; [1] on a store without groups. */
  readonly sizes: readonly number[]
  readonly writers: number
  /** Pause of a writer between two appends, in milliseconds, at most. */
  readonly writePauseMs: number
  /** Pause between two troubles, in milliseconds, at most. 0: no trouble. */
  readonly troublePauseMs: number
  /** Only troubles of these names. Default: all. */
  readonly troubles?: readonly string[]
  /** How long the deployment may take to catch up after the last trouble, in milliseconds. */
  readonly patienceMs: number
  readonly onSample?: (sample: Sample, tally: SoakTally) => void
  readonly signal?: AbortSignal
}

/** The time that a group had one size. */
export interface Phase {
  readonly members: number
  /** Milliseconds from the start of its first member until the last one had stopped, or all was caught up. */
  readonly timeMs: number
  /** What was handled, and handled again, in it. */
  readonly handled: number
  readonly redelivered: number
}

export interface SoakResult {
  readonly seed: number
  /** How long there was input and trouble, in milliseconds: less than was asked for when it was interrupted. */
  readonly timeMs: number
  readonly tally: SoakTally
  readonly phases: readonly Phase[]
  readonly samples: readonly Sample[]
  /** Milliseconds from the end of input and trouble until everything was caught up; undefined: it did not come to that. */
  readonly caughtUpMs: number | undefined
  readonly events: number
  readonly violations: readonly Observation[]
  readonly checked: ReadonlyMap<string, number>
}

/** What is written to, and consumed. */
export const soakCategories = ["order", "invoice"] as const
const streamsOfACategory = 50
const group = "soak"
const tickMs = 100
/** What a DynamoDB does when too much is asked of it. A DynamoDB Local never does. */
const throttling = [{ failures: { throttled: 0.01 } }]
const sampleMs = 5_000

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const run = new SoakRun(options)
  try {
    return await run.play()
  } finally {
    run.close()
  }
}

/** Processes that are started again whenever they die, until they are asked to stop. */
interface Service {
  isEnding: boolean
  readonly consumers: Set<ConsumerProcess>
  readonly served: Promise<void>[]
}

const newService = (): Service => ({ isEnding: false, consumers: new Set(), served: [] })

class SoakRun {
  readonly #options: SoakOptions
  readonly #random: SeededRandom
  readonly #folder = mkdtempSync(join(tmpdir(), "windtunnel-soak-"))
  readonly #began = steadyNow()
  readonly #tally = new SoakTally()
  readonly #settlement = new Settlement()
  readonly #samples: Sample[] = []
  readonly #phases: Phase[] = []
  readonly #indexing = newService()
  #consuming = newService()
  readonly #watch: Watch
  readonly #merged: MergedTrace
  #telling = Promise.resolve()
  /** Whether the last look at what came into view saw all of it. */
  #isAllTold = false
  #events = 0
  #starts = 0
  /** The trouble there is at the moment, until it is over. */
  #striking = Promise.resolve()
  /** Resolves when there may be trouble again; undefined: there may. */
  #calm: Promise<void> | undefined

  constructor(options: SoakOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#watch = new Watch(options.properties)
    this.#merged = new MergedTrace(this.#began, (event) => this.#observe(event))
  }

  async play(): Promise<SoakResult> {
    const { seed, patienceMs, store } = this.#options
    const began = clock.now()
    const writing = new AbortController()
    const over = new AbortController()
    const ticking = this.#tick(over.signal)
    if (store.hasIndexer) this.#serve(this.#indexing, "indexer", { kind: "index" })
    const activity = Promise.all([this.#write(writing.signal), this.#trouble(writing.signal)])
    const endPhase = await this.#consume(activity)
    writing.abort()
    await activity
    const endedAt = clock.now()
    const settled = await this.#settled(endedAt + patienceMs)
    const caughtUpMs = settled ? clock.now() - endedAt : undefined
    endPhase()
    this.#tell(
      settled ? { kind: "Quiescent" } : { kind: "Quiescent", unsettled: { withinMs: patienceMs, waiting: [] } },
    )
    // What was told has to come before what the stop makes happen.
    await clock.sleep(2 * tickMs)
    await Promise.all([this.#consuming, this.#indexing].map((service) => this.#end(service)))
    over.abort()
    await ticking
    this.#merged.end()
    this.#watch.end()
    return {
      ...{ seed, timeMs: endedAt - began, caughtUpMs },
      tally: this.#tally,
      phases: this.#phases,
      samples: this.#samples,
      events: this.#events,
      violations: this.#watch.violations,
      checked: this.#watch.checked,
    }
  }

  close(): void {
    for (const service of [this.#consuming, this.#indexing]) {
      service.isEnding = true
      for (const consumer of service.consumers) consumer.kill()
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Runs the group in its sizes, one after the other. Answers how to end the last phase. */
  async #consume(activity: Promise<unknown>): Promise<() => void> {
    const { sizes, timeMs, signal } = this.#options
    let endPhase = this.#begin(sizes[0]!)
    for (const [n, size] of sizes.entries()) {
      if (n > 0) {
        const resume = await this.#calmDown()
        await this.#end(this.#consuming)
        await this.#handedOn()
        endPhase()
        await this.#moveCheckpoints(sizes[n - 1]!, size)
        endPhase = this.#begin(size)
        resume()
      }
      // A writer that fails ends it at once.
      const isOver = await Promise.race([
        clock.sleep(timeMs / sizes.length, signal).then(() => signal?.aborted === true),
        activity.then(() => true),
      ])
      if (isOver) break
    }
    return endPhase
  }

  /** Starts a group. Answers how to end its phase. */
  #begin(size: number): () => void {
    const { handled, redelivered } = this.#tally
    const began = clock.now()
    this.#consuming = newService()
    for (let member = 0; member < size; member++)
      this.#serve(this.#consuming, `member-${member}-of-${size}`, this.#consumer(member, size))
    return () =>
      this.#phases.push({
        ...{ members: size, timeMs: clock.now() - began },
        ...{ handled: this.#tally.handled - handled, redelivered: this.#tally.redelivered - redelivered },
      })
  }

  /** Waits until there is no trouble, and lets none come before its answer is called. */
  async #calmDown(): Promise<() => void> {
    let resume = () => {}
    this.#calm = new Promise((resolve) => {
      resume = () => {
        this.#calm = undefined
        resolve()
      }
    })
    await this.#striking
    return resume
  }

  /** Waits until all that has happened is counted. */
  async #handedOn(): Promise<void> {
    const now = steadyNow()
    while (!this.#merged.isPast(now)) await clock.sleep(tickMs)
  }

  /** @throws what the resizing threw */
  async #moveCheckpoints(from: number, to: number): Promise<void> {
    const world = liveWorld({ seed: `operator of ${this.#options.seed}` })
    world.trace.subscribe(({ n: _, t: __, turn: ___, ...happening }) => this.#tell(happening))
    const open = await openStage(world, this.#options.store.address)
    const operator = world.process(`operator-${from}-to-${to}`, (self) => open.resize(self, group, from, to))
    const ending = await operator.ended
    world.close()
    await open.close()
    if (ending.kind === "failed") throw ending.error
  }

  #serve(service: Service, what: string, role: Role): void {
    service.served.push(this.#keepUp(service, what, role))
  }

  /** One process, started again whenever it dies. */
  async #keepUp(service: Service, what: string, role: Role): Promise<void> {
    const { seed, store, troublePauseMs } = this.#options
    while (!service.isEnding) {
      const start = ++this.#starts
      const name = `${what}.${start}`
      const traceFile = join(this.#folder, `${name}.trace`)
      const trouble = troublePauseMs === 0 || store.address.kind === "message-db" ? [] : throttling
      const order = { name, seed: seed + start, traceFile, store: store.address, trouble, role }
      const consumer = new ConsumerProcess(order)
      service.consumers.add(consumer)
      this.#merged.add(consumer)
      await consumer.ended
      service.consumers.delete(consumer)
      this.#merged.remove(consumer)
      consumer.close()
      if (consumer.hasDied) this.#tell({ kind: "Crashed", process: consumer.process })
      if (!service.isEnding) await clock.sleep(this.#random.integer(0, 1_000))
    }
  }

  /** Asks all processes to stop, and waits for the last one. */
  async #end(service: Service): Promise<void> {
    service.isEnding = true
    for (const consumer of service.consumers) consumer.stop()
    await Promise.all(service.served)
  }

  #consumer(member: number, size: number): Role {
    const { store } = this.#options
    const place = store.hasGroups ? { member, size } : {}
    const reading = { batchSize: 50, maxConcurrentStreams: 8, maxReadAhead: 4, tailSleepIntervalMs: 50 }
    const committing = { checkpointIntervalMs: 100, maxCheckpointFailures: 3 }
    const options = { group, categories: soakCategories, ...place, ...reading, ...committing }
    return { kind: "consume", handlingMs: 5, options }
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { writers, writePauseMs, seed, store } = this.#options
    const world = liveWorld({ seed: `writers of ${seed}` })
    const { stage, close } = await openStage(world, store.address)
    const processes = Array.from({ length: writers }, (_, writer) =>
      world.process(`writer-${writer}`, async (self) => {
        while (!signal.aborted) {
          const category = self.random.pick(soakCategories)
          const stream = StreamName.create(category, String(self.random.integer(0, streamsOfACategory - 1)))
          await stage.append(self, stream, self.random.integer(1, 4))
          await self.clock.sleep(self.random.integer(0, writePauseMs), signal)
        }
      }),
    )
    const endings = await Promise.all(processes.map(({ ended }) => ended))
    world.close()
    await close()
    for (const ending of endings) if (ending.kind === "failed") throw ending.error
  }

  async #trouble(signal: AbortSignal): Promise<void> {
    const { troublePauseMs, store, troubles: wanted } = this.#options
    if (troublePauseMs === 0) return
    const random = this.#random.fork("trouble")
    const scene: Scene = { random, sleep: (ms) => clock.sleep(ms), tell: (happening) => this.#tell(happening) }
    const all = () => [...this.#consuming.consumers, ...this.#indexing.consumers]
    const living = () => all().filter(({ isOver }) => !isOver)
    const known = [kill(living), pause(living), ...store.troubles()]
    const troubles = known.filter(({ name }) => wanted?.includes(name) ?? true)
    while (!signal.aborted) {
      await clock.sleep(random.integer(0, troublePauseMs), signal)
      while (this.#calm !== undefined) await this.#calm
      if (!signal.aborted) await (this.#striking = this.#strike(drawTrouble(random, troubles), scene))
    }
  }

  /** Trouble may hit whoever makes it: a statement that was cut off has done what it was to do, or is done another time. */
  #strike(trouble: Trouble, scene: Scene): Promise<void> {
    return trouble.strike(scene).catch(() => undefined)
  }

  /** Waits until all is in view and handled, in the state of things after the last write and the last trouble. */
  async #settled(until: number): Promise<boolean> {
    const { store } = this.#options
    const isInTime = () => clock.now() < until
    do await this.#tellAppended()
    while (!(this.#isAllTold && store.isAllInView()) && isInTime() && (await clock.sleep(tickMs), true))
    const told = steadyNow()
    const isSettled = () =>
      this.#merged.isPast(told) && this.#tally.handled === this.#tally.appended && this.#settlement.reached
    while (!isSettled() && isInTime()) await clock.sleep(tickMs)
    return isSettled()
  }

  /** Takes in what was written and what the processes tell. */
  async #tick(signal: AbortSignal): Promise<void> {
    let sampledAt = clock.now()
    let toldAt = -Infinity
    while (!signal.aborted) {
      await clock.sleep(tickMs, signal)
      if (clock.now() - toldAt >= this.#options.store.tellEveryMs) {
        await this.#tellAppended()
        toldAt = clock.now()
      }
      this.#merged.advance(steadyNow())
      if (clock.now() - sampledAt < sampleMs) continue
      sampledAt = clock.now()
      const sample = this.#tally.sample(Number((steadyNow() - this.#began) / 1_000_000n))
      this.#samples.push(sample)
      this.#options.onSample?.(sample, this.#tally)
    }
  }

  /** One after the other: each goes on where the one before it ended. */
  #tellAppended(): Promise<void> {
    return (this.#telling = this.#telling.then(async () => {
      try {
        for await (const event of this.#options.store.appended()) this.#tell(event)
        this.#isAllTold = true
      } catch {
        // Trouble of the store: the next time goes on from there.
        this.#isAllTold = false
      }
    }))
  }

  #tell(happening: Happening): void {
    this.#merged.tell(steadyNow(), happening)
  }

  #observe(event: TraceEvent): void {
    this.#events++
    this.#tally.observe(event)
    this.#settlement.observe(event)
    this.#watch.observe(event)
  }
}
