/** Where the gallery has a defect that was made before, or why it cannot have it. */
export type Coverage = { readonly bugs: readonly string[] } | { readonly reason: string }

/** A defect of another implementation, or a fault that is easily made. */
export interface Known {
  readonly defect: string
  readonly coverage: Coverage
}

const by = (...bugs: readonly string[]): Coverage => ({ bugs })
const not = (reason: string): Coverage => ({ reason })

/** Defects that reaction engines had, by value for a harness: cheap to express, and a schedule or a crash shows them. */
export const regressions: readonly Known[] = [
  {
    defect: "a batch with nothing open completes early",
    coverage: by("a batch with nothing open overtakes older ones"),
  },
  {
    defect: "the sink is made anew by each tranche's start",
    coverage: by("every start makes another run of the sink"),
  },
  { defect: "a failed call counts as success", coverage: by("a failed call counts as success") },
  {
    defect: "batches complete out of order, streams are called twice at a time",
    coverage: by(
      "batches complete in the order in which they are handled",
      "a busy stream is called again",
      "a called stream is not marked busy",
    ),
  },
  {
    defect: "whether a requirement is met is off by one",
    coverage: by("a requirement is met one event early", "a requirement is met one event late"),
  },
  {
    defect: "members share a key, a lower commit is accepted, progress is keyed too coarsely",
    coverage: by(
      "members share one checkpoint key",
      "a lower checkpoint overwrites a higher one",
      "a lower position is stored over a higher one",
      "all categories have one checkpoint writer",
    ),
  },
  {
    defect: "a short read while events are loaded, a stale override, a count beyond the span",
    coverage: by(
      "a short read makes a short page",
      "a lower override moves the position back",
      "a count beyond the span is believed",
    ),
  },
  {
    defect: "an abort that is not heard, and the order of the last flush and the end",
    coverage: by(
      "the sink does not hear of the abort",
      "the last checkpoint is not written",
      "nobody waits for the last checkpoint",
    ),
  },
  {
    defect: "errors that are swallowed",
    coverage: by("a failed call says nothing", "a result that is none says nothing"),
  },
  {
    defect: "a wake-up of all who wait, a slot that is given back twice",
    coverage: by(
      "one completion lets every waiting category go",
      "a permit is given back twice",
      "the window is one batch too wide",
    ),
  },
  {
    defect:
      "a closed epoch, an inclusive position, a wrong coordinate, an origin that is not used, an index with a hole",
    coverage: by(
      "a closed epoch is waited for",
      "the last event is read again at every poll",
      "the global position is taken for the index",
      "the first start stores an origin and begins at 0",
      "the index takes a span that leaves a hole",
    ),
  },
  { defect: "a failed commit is forgotten", coverage: by("a failed write of the checkpoint counts as success") },
  {
    defect: "spans are merged without memory, or without order",
    coverage: by("arriving events are not trimmed", "newer events are put before older ones"),
  },
  {
    defect: "pages without events do not move the checkpoint",
    coverage: by("pages without events do not move the checkpoint"),
  },
  { defect: "a restart beside calls that still run", coverage: by("running calls are not waited for") },
]

/** One-line faults that are easily made in an engine of this kind. */
export const easilyMade: readonly Known[] = [
  { defect: "complete without queueing", coverage: by("a batch with nothing open overtakes older ones") },
  { defect: "trim without a look at the head", coverage: by("an override trims the index but not the events") },
  { defect: "> for ≥ in the requirement", coverage: by("a requirement is met one event late") },
  { defect: "write := n for the maximum", coverage: by("a lower override moves the position back") },
  {
    defect: "an unknown position is 0",
    coverage: not("only sinks that require complete streams tell an unknown position from 0, and they begin at 0"),
  },
  { defect: "drop the busy mark before the result is applied", coverage: by("a called stream is not marked busy") },
  { defect: "give the permit back twice", coverage: by("a permit is given back twice") },
  { defect: "never give the permit back", coverage: by("a call without progress keeps its permit") },
  { defect: "wake all", coverage: by("one completion lets every waiting category go") },
  { defect: "wake one without another look", coverage: by("nobody waits for room") },
  { defect: "post the checkpoint on admission", coverage: by("the checkpoint is posted on admission") },
  { defect: "commit before the result is applied", coverage: by("the checkpoint is posted on admission") },
  { defect: "committed before success", coverage: by("a failed write of the checkpoint counts as success") },
  { defect: "skip the last flush", coverage: by("the last checkpoint is not written") },
  { defect: "settle before the flush", coverage: by("nobody waits for the last checkpoint") },
  { defect: "load without origin", coverage: by("the first start stores an origin and begins at 0") },
  {
    defect: "the position of the last event for that of the next",
    coverage: by("the last event is read again at every poll"),
  },
  { defect: "spans in descending order", coverage: by("newer events are put before older ones") },
  {
    defect: "keep one span where two are to be joined",
    coverage: by("what is put back takes the place of what came meanwhile"),
  },
  { defect: "swallow one error", coverage: by("a failed call says nothing") },
  { defect: "ignore the signal in one wait", coverage: by("the sink does not hear of the abort") },
  { defect: "share one checkpoint key between members", coverage: by("members share one checkpoint key") },
  { defect: "hash with n + 1 members", coverage: by("members are dealt out for a larger group") },
  {
    defect: "a call without progress is made again at once",
    coverage: by("a call without progress is made again at once"),
  },
  {
    defect: "a crawl never yields",
    coverage: not("a loop of microtasks never comes back to the scheduler, which could end neither it nor the run"),
  },
]
