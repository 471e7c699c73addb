import { createHash } from "node:crypto"
import { canonicalText } from "./canonical-text.js"
import type { Happening, TraceEvent } from "./trace.js"

/** Collects what happens, stamps it and passes it on. */
export interface Trace {
  emit(happening: Happening): void
  /** Adds a listener that gets every later event, synchronously and in order. */
  subscribe(listener: (event: TraceEvent) => void): void
  /** Digest of everything emitted so far and of every choice of the scheduler: equal for equal histories. */
  hash(): string
  /** How many events were emitted. */
  readonly length: number
}

/** Hashing in pieces of this many characters costs less than hashing line by line. */
const pieceLength = 16_384

/**
 * A trace that keeps nothing but a digest: memory does not grow with the run. Its digest covers one line of canonical
 * text per event, and one line per decision of the scheduler, in the order in which they came.
 */
export class TraceRecorder implements Trace {
  readonly #elapsed: () => number
  readonly #listeners: ((event: TraceEvent) => void)[] = []
  readonly #digest = createHash("sha256")
  #unhashed = ""
  #length = 0

  /** @param elapsed milliseconds since the trace began, on the world's clock. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  get length(): number {
    return this.#length
  }

  emit(happening: Happening): void {
    const n = this.#length++
    const t = this.#elapsed()
    this.#write(`${n} ${t} ${canonicalText(happening)}\n`)
    if (this.#listeners.length === 0) return
    // The same stamp at both ends: the last one counts, and with the first one in place the copy costs a third.
    const event: TraceEvent = Object.assign({ n, t }, happening, { n, t })
    for (const listener of this.#listeners) listener(event)
  }

  /** Takes note of which step the scheduler released. It enters the digest and is not shown to listeners. */
  decided(step: string): void {
    this.#write(`> ${step}\n`)
  }

  subscribe(listener: (event: TraceEvent) => void): void {
    this.#listeners.push(listener)
  }

  hash(): string {
    this.#flush()
    return this.#digest.copy().digest("hex")
  }

  #write(line: string): void {
    this.#unhashed += line
    if (this.#unhashed.length >= pieceLength) this.#flush()
  }

  #flush(): void {
    this.#digest.update(this.#unhashed)
    this.#unhashed = ""
  }
}
