/*
 * One append, from its plan to what came of it.
 *
 * An answer that is an error need not mean that nothing was written: a reply may be lost, and a transport may then have
 * sent the request again and been refused because of its own first attempt. Every write has an etag of its own. So after
 * a conflict, and after an error that leaves it open, the Tip is read consistently: the attempted etag in it means
 * success. After a repeated request whose first attempt others have written over since, the events at its place tell: the
 * same types, times and bodies are taken for ours. Two writers that append the same body in the same millisecond, to the
 * same place, one of them by a repeated request, cannot be told apart.
 *
 * (The published package takes each of these for a conflict and stores the events twice, and throws a conflict that
 * cancels a transaction to its caller.)
 */
import { isDeepStrictEqual } from "node:util"
import { planAppend, withoutCalf, type AppendPlan, type AppendRequest } from "./append-plan.js"
import { CalfExistsError } from "./calf-exists-error.js"
import type { DynamoClient } from "./dynamo-client.js"
import type { DynamoStoreContext } from "./dynamo-store-context.js"
import { lastItemBeginningAt, readTip } from "./items.js"
import type { NewEvent, NewUnfold } from "./new-event.js"
import type { Position } from "./position.js"
import { RequestBudget } from "./request-budget.js"
import { encodeBodies, newStoredEvent, newStoredUnfold, type StoredEvent } from "./stored-event.js"
import type { StoredItem } from "./stored-item.js"
import { StreamEvents } from "./stream-events.js"
import { metExistingCalf, wasRepeated, writeFailureOf } from "./write-failure.js"

export interface NewEntries {
  readonly events: readonly NewEvent[]
  /** Undefined: those in the Tip stay. */
  readonly unfolds: readonly NewUnfold[] | undefined
}

export type SyncResult =
  | { readonly type: "written"; readonly position: Position }
  /** Nothing was written. `tip` is the stream's Tip by a consistent read. */
  | { readonly type: "conflict"; readonly tip: StoredItem | undefined }

/**
 * Appends if the stream is still at `position`.
 * @param pause what to wait for after a conflict, before the Tip is read.
 * @throws AppendTooLargeError, CalfExistsError, and what the client throws; then the entries may have been written only
 * if the error leaves that open and no consistent read could decide it.
 */
export async function sync(
  context: DynamoStoreContext,
  stream: string,
  position: Position | undefined,
  entries: NewEntries,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<SyncResult> {
  const { tableName, tip, random } = context
  const planned = { tableName, stream, position, tip, etag: random.uuid(), ...stored(context, position, entries) }
  return new Append(context, stream, position, planned.events, pause).attempt(planAppend(planned))
}

function stored({ clock }: DynamoStoreContext, position: Position | undefined, { events, unfolds }: NewEntries) {
  const index = position?.index ?? 0n
  const next = index + BigInt(events.length)
  return {
    events: events.map((event, at) => newStoredEvent(event.type, index + BigInt(at), clock.now(), encodeBodies(event))),
    unfolds: unfolds?.map((unfold) => newStoredUnfold(unfold.type, next, clock.now(), encodeBodies(unfold))),
  }
}

class Append {
  readonly #context: DynamoStoreContext
  readonly #stream: string
  readonly #position: Position | undefined
  readonly #events: readonly StoredEvent[]
  readonly #pause: () => Promise<void>

  constructor(
    context: DynamoStoreContext,
    stream: string,
    position: Position | undefined,
    events: readonly StoredEvent[],
    pause: () => Promise<void>,
  ) {
    this.#context = context
    this.#stream = stream
    this.#position = position
    this.#events = events
    this.#pause = pause
  }

  async attempt(plan: AppendPlan): Promise<SyncResult> {
    const written = { type: "written", position: plan.after } as const
    try {
      await send(this.#context.client.primary, plan.request)
      return written
    } catch (error) {
      const failure = writeFailureOf(error)
      if (failure === "refused") throw error
      if (failure === "conflict") await this.#pause()
      const tip = failure === "open" ? await this.#tipAfter(error) : await this.#tip()
      if (tip !== undefined && tip.etag === plan.after.etag) return written
      if (failure === "open") throw error
      if (this.#isWhereItWas(tip) && metExistingCalf(error)) return this.#attemptWithoutCalf(plan, error)
      if (wasRepeated(error) && (await this.#eventsAreThere(tip))) return written
      return { type: "conflict", tip }
    }
  }

  async #tipAfter(error: unknown): Promise<StoredItem | undefined> {
    try {
      return await this.#tip()
    } catch {
      // What happened to the write is what the caller needs to know first.
      throw error
    }
  }

  #tip(): Promise<StoredItem | undefined> {
    return readTip(this.#context, this.#stream, true)
  }

  #isWhereItWas(tip: StoredItem | undefined): boolean {
    return tip !== undefined && tip.etag === this.#position?.etag && tip.next === this.#position?.index
  }

  async #attemptWithoutCalf(plan: AppendPlan, error: unknown): Promise<SyncResult> {
    const { events, index } = this.#position!
    const base = index - BigInt(events.length)
    const calf = await lastItemBeginningAt(this.#context, this.#stream, base, true, this.#unlimited())
    if (calf?.base !== base || !isDeepStrictEqual(contents(calf.events), contents(events)))
      throw new CalfExistsError(this.#stream, base, error)
    return this.attempt(withoutCalf(plan))
  }

  async #eventsAreThere(tip: StoredItem | undefined): Promise<boolean> {
    const from = this.#position?.index ?? 0n
    const before = from + BigInt(this.#events.length)
    if (before === from || tip === undefined || tip.next < before) return false
    const found: StoredEvent[] = []
    const read = new StreamEvents(this.#context, this.#stream, true)
    for await (const events of read.forward(from, before)) found.push(...events)
    return isDeepStrictEqual(contents(found), contents(this.#events))
  }

  #unlimited(): RequestBudget {
    return new RequestBudget(this.#stream, { ...this.#context.query, maxRequests: undefined })
  }
}

/** Bytes as arrays of one kind: clients answer with Buffers or with plain arrays of bytes. */
const contents = (events: readonly StoredEvent[]) =>
  events.map(({ index, type, attributes: { t, d, m, D, M } }) => [
    index,
    type,
    t?.S,
    hex(d?.B),
    hex(m?.B),
    D?.N ?? "0",
    M?.N ?? "0",
  ])

const hex = (bytes: Uint8Array | undefined) => (bytes === undefined ? "" : Buffer.from(bytes).toString("hex"))

async function send(client: DynamoClient, request: AppendRequest): Promise<void> {
  if (request.type === "put") await client.putItem(request.input)
  else if (request.type === "update") await client.updateItem(request.input)
  else await client.transactWriteItems(request.input)
}
