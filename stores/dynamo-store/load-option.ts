/**
 * How fresh the state must be that a decision or a query starts from. Whatever it is, a write is conditioned on that
 * state being the newest; one that is not costs a conflict and a consistent read.
 *
 * - `RequireLoad`: the table is asked, eventually consistent; cached state is revalidated. The default.
 * - `RequireLeader`: the table is asked with a consistent read.
 * - `AnyCachedValue`: cached state of any age, without asking.
 * - `MaxStale(ms)`: cached state that was loaded or written less than `ms` milliseconds ago, else as `RequireLoad`.
 * - `AssumeEmpty`: nothing is asked; the stream is taken to be new.
 */
export type LoadOption =
  | { readonly type: "RequireLoad" }
  | { readonly type: "RequireLeader" }
  | { readonly type: "AnyCachedValue" }
  | { readonly type: "MaxStale"; readonly maxStaleMs: number }
  | { readonly type: "AssumeEmpty" }

export const LoadOption = {
  RequireLoad: { type: "RequireLoad" },
  RequireLeader: { type: "RequireLeader" },
  AnyCachedValue: { type: "AnyCachedValue" },
  MaxStale: (maxStaleMs: number): LoadOption => ({ type: "MaxStale", maxStaleMs }),
  AssumeEmpty: { type: "AssumeEmpty" },
} as const satisfies Record<string, LoadOption | ((ms: number) => LoadOption)>
