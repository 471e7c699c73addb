/*
 * The one writer of a partition in this process.
 *
 * Spans are compared with what the epochs have, and what is missing is appended to the open one, conditioned on the
 * version that the comparison was made with. Another process may have been faster: then the comparison is made again.
 * So however often a span is delivered, and to however many indexers, it is appended once, as far as they look back.
 *
 * Per stream, spans are appended in order and without a gap. Where a gap shows, what is known is first brought up to
 * date; if it is still there, the events in it are read from the events table, or it is refused, or accepted.
 *
 * An epoch is closed by the write that finds it full. The next one is recorded in the index before anything is written
 * to it. Who crashes in between leaves that to whoever ingests next, who finds the newest recorded epoch closed.
 */
import type { Clock } from "../../../engine/clock.js"
import type { Random } from "../../../engine/random.js"
import type { Warn } from "../../../engine/warning.js"
import type { DynamoStoreContext } from "../dynamo-store-context.js"
import { EventsContext } from "../events-context.js"
import type { AppendSpan } from "./append-span.js"
import { encodeEpochEvent, type EpochEvent } from "./appends-epoch.js"
import { Conflicts } from "./conflicts.js"
import { EpochFold } from "./epoch-fold.js"
import { EpochPosition } from "./epoch-position.js"
import { type Gap, IndexGapError, PassedGaps } from "./gap.js"
import type { GapFiller } from "./gap-filler.js"
import { IndexStream } from "./index-stream.js"
import { decideIngest } from "./ingest-decision.js"
import { LookBack, type Past } from "./look-back.js"
import { firstOf, mergeSpans, without, type Pieces } from "./span-merging.js"

/** UTF-16 units of text in one event: far below the 400 KB of an item, even if every unit takes three bytes. */
const maxUnitsOfEvent = 100_000

export interface EpochLimits {
  readonly maxBytes: number
  readonly maxVersion: number
  readonly maxStreams: number
}

export interface PartitionIngesterOptions {
  readonly context: DynamoStoreContext
  readonly partition: string
  readonly limits: EpochLimits
  readonly lookBackEpochs: number
  readonly gaps: GapFiller | "fail" | "warn"
  readonly clock: Clock
  readonly random: Random
  readonly warn: Warn
}

export interface Ingested {
  /** Streams of which something was appended. */
  readonly accepted: ReadonlySet<string>
  /** Streams of which something was not, since there is a gap before it. */
  readonly refused: ReadonlyMap<string, IndexGapError>
  /** Behind everything that was appended. */
  readonly position: bigint
}

export class PartitionIngester {
  readonly #options: PartitionIngesterOptions
  readonly #events: EventsContext
  readonly #index: IndexStream
  readonly #lookBack: LookBack
  #open: EpochFold | undefined

  constructor(options: PartitionIngesterOptions) {
    const { context, partition, lookBackEpochs } = options
    this.#options = options
    this.#events = new EventsContext(context)
    this.#index = new IndexStream(context)
    this.#lookBack = new LookBack(context, partition, lookBackEpochs)
  }

  /**
   * Not to be called before the last call has come to its end. After a rejection a write may have taken effect that is
   * not known of: the next one is then refused, and what is known is brought up to date.
   * @throws MaxResyncsExhaustedError, IndexFormatError, and what the table throws
   */
  ingest(spans: Iterable<AppendSpan>): Promise<Ingested> {
    return new Ingestion(this, this.#options, mergeSpans(spans)).run()
  }

  /** The newest epoch, as far as is known. */
  async openEpoch(): Promise<EpochFold> {
    if (this.#open !== undefined) return this.#open
    const { active } = await this.#index.read()
    const recorded = active.get(this.#options.partition)
    let open = await this.#load(recorded ?? 0)
    while (open.isClosed) open = await this.#after(open)
    if (open.epoch !== recorded) await this.#index.mark(this.#options.partition, open.epoch)
    return (this.#open = open)
  }

  /** The epoch after one that has been closed, recorded. */
  async moveOn(closed: EpochFold): Promise<void> {
    const next = await this.#after(closed)
    await this.#index.mark(this.#options.partition, next.epoch)
    this.#open = next
  }

  past(open: EpochFold): Promise<Past> {
    return this.#lookBack.before(open.epoch)
  }

  append(epoch: EpochFold, events: readonly EpochEvent[]) {
    return this.#events.sync(epoch.stream, epoch.position, events.map(encodeEpochEvent))
  }

  async #after(closed: EpochFold): Promise<EpochFold> {
    this.#lookBack.add(closed)
    return this.#load(closed.epoch + 1)
  }

  async #load(epoch: number): Promise<EpochFold> {
    const fold = new EpochFold(this.#options.context, this.#options.partition, epoch)
    await fold.refresh()
    return fold
  }
}

/** One delivery of spans, from the first comparison to the last write. */
class Ingestion {
  readonly #ingester: PartitionIngester
  readonly #options: PartitionIngesterOptions
  readonly #accepted = new Set<string>()
  readonly #refused = new Map<string, IndexGapError>()
  readonly #gapsToPass = new PassedGaps()
  #conflicts: Conflicts | undefined
  #pieces: Pieces
  #isUpToDate = false

  constructor(ingester: PartitionIngester, options: PartitionIngesterOptions, pieces: Pieces) {
    this.#ingester = ingester
    this.#options = options
    this.#pieces = pieces
  }

  async run(): Promise<Ingested> {
    for (;;) {
      const open = await this.#ingester.openEpoch()
      if (open.isClosed) {
        await this.#leave(open)
        continue
      }
      const past = await this.#ingester.past(open)
      const { spans, gaps } = decideIngest(this.#pieces, nextOf(open, past), this.#gapsToPass)
      if (gaps.length > 0) await this.#bridge(open, gaps)
      else if (spans.length > 0) await this.#write(open, spans)
      else return { accepted: this.#accepted, refused: this.#refused, position: positionOf(open) }
    }
  }

  /** What the epoch took is done with, whether or not it is looked back at. */
  async #leave(closed: EpochFold): Promise<void> {
    this.#pieces = without(this.#pieces, closed.nextOf)
    await this.#ingester.moveOn(closed)
  }

  async #write(open: EpochFold, missing: readonly AppendSpan[]): Promise<void> {
    const spans = firstOf(missing, maxUnitsOfEvent)
    const events = eventsFor(open, spans, this.#options.limits)
    const outcome = await this.#ingester.append(open, events)
    if (outcome.type === "conflict") {
      this.#conflicts ??= new Conflicts(open.stream, this.#options)
      await this.#conflicts.pause()
      await open.catchUp(outcome.position)
      this.#isUpToDate = true
      return
    }
    this.#conflicts = undefined
    open.written(events, outcome.position)
    if (events[0]?.type === "Ingested") for (const { stream } of spans) this.#accepted.add(stream)
  }

  async #bridge(open: EpochFold, gaps: readonly Gap[]): Promise<void> {
    if (!this.#isUpToDate) {
      await open.refresh()
      this.#isUpToDate = true
      return
    }
    const { gaps: policy } = this.#options
    if (policy === "fail") this.#refuse(gaps)
    else if (policy === "warn") this.#pass(gaps, `as onGap is "warn"`)
    else await this.#fill(gaps, policy)
  }

  async #fill(gaps: readonly Gap[], filler: GapFiller): Promise<void> {
    const found = await filler.read(gaps)
    this.#pieces = mergeSpans([...[...this.#pieces.values()].flat(), ...found])
    const filled = new Set(found.map(({ stream }) => stream))
    // Of what is no longer in the table nothing can be delivered. Gaps that are filled in part are looked at again.
    this.#pass(
      gaps.filter(({ stream }) => !filled.has(stream)),
      "which the events table no longer has",
    )
  }

  #pass(gaps: readonly Gap[], why: string): void {
    for (const gap of gaps) {
      this.#gapsToPass.add(gap)
      const { stream, expected, found } = gap
      const missing = found === expected + 1 ? `event ${expected}` : `events ${expected} to ${found - 1}`
      this.#options.warn(`stream "${stream}": the index goes on with event ${found}, without ${missing}, ${why}`)
    }
  }

  /** What comes before the gap is still indexed. */
  #refuse(gaps: readonly Gap[]): void {
    const left = new Map(this.#pieces)
    for (const gap of gaps) {
      this.#refused.set(gap.stream, new IndexGapError(gap))
      const before = left.get(gap.stream)!.filter(({ index }) => index < gap.found)
      left.set(gap.stream, before)
    }
    this.#pieces = left
  }
}

const positionOf = ({ epoch, version }: EpochFold): bigint => EpochPosition.of(epoch, version)

function nextOf(open: EpochFold, past: Past): (stream: string) => number | undefined {
  return (stream) => {
    const [here, before] = [open.nextOf(stream), past.nextOf(stream)]
    return here === undefined || before === undefined ? (here ?? before) : Math.max(here, before)
  }
}

/** How many offsets the last two events of an epoch leave. Only a foreign writer comes this far. */
const lastVersion = Number(EpochPosition.eventsPerEpoch) - 2

function eventsFor(open: EpochFold, spans: readonly AppendSpan[], limits: EpochLimits): EpochEvent[] {
  if (open.version > lastVersion) return [{ type: "Closed" }]
  const add: AppendSpan[] = []
  const app: AppendSpan[] = []
  const added = new Set<string>()
  for (const span of spans) {
    const isKnown = open.nextOf(span.stream) !== undefined || added.has(span.stream)
    ;(isKnown ? app : add).push(span)
    added.add(span.stream)
  }
  const ingested: EpochEvent = { type: "Ingested", add, app }
  return isFull(open, add.length, limits) ? [ingested, { type: "Closed" }] : [ingested]
}

/**
 * By what the epoch has before the write. Streams are counted once each, also those that the write continues; the
 * published indexer counts these twice and so closes early.
 */
function isFull({ bytes, version, streams }: EpochFold, added: number, limits: EpochLimits): boolean {
  return bytes > limits.maxBytes || version >= limits.maxVersion || streams + added >= limits.maxStreams
}
