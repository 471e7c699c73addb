/*
 * Which epoch of each partition is the newest: the stream `$AppendsIndex-0`.
 *
 * `Started` says that an epoch of a partition has begun; the unfold `Snapshotted` holds the newest one of each. Epochs of
 * a partition only grow, so the fold takes the maximum: repeated and late `Started` events change nothing.
 * The stream may be behind, never ahead: an epoch is marked after its predecessor was closed.
 */
import * as v from "valibot"
import { type EncodedEvent, IndexFormatError } from "./appends-epoch.js"

export const indexStream = "$AppendsIndex-0"

/** Newest epoch by partition. */
export type ActiveEpochs = ReadonlyMap<string, number>

export type IndexEvent =
  | { readonly type: "Started"; readonly partition: string; readonly epoch: number }
  | { readonly type: "Snapshotted"; readonly active: ActiveEpochs }

export function foldIndex(active: ActiveEpochs, events: readonly IndexEvent[]): ActiveEpochs {
  const newest = new Map(active)
  for (const event of events) {
    const started = event.type === "Started" ? [[event.partition, event.epoch] as const] : event.active
    for (const [partition, epoch] of started) newest.set(partition, Math.max(epoch, newest.get(partition) ?? 0))
  }
  return newest
}

/** Partitions are numbers where they are stored in `Started`, and keys of an object in `Snapshotted`. */
export function encodeIndexEvent(event: IndexEvent): { type: string; data: string } {
  const { type } = event
  if (type === "Snapshotted") return { type, data: JSON.stringify({ active: Object.fromEntries(event.active) }) }
  return { type, data: JSON.stringify({ partition: Number(event.partition), epoch: event.epoch }) }
}

/** Undefined for a type that is not known. @throws IndexFormatError */
export function decodeIndexEvent(event: EncodedEvent): IndexEvent | undefined {
  if (event.type === "Started") return parse(started, event)
  if (event.type === "Snapshotted") return parse(snapshotted, event)
  return undefined
}

function parse(schema: v.GenericSchema<unknown, IndexEvent>, event: EncodedEvent): IndexEvent {
  const parsed = v.safeParse(schema, event.data)
  if (parsed.success) return parsed.output
  throw new IndexFormatError(indexStream, event, parsed.issues[0].message)
}

const epoch = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const partition = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.digits())]),
  v.transform((stored) => String(stored)),
)

/** Older writers say `tranche`. */
const started = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ partition, epoch }),
    v.pipe(
      v.object({ tranche: partition, epoch }),
      v.transform((old) => ({ partition: old.tranche, epoch: old.epoch })),
    ),
  ]),
  v.transform((body): IndexEvent => ({ type: "Started", ...body })),
)

const snapshotted = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ active: v.record(v.string(), epoch) }),
  v.transform(({ active }): IndexEvent => ({ type: "Snapshotted", active: new Map(Object.entries(active)) })),
)
