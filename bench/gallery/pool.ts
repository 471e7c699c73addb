import { Worker } from "node:worker_threads"
import type { Hunted, Task, Told } from "./worker.js"

type Answer<T extends Task> = T extends { kind: "hunt" } ? Hunted : Told | undefined

/** A thread does not take the loader of TypeScript over from the one that starts it. */
const entry = `import("tsx/esm/api").then(({ register }) => {
  register()
  return import(${JSON.stringify(new URL("./worker.ts", import.meta.url).href)})
})`

interface Waiting {
  readonly task: Task
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** Threads that do tasks, each one at a time, in the order in which they are asked for. */
export class Pool {
  readonly #workers: Worker[] = []
  readonly #idle: Worker[] = []
  readonly #waiting: Waiting[] = []

  constructor(threads: number) {
    for (let n = 0; n < threads; n++) {
      const worker = new Worker(entry, { eval: true })
      this.#workers.push(worker)
      this.#idle.push(worker)
    }
  }

  run<T extends Task>(task: T): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject })
      this.#next()
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #next(): void {
    const worker = this.#idle[0]
    const waiting = this.#waiting[0]
    if (worker === undefined || waiting === undefined) return
    this.#idle.shift()
    this.#waiting.shift()
    const ended = (code: number) => waiting.reject(new Error(`a thread ended with exit code ${code}`))
    const done = ({ value, error }: { value: unknown; error?: Error }) => {
      worker.off("error", waiting.reject)
      worker.off("exit", ended)
      this.#idle.push(worker)
      if (error === undefined) waiting.resolve(value as never)
      else waiting.reject(error)
      this.#next()
    }
    worker.once("message", done)
    worker.once("error", waiting.reject)
    worker.once("exit", ended)
    worker.postMessage(waiting.task)
  }
}
