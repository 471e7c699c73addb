import { createHash, hash, type Hash } from "node:crypto"
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
  readonly #turn: (() => number) | undefined
  readonly #listeners: ((event: TraceEvent) => void)[] = []
  readonly #onLine: ((line: string) => void) | undefined
  /** Of the pieces so far. Most runs are over before their first one: then the text is digested at once. */
  #digest: Hash | undefined
  /** What the lines of steps at this time begin with. */
  #stepsAt = ""
  #time = -1
  #unhashed = ""
  #length = 0

  /**
   * @param elapsed milliseconds since the trace began, on the world's clock.
   * @param turn how often the world has turned. It is no part of the digest, which has the steps themselves.
   * @param onLine gets every line that enters the digest, without its end.
   */
  constructor(elapsed: () => number, turn?: () => number, onLine?: (line: string) => void) {
    this.#elapsed = elapsed
    this.#turn = turn
    this.#onLine = onLine
  }

  get length(): number {
    return this.#length
  }

  emit(happening: Happening): void {
    const n = this.#length++
    const t = this.#elapsed()
    this.#write(`${n} ${t} ${canonicalText(happening)}`)
    if (this.#listeners.length === 0) return
    // The same stamp at both ends: the last one counts, and with the first one in place the copy costs a third.
    const stamp = this.#turn === undefined ? { n, t } : { n, t, turn: this.#turn() }
    const event: TraceEvent = Object.assign({ ...stamp }, happening, stamp)
    for (const listener of this.#listeners) listener(event)
  }

  /** Takes note of which step the scheduler released. It enters the digest and is not shown to listeners. */
  decided(step: string): void {
    const now = this.#elapsed()
    if (now !== this.#time) this.#stepsAt = `> ${(this.#time = now)} `
    this.#write(this.#stepsAt + step)
  }

  subscribe(listener: (event: TraceEvent) => void): void {
    this.#listeners.push(listener)
  }

  hash(): string {
    if (this.#digest === undefined) return hash("sha256", this.#unhashed, "hex")
    this.#flush()
    return this.#digest.copy().digest("hex")
  }

  #write(line: string): void {
    this.#onLine?.(line)
    this.#unhashed += `${line}\n`
    if (this.#unhashed.length >= pieceLength) this.#flush()
  }

  #flush(): void {
    this.#digest ??= createHash("sha256")
    this.#digest.update(this.#unhashed)
    this.#unhashed = ""
  }
}
