import type { AccessStrategy } from "./access-strategy.js"
import type { Codec } from "./codec.js"
import type { NewEntries } from "./sync.js"

/** A strategy would store neither events nor unfolds. */
export class NothingToWriteError extends Error {
  override readonly name = "NothingToWriteError"
}

/** What a strategy stores for events that were decided; `state` is the one after them. @throws NothingToWriteError */
export function entriesToWrite<Event, State>(
  access: AccessStrategy<Event, State>,
  codec: Codec<Event>,
  events: readonly Event[],
  state: State,
): NewEntries {
  const { stored, unfolds } = parts(access, events, state)
  if (stored.length === 0 && (unfolds ?? []).length === 0)
    throw new NothingToWriteError(`AccessStrategy.${access.type}: must write either events or unfolds`)
  const encode = (event: Event) => codec.encode(event)
  return { events: stored.map(encode), unfolds: unfolds?.map(encode) }
}

interface Parts<Event> {
  readonly stored: readonly Event[]
  readonly unfolds: readonly Event[] | undefined
}

function parts<Event, State>(
  access: AccessStrategy<Event, State>,
  events: readonly Event[],
  state: State,
): Parts<Event> {
  switch (access.type) {
    case "Unoptimized":
      return { stored: events, unfolds: undefined }
    case "LatestKnownEvent":
      return { stored: events, unfolds: events.slice(-1) }
    case "Snapshot":
      return { stored: events, unfolds: [access.toSnapshot(state)] }
    case "MultiSnapshot":
      return { stored: events, unfolds: access.toSnapshot(state) }
    case "RollingState":
      return { stored: [], unfolds: [access.toSnapshot(state)] }
    case "Custom": {
      const [stored, unfolds] = access.transmute(events, state)
      return { stored, unfolds }
    }
  }
}

/** What a read may stop at; undefined: it reads to the start of the stream and takes no notice of unfolds. */
export function originOf<Event, State>(access: AccessStrategy<Event, State>): ((event: Event) => boolean) | undefined {
  switch (access.type) {
    case "Unoptimized":
      return undefined
    case "LatestKnownEvent":
    case "RollingState":
      return () => true
    case "Snapshot":
    case "MultiSnapshot":
    case "Custom":
      return access.isOrigin
  }
}
