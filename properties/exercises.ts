import type { StoreKind } from "./scenario.js"

interface Meaning {
  /** The only store on which it is to be expected. Default: each. */
  readonly on?: StoreKind
  readonly means: string
}

/**
 * What a run can exercise besides its faults, by the name that results and scenarios use for it: situations about which a
 * check says nothing that never came into them.
 */
const meanings = {
  handled: { means: "A call of a handler returned and made progress, or told an outside truth." },
  "handler failed": { means: "A call threw." },
  "no progress": { means: "A call returned and left all of its events." },
  "partial result": { means: "A call returned and left some of its events." },
  override: { means: "A call told where its stream is." },
  "override ahead": { means: "A call told that its stream is beyond the events that it was given." },
  "calls at once": { means: "A call began while one of another stream ran in the same sink." },
  "processes at once": { means: "A call began while one of the same group ran in another process." },
  "page during a call": { means: "A page was read while a call ran in the sink that it is for." },
  "several events": { means: "A call was given more than one event." },
  "several pages": { means: "A call was given events of more than one page: batches were merged." },
  gap: { means: "A call began behind events of its stream that its group was never given." },
  "gap in a feed": { on: "dynamo-store", means: "A page had an event before those that precede it in its stream." },
  "repeated in a feed": { on: "dynamo-store", means: "A page had an event that its source had read before." },
  "page without events": { means: "A page moved the position and had nothing for its reader." },
  "epoch crossed": { on: "dynamo-store", means: "A page led from a closed epoch into the next." },
  "read-ahead full": { means: "As many batches were admitted and not complete as there may be." },
  "batch waits for an older one": { means: "All of a batch was handled while one before it was not." },
  "read failed": { means: "A page or a stored position could not be read, for a reason that may pass." },
  "read repeated": { means: "A source had a page, or its position, after it had failed to read it." },
  "checkpoint stored": { means: "A position was stored." },
  "checkpoint failed": { means: "A position was not stored, or nobody knows whether it was." },
  "checkpoint outrun": { means: "A write found a higher position: another instance had come further." },
  "position moved": { on: "message-db", means: "An operator moved a position." },
  "crash in a call": { means: "A process died while a call ran." },
  "crash before a checkpoint": {
    means: "A process died after a batch was complete and before its position was stored.",
  },
  "crash in a checkpoint": { means: "A process died while it wrote a position." },
  "stop in a call": { means: "A process was asked to stop while a call ran." },
  "call left behind": { means: "A run ended, and its process lived on, while a call of it still ran." },
  "restart after a crash": { means: "A consumer was started after its process had died." },
  "restart after a failure": { means: "A consumer was started after it had failed." },
  "restart after a stop": { means: "A consumer was started after it had ended in good order." },
  redelivery: { means: "A call was given events again that an earlier, ended start of the consumer was given." },
  "redelivery by two": { means: "A call was given events again that another, living instance was given." },
  "two instances": { means: "A consumer was started for what another living one reads." },
  zombie: { means: "A call began in an instance although its successor had been started." },
  resize: { on: "message-db", means: "A group was started with another size than before." },
} as const satisfies Readonly<Record<string, Meaning>>

/** One of the above; `fault x` for a fault of the kind x; `group of n` for a member of a group of that size. */
export type ExerciseName = keyof typeof meanings | `fault ${string}` | `group of ${number}`

/** The names of all that a run on a store can exercise besides faults and sizes of groups; by default on any store. */
export const exerciseNames = (on?: StoreKind): readonly (keyof typeof meanings)[] =>
  (Object.entries(meanings) as [keyof typeof meanings, Meaning][])
    .filter(([, meaning]) => on === undefined || meaning.on === undefined || meaning.on === on)
    .map(([name]) => name)

/** What it means that a run exercised it. */
export function exerciseMeaning(name: ExerciseName): string {
  if (name in meanings) return meanings[name as keyof typeof meanings].means
  if (name.startsWith("fault ")) return "A fault of this kind struck."
  return "A member of a group of this size was started."
}
