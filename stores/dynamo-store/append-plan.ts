/*
 * What an append sends, computed from the position alone.
 *
 * Everything goes through the Tip. Either the new events join those that it holds, or they take their place and the old
 * ones move, unchanged and all of them, into a calf, both in one transaction. One append is never split. The condition
 * holds only if nobody wrote since the position was read, so the position after the append need not be read back.
 *
 * Differences to what the published packages send:
 * - The condition is on the etag wherever the position has one. Theirs is on the version for most strategies, and so
 *   does not see writes of unfolds only. An item without an etag is met with its version and the absence of an etag.
 * - Whether the Tip exists is known from having seen one. They take version 0 for a missing Tip.
 * - An append without unfolds keeps those in the Tip until events after them are calved. They erase them.
 * - Unfolds alone do not make each append calve; see `mustCalve`.
 */
import type {
  PutItemCommandInput,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb"
import { AppendTooLargeError } from "./append-too-large-error.js"
import { positionAt, sumOfBytes, type Position } from "./position.js"
import { maxItemBytes, sizeOfItem } from "./service-size.js"
import type { Attributes, StoredEvent } from "./stored-event.js"
import { elements, encodeCalf, tipKey, types } from "./stored-item.js"
import type { TipOptions } from "./tip-options.js"

export interface AppendInput {
  readonly tableName: string
  readonly stream: string
  /** Undefined: there is no Tip. */
  readonly position: Position | undefined
  readonly tip: TipOptions
  /** Of the Tip after this append. */
  readonly etag: string
  readonly events: readonly StoredEvent[]
  /** Undefined: those in the Tip stay. */
  readonly unfolds: readonly StoredEvent[] | undefined
}

export type AppendRequest =
  | { readonly type: "put"; readonly input: PutItemCommandInput }
  | { readonly type: "update"; readonly input: UpdateItemCommandInput }
  | { readonly type: "calve"; readonly input: TransactWriteItemsCommandInput }

export interface AppendPlan {
  readonly request: AppendRequest
  /** Where the stream is when the request took effect. */
  readonly after: Position
}

/** @throws AppendTooLargeError */
export function planAppend(append: AppendInput): AppendPlan {
  const { stream, position } = append
  const unfolds = append.unfolds ?? keptUnfolds(position)
  if (position === undefined) {
    const after = positionAfter(append, [], 0, unfolds)
    assertFits(append, after, unfolds)
    return { request: put(append, after), after }
  }
  const joined = positionAfter(append, position.events, position.calvedBytes, unfolds)
  const calved = () => {
    const remaining = append.unfolds ?? unfolds.filter(({ index }) => index >= position.index - 1n)
    return positionAfter(append, [], position.calvedBytes + sumOfBytes(position.events), remaining)
  }
  const calve =
    position.events.length > 0 && (mustCalve(append, position, unfolds) || bytesOfTip(stream, joined) > maxItemBytes)
  const after = calve ? calved() : joined
  assertFits(append, after, unfolds)
  return { request: calve ? calveRequest(append, position, after) : update(append, position, after), after }
}

/**
 * The events' limits are those of the published packages. The unfolds' differs: unfolds stay in the Tip whether it
 * calves or not, so they may narrow the events' share of `maxBytes` to a quarter of it, but not to nothing.
 */
function mustCalve({ tip, events }: AppendInput, position: Position, unfolds: readonly StoredEvent[]): boolean {
  if (tip.maxEvents !== undefined && position.events.length + events.length > tip.maxEvents) return true
  const eventBytes = sumOfBytes(position.events) + sumOfBytes(events)
  if (eventBytes > tip.maxEventBytes) return true
  return eventBytes > Math.max(tip.maxBytes - sumOfBytes(unfolds), tip.maxBytes / 4)
}

/**
 * Unfolds that stay while events join: those that reflected all events up to here now stand between the last old event
 * and the first new one. Readers of all writers put an unfold after the event of the same index, and read from there on
 * what the Tip holds: so when events after an unfold are calved, it can stay no longer.
 */
function keptUnfolds(position: Position | undefined): readonly StoredEvent[] {
  if (position === undefined) return []
  const last = position.index - 1n
  return position.unfolds.map((unfold) =>
    unfold.index <= last
      ? unfold
      : { ...unfold, index: last, attributes: { ...unfold.attributes, i: { N: String(last) } } },
  )
}

function positionAfter(
  { stream, position, etag, events }: AppendInput,
  tipEvents: readonly StoredEvent[],
  calvedBytes: number,
  unfolds: readonly StoredEvent[],
): Position {
  const index = (position?.index ?? 0n) + BigInt(events.length)
  return positionAt(stream, { index, etag, calvedBytes, events: [...tipEvents, ...events], unfolds })
}

function put({ tableName, stream, events }: AppendInput, after: Position): AppendRequest {
  const Item = { ...tipKey(stream), ...tipAttributes(after, events.length) }
  return {
    type: "put",
    input: {
      TableName: tableName,
      Item,
      ConditionExpression: "attribute_not_exists(i)",
      ReturnConsumedCapacity: "TOTAL",
    },
  }
}

function tipAttributes(tip: Position, appended: number): Attributes {
  return {
    a: { N: String(appended) },
    b: { N: String(tip.calvedBytes) },
    etag: { S: tip.etag! },
    u: elements(tip.unfolds),
    n: { N: String(tip.index) },
    e: elements(tip.events),
    c: types(tip.events),
  }
}

function update(append: AppendInput, position: Position, after: Position): AppendRequest {
  const form = append.events.length === 0 ? "keep" : position.events.length === 0 ? "replace" : "join"
  return { type: "update", input: { ...updateOfTip(append, position, after, form), ReturnConsumedCapacity: "TOTAL" } }
}

function calveRequest(append: AppendInput, position: Position, after: Position): AppendRequest {
  const calf = {
    TableName: append.tableName,
    Item: encodeCalf(append.stream, position.events, position.index),
    ConditionExpression: "attribute_not_exists(i)",
  }
  const tip = updateOfTip(append, position, after, "replace")
  return { type: "calve", input: { TransactItems: [{ Put: calf }, { Update: tip }], ReturnConsumedCapacity: "TOTAL" } }
}

const formOfEvents = {
  keep: "",
  replace: ", n = :n, e = :tipE, c = :tipC",
  join: ", n = :n, e = list_append(e, :tipE), c = list_append(c, :tipC)",
}

function updateOfTip(
  { tableName, stream, events }: AppendInput,
  position: Position,
  after: Position,
  form: keyof typeof formOfEvents,
) {
  const { a, b, etag, u, n } = tipAttributes(after, events.length) as Record<
    "a" | "b" | "etag" | "u" | "n",
    { N: string }
  >
  const newEvents = { ":n": n, ":tipE": elements(events), ":tipC": types(events) }
  const expected = condition(position)
  return {
    TableName: tableName,
    Key: tipKey(stream),
    ConditionExpression: expected.text,
    UpdateExpression: `SET a = :tipA, b = :b, etag = :etag, u = :u${formOfEvents[form]}`,
    ExpressionAttributeValues: {
      ...expected.values,
      ":tipA": a,
      ":b": b,
      ":etag": etag,
      ":u": u,
      ...(form !== "keep" && newEvents),
    },
  }
}

function condition({ etag, index }: Position): { readonly text: string; readonly values: Attributes } {
  if (etag !== undefined) return { text: "etag = :exp", values: { ":exp": { S: etag } } }
  return { text: "n = :ver AND attribute_not_exists(etag)", values: { ":ver": { N: String(index) } } }
}

/** Counted exactly only where it may matter: the estimate is never less than a third of it. */
function bytesOfTip(stream: string, tip: Position): number {
  const estimated = tip.baseBytes + tip.unfoldsBytes
  if (estimated * 3 < maxItemBytes) return estimated
  return sizeOfItem({ ...tipKey(stream), ...tipAttributes(tip, tip.events.length) })
}

function assertFits({ stream, events }: AppendInput, tip: Position, unfolds: readonly StoredEvent[]): void {
  const bytes = bytesOfTip(stream, tip)
  if (bytes > maxItemBytes) throw new AppendTooLargeError(stream, bytes, events.length, unfolds.length)
}

/** The plan's Tip update without its calf, for a calf that is there already. */
export function withoutCalf({ request, after }: AppendPlan): AppendPlan {
  const tip = request.type === "calve" ? request.input.TransactItems?.[1]?.Update : undefined
  if (tip === undefined) return { request, after }
  return { request: { type: "update", input: { ...tip, ReturnConsumedCapacity: "TOTAL" } }, after }
}
