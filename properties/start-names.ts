import type { ProcessContext } from "../sim/world.js"

/** Names the starts of consumers: a process that starts its consumer again, after a failure, starts another sink. */
export class StartNames {
  readonly #starts = new Map<string, number>()

  next({ id }: ProcessContext): string {
    const n = (this.#starts.get(id) ?? 0) + 1
    this.#starts.set(id, n)
    return `${id}.${n}`
  }
}
