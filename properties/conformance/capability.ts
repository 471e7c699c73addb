/** What an adapter may lack, and what a rule says of those that do. */
export const capabilities = {
  pages: "its reads cannot be seen, at the session's pool or client or by `edges.pageRead`",
  batches: "its batches cannot be seen by `edges.sink`",
  positions: "appends do not answer positions",
  origin: "it always begins with the first event",
  "one call per stream": "it may handle events of one stream at once",
  "read-ahead": "it has no bound for what is read ahead",
  concurrency: "it has no bound for calls at once",
  prompt: "it may leave a stream waiting that it could call, or call a younger one first",
  fair: "it may call others again and again while a stream waits",
  "partial results": "handlers cannot say how far they came",
  "complete streams": "it cannot wait for the events that a stream lacks",
  drain: "it does not store what was handled last when it is asked to stop",
  "checkpoint interval": "it does not promise to store its position at the interval that it is given",
  groups: "it has no consumer groups",
  "message-db members": "it does not divide streams as Message DB does",
  "compare positions": "a lower position replaces a higher one",
  "repeated appends": "an append that is repeated with the same ids is another append",
  "expected version": "appends cannot be made conditional",
} as const satisfies Record<string, string>

export type Capability = keyof typeof capabilities
