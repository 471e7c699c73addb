/*
 * The position of one consumer group in one partition, as events: what is stored, and what each call adds to it.
 *
 * Every event and unfold holds the whole state, so the newest one is all that has to be read. Between two due times a
 * new position replaces only the unfold (`Updated` is never stored as an event); from a due time on, the next commit
 * stores an event `Checkpointed`. But for `Overridden`, the position never decreases.
 *
 * Names of types and shapes of bodies are those of the published packages; bodies of upstream are understood.
 */
import * as v from "valibot"
import type { ITimelineEvent } from "../../engine/timeline-event.js"

/** What is known while the reader runs. Times are milliseconds since the Unix epoch. */
export interface RunningReader {
  readonly checkpointFreqS: number
  readonly at: number
  readonly nextCheckpointDue: number
  readonly position: bigint
}

/** Undefined: nothing is stored. */
export type ReaderState = RunningReader | undefined

const types = ["Started", "Checkpointed", "Overridden", "Updated", "Snapshotted"] as const

export interface ReaderEvent {
  readonly type: (typeof types)[number]
  readonly reader: RunningReader
}

/** A stored checkpoint that is none: somebody else wrote it. */
export class CheckpointFormatError extends Error {
  override readonly name = "CheckpointFormatError"
}

export const initial: ReaderState = undefined

export function fold(state: ReaderState, events: readonly ReaderEvent[]): ReaderState {
  return events.at(-1)?.reader ?? state
}

/** What the first start stores. */
export function start(state: ReaderState, origin: bigint, now: number, freqS: number): readonly ReaderEvent[] {
  return state === undefined ? [{ type: "Started", reader: due(origin, now, freqS) }] : []
}

/** Nothing for a lower position; for the same one only what is due. */
export function commit(state: ReaderState, position: bigint, now: number, freqS: number): readonly ReaderEvent[] {
  if (state === undefined) return start(state, position, now, freqS)
  if (position < state.position) return []
  if (now >= state.nextCheckpointDue) return [{ type: "Checkpointed", reader: due(position, now, freqS) }]
  return position === state.position ? [] : [{ type: "Updated", reader: { ...state, at: now, position } }]
}

export function override(state: ReaderState, position: bigint, now: number, freqS: number): readonly ReaderEvent[] {
  if (state?.position === position && state.checkpointFreqS === freqS) return []
  return [{ type: "Overridden", reader: due(position, now, freqS) }]
}

/** What of it is stored as events, and the unfold that is stored with every write. */
export function transmute(
  events: readonly ReaderEvent[],
  state: ReaderState,
): readonly [readonly ReaderEvent[], readonly ReaderEvent[]] {
  const stored = events.filter(({ type }) => type !== "Updated")
  return [stored, state === undefined ? [] : [{ type: "Snapshotted", reader: state }]]
}

function due(position: bigint, now: number, checkpointFreqS: number): RunningReader {
  return { checkpointFreqS, at: now, nextCheckpointDue: now + checkpointFreqS * 1000, position }
}

/** The name under which the body of each type holds the checkpoint. */
const fields = {
  Started: "origin",
  Checkpointed: "pos",
  Overridden: "pos",
  Updated: "pos",
  Snapshotted: "state",
} as const

export function encode({ type, reader }: ReaderEvent): { type: string; data: string } {
  const checkpoint = {
    at: new Date(reader.at).toISOString(),
    nextCheckpointDue: new Date(reader.nextCheckpointDue).toISOString(),
    pos: String(reader.position),
  }
  const body = { config: { checkpointFreqS: reader.checkpointFreqS }, [fields[type]]: checkpoint }
  return { type, data: JSON.stringify(body) }
}

/** Undefined for a type that is not known. @throws CheckpointFormatError */
export function decode(event: Pick<ITimelineEvent, "type" | "data" | "index">): ReaderEvent | undefined {
  const type = event.type === upstreamOverride ? "Overridden" : types.find((known) => known === event.type)
  if (type === undefined) return undefined
  const parsed = v.safeParse(storedBody, event.data)
  const checkpoint = parsed.success ? parsed.output[fields[type]] : undefined
  if (!parsed.success || checkpoint === undefined)
    throw new CheckpointFormatError(
      `${event.type} with index ${event.index} is no checkpoint: ${parsed.issues?.[0].message ?? `no "${fields[type]}"`}`,
    )
  const { at, nextCheckpointDue, pos } = checkpoint
  return { type, reader: { ...parsed.output.config, at, nextCheckpointDue, position: pos } }
}

const upstreamOverride = "Overrode"

const storedTime = v.pipe(
  v.string(),
  v.transform((text) => Date.parse(text)),
  v.number(),
)
/** Text; in upstream a number. */
const storedPosition = v.pipe(
  v.union([v.pipe(v.string(), v.digits()), v.pipe(v.number(), v.safeInteger(), v.minValue(0))]),
  v.transform((stored) => BigInt(stored)),
)
const storedCheckpoint = v.optional(v.object({ at: storedTime, nextCheckpointDue: storedTime, pos: storedPosition }))
const storedBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    config: v.object({ checkpointFreqS: v.number() }),
    origin: storedCheckpoint,
    pos: storedCheckpoint,
    state: storedCheckpoint,
  }),
)
