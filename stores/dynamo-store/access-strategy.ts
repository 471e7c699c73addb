/**
 * How a category's state is read and what is written beside its events.
 *
 * | Strategy           | A read stops at          | A write stores                                    |
 * | ------------------ | ------------------------ | ------------------------------------------------- |
 * | `Unoptimized`      | the stream's start       | the events                                        |
 * | `LatestKnownEvent` | the newest decoded event | the events, and a copy of the last one as unfold  |
 * | `Snapshot`         | `isOrigin`               | the events, and one unfold                        |
 * | `MultiSnapshot`    | `isOrigin`               | the events, and several unfolds                   |
 * | `RollingState`     | whatever is newest       | one unfold and no events; the version stays       |
 * | `Custom`           | `isOrigin`               | what `transmute` makes of the events              |
 *
 * Folding must give the same state from an origin as from the start of the stream.
 */
export type AccessStrategy<Event, State> =
  | { readonly type: "Unoptimized" }
  | { readonly type: "LatestKnownEvent" }
  | {
      readonly type: "Snapshot"
      readonly isOrigin: (event: Event) => boolean
      readonly toSnapshot: (state: State) => Event
    }
  | {
      readonly type: "MultiSnapshot"
      readonly isOrigin: (event: Event) => boolean
      readonly toSnapshot: (state: State) => readonly Event[]
    }
  | { readonly type: "RollingState"; readonly toSnapshot: (state: State) => Event }
  | {
      readonly type: "Custom"
      readonly isOrigin: (event: Event) => boolean
      readonly transmute: Transmute<Event, State>
    }

/** The events to store and the unfolds to store; not both empty. The state is the one after the events that were decided. */
export type Transmute<Event, State> = (
  events: readonly Event[],
  state: State,
) => readonly [events: readonly Event[], unfolds: readonly Event[]]

export const AccessStrategy = {
  Unoptimized: <Event, State>(): AccessStrategy<Event, State> => ({ type: "Unoptimized" }),
  LatestKnownEvent: <Event, State>(): AccessStrategy<Event, State> => ({ type: "LatestKnownEvent" }),
  Snapshot: <Event, State>(
    isOrigin: (event: Event) => boolean,
    toSnapshot: (state: State) => Event,
  ): AccessStrategy<Event, State> => ({ type: "Snapshot", isOrigin, toSnapshot }),
  MultiSnapshot: <Event, State>(
    isOrigin: (event: Event) => boolean,
    toSnapshot: (state: State) => readonly Event[],
  ): AccessStrategy<Event, State> => ({ type: "MultiSnapshot", isOrigin, toSnapshot }),
  RollingState: <Event, State>(toSnapshot: (state: State) => Event): AccessStrategy<Event, State> => ({
    type: "RollingState",
    toSnapshot,
  }),
  Custom: <Event, State>(
    isOrigin: (event: Event) => boolean,
    transmute: Transmute<Event, State>,
  ): AccessStrategy<Event, State> => ({ type: "Custom", isOrigin, transmute }),
}
