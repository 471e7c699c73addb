import type { TraceEvent } from "../sim/trace.js"
import { LiveRuns } from "./live-runs.js"
import type { Monitor, Property } from "./monitor.js"

export const origin: Property = {
  id: "I-14",
  title: "Origin",
  statement:
    "As long as nobody has begun to write a key's position, every run of it loads the same one: the origin that was stored first. The first page of a run is read from the position that it loaded.",
  weakened: "Whether an established origin is the right one is not asked: that is between its owner and the feed.",
  takes: [...LiveRuns.takes, "Loaded", "PageRead", "CommitStarted", "Override"],
  monitor: () => new Origin(),
}

/** Keeps one position per key, and one per run until its first page. */
class Origin implements Monitor {
  checked = 0
  /** What was loaded first; null as soon as somebody has begun to write another. */
  readonly #origins = new Map<string, bigint | null>()
  readonly #runs = new LiveRuns(() => ({ next: undefined as bigint | undefined }))

  observe(event: TraceEvent): string | undefined {
    this.#runs.observe(event)
    switch (event.kind) {
      case "CommitStarted":
      case "Override":
        this.#origins.set(`${event.group} ${event.tranche}`, null)
        return undefined
      case "Loaded": {
        const run = this.#runs.get(event.run)
        if (run !== undefined) run.next = event.position
        return this.#loaded(event.run, `${event.group} ${event.tranche}`, event.position)
      }
      case "PageRead":
        return this.#read(event.run, event.from)
      default:
        return undefined
    }
  }

  #loaded(run: string, key: string, position: bigint): string | undefined {
    const first = this.#origins.get(key)
    if (first === undefined) this.#origins.set(key, position)
    if (first === undefined || first === null) return undefined
    this.checked++
    return position === first
      ? undefined
      : `${run}: loaded ${position}, an earlier run ${first}, and nobody wrote between`
  }

  #read(name: string, from: bigint): string | undefined {
    const run = this.#runs.get(name)
    const { next } = run ?? {}
    if (run === undefined || next === undefined) return undefined
    run.next = undefined
    this.checked++
    return from === next ? undefined : `${name}: loaded ${next}, and the first page is read from ${from}`
  }
}
