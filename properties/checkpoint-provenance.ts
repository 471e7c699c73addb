import type { Happening, TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"

export const checkpointProvenance: Property = {
  id: "I-11",
  title: "Provenance and order of checkpoints in a run",
  statement:
    "Each written position is the checkpoint of a page whose batch completed in the run, or of an empty page after it; positions ascend from the loaded one, a failed write may be repeated; one write at a time.",
  assumes: { A3: "not asked" },
  weakened: "Never while A3 holds.",
  takes: [...LiveRuns.takes, "Loaded", "PageRead", "Completed", "CommitStarted", "CommitDone", "CommitFailed"],
  monitor: () => new CheckpointProvenance(),
}

interface Page {
  readonly seq: number
  /** Of several empty pages in a row, which are kept as one: that of the first. */
  readonly since: bigint
  readonly checkpoint: bigint
  /** An empty page has nothing to complete. */
  done: boolean
}

interface Run {
  loaded: bigint | undefined
  /** Pages from the oldest one that is not done. */
  readonly pages: Page[]
  /** Positions that may be written, those already written aside: by the last one, the first one of those in a row. */
  readonly earned: Map<bigint, bigint>
  writing: bigint | undefined
  written: bigint | undefined
  failed: bigint | undefined
}

/** Keeps the pages in progress and the positions of completed pages since the last write. */
class CheckpointProvenance implements Monitor {
  checked = 0
  readonly #runs = new LiveRuns((): Run => ({
    ...{ loaded: undefined, pages: [], earned: new Map() },
    ...{ writing: undefined, written: undefined, failed: undefined },
  }))

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    switch (event.kind) {
      case "Loaded": {
        const run = this.#runs.get(event.run)
        if (run !== undefined) run.loaded = event.position
        return undefined
      }
      case "PageRead":
        read(this.#runs.get(event.run), event)
        return undefined
      case "Completed":
        complete(this.#runs.get(event.run), event)
        return undefined
      case "CommitStarted":
        return this.#started(event.run, event.position)
      case "CommitDone":
      case "CommitFailed":
        settled(this.#runs.get(event.run), event.kind, event.position)
        return undefined
      default:
        return undefined
    }
  }

  #started(name: string, position: bigint): string | undefined {
    const run = this.#runs.get(name)
    if (run === undefined) return undefined
    this.checked++
    const wrong = wrongWith(run, position)
    run.writing = position
    for (const earned of run.earned.keys()) if (earned <= position) run.earned.delete(earned)
    return wrong === undefined ? undefined : `${name}: checkpoint ${position} is written, ${wrong}`
  }
}

function read(run: Run | undefined, { seq, checkpoint, items }: Extract<Happening, { kind: "PageRead" }>): void {
  if (run === undefined) return
  const last = run.pages.at(-1)
  const isEmpty = items.length === 0
  // Of empty pages in a row the newest replaces the others. A source that reads from replicas may have come less far than
  // what it was answered, so the positions of the others may be written as well.
  const before = isEmpty && last?.done === true ? run.pages.pop() : undefined
  run.pages.push({ seq, since: before?.since ?? checkpoint, checkpoint, done: isEmpty })
  earn(run)
}

function complete(run: Run | undefined, { seq, checkpoint }: Extract<Happening, { kind: "Completed" }>): void {
  if (run === undefined) return
  run.earned.set(checkpoint, checkpoint)
  const page = run.pages.find((candidate) => candidate.seq === seq)
  if (page !== undefined) page.done = true
  earn(run)
}

function earn(run: Run): void {
  while (run.pages[0]?.done === true) {
    const { since, checkpoint } = run.pages.shift()!
    run.earned.set(checkpoint, since)
  }
}

function settled(run: Run | undefined, kind: "CommitDone" | "CommitFailed", position: bigint): void {
  if (run === undefined) return
  run.writing = undefined
  if (kind === "CommitFailed") run.failed = position
  else run.written = position
}

function wrongWith(run: Run, position: bigint): string | undefined {
  const { loaded, writing, written, failed, earned } = run
  if (writing !== undefined) return `while the write of ${writing} is still going on`
  if (loaded === undefined) return "before the stored one was loaded"
  if (position < loaded) return `though the run began at ${loaded}`
  if (written !== undefined && position <= written) return `after ${written} was`
  if (failed !== undefined && position < failed) return `after ${failed} was tried`
  if (!isEarned(earned, position) && position !== failed) return "but no complete page of the run has it"
  return undefined
}

function isEarned(earned: ReadonlyMap<bigint, bigint>, position: bigint): boolean {
  for (const [checkpoint, since] of earned) if (since <= position && position <= checkpoint) return true
  return false
}
