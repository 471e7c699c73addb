import { type Linked, LinkedList } from "../engine/linked-list.js"
import type { StepLabel } from "./step-label.js"

/** Something that is going to happen, and that can be called off. */
export interface Pending {
  cancel(): void
  /** What it is, in words: for reports of who waits for what. */
  readonly what?: string
}

/** Something that is going to happen in a life. */
export interface PendingOfLife extends Pending, Linked<PendingOfLife> {}

export interface Unanswered extends Linked<Unanswered> {
  readonly label: StepLabel
  /** Milliseconds since the Unix epoch. */
  readonly since: number
}

/**
 * The life of one incarnation of a process, or of the world itself. Whatever waits or acts does so on behalf of a life;
 * when the life is over, what was pending is called off and nothing of it has an effect any more.
 */
export class Life {
  /** The process's name without incarnation; undefined for the world. */
  readonly process: string | undefined
  /** The incarnation, e.g. `consumer#1`, or `world`. */
  readonly id: string
  readonly pending = new LinkedList<PendingOfLife>()
  /** Calls that reached their object and are not answered yet. */
  readonly unanswered = new LinkedList<Unanswered>()
  /** What the clock of this life is ahead of the world's, in milliseconds; behind it when negative. */
  clockAheadMs = 0
  readonly #failed: (error: unknown) => void
  #over = false
  /** What would have happened since the pause; undefined while there is none. */
  #parked: (() => void)[] | undefined

  /** @param failed gets what a callback of this life throws: what would be an uncaught exception in a real process. */
  constructor(process: string | undefined, id: string, failed: (error: unknown) => void) {
    this.process = process
    this.id = id
    this.#failed = failed
  }

  get over(): boolean {
    return this.#over
  }

  /** Nothing of it happens until it goes on. */
  get paused(): boolean {
    return this.#parked !== undefined
  }

  pause(): void {
    if (!this.#over) this.#parked ??= []
  }

  /** Keeps something that is due until the pause is over. */
  park(happen: () => void): void {
    this.#parked!.push(happen)
  }

  /** Goes on: what was due meanwhile happens now, in the order in which it was due. */
  resume(): void {
    const parked = this.#parked ?? []
    this.#parked = undefined
    for (const happen of parked) happen()
  }

  end(): void {
    this.#over = true
    this.#parked = undefined
    for (const step of [...this.pending]) {
      step.cancel()
      this.pending.delete(step)
    }
    for (const call of [...this.unanswered]) this.unanswered.delete(call)
  }

  fail(error: unknown): void {
    this.#failed(error)
  }
}

/** What a life that is over waits for. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}
