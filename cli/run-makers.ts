import { once } from "node:events"
import { extname } from "node:path"
import { Worker } from "node:worker_threads"
import type { RunReport } from "../properties/run-report.js"
import type { StoreKind } from "../properties/scenario.js"
import { type Shard, shardOf } from "../properties/shard.js"
import type { Effort } from "./run-options.js"

/** Runs of a check that are to be made: plain data. */
export type RunOrder = Effort & {
  readonly scenario: string
  readonly on: StoreKind
  readonly seed: number
  /** As on the command line. */
  readonly strategy: string
  readonly shard: Shard
  /** Module of the engine under test; undefined for this package's. */
  readonly engine?: string | undefined
}

export interface RunMakerData {
  /** URL of the module with the scenarios. */
  readonly scenarios: string
}
export type ToRunMaker = { readonly kind: "make"; readonly order: RunOrder } | { readonly kind: "stop" }
export type FromRunMaker =
  { readonly kind: "ready" } | { readonly kind: "report"; readonly report: RunReport } | { readonly kind: "done" }

/** A worker thread failed: not a run, but what makes runs. */
export class RunMakerError extends Error {
  override readonly name = "RunMakerError"
}

/** Worker threads that make runs between them. Each loads the scenarios once, for all checks of a command. */
export class RunMakers {
  readonly #makers: readonly RunMaker[]

  private constructor(makers: readonly RunMaker[]) {
    this.#makers = makers
  }

  /**
   * @param scenarios URL of a module that exports them.
   * @throws RunMakerError when a thread does not get ready.
   */
  static async start(count: number, scenarios = beside("../scenarios/index")): Promise<RunMakers> {
    const named = (n: number) => `worker thread ${n + 1} of ${count}`
    const makers = new RunMakers(Array.from({ length: count }, (_, n) => new RunMaker(named(n), scenarios)))
    await makers.#all((maker) => maker.ready())
    return makers
  }

  /**
   * Makes the runs, each thread a shard of them.
   * @param signal Aborted: no further run is begun.
   * @throws RunMakerError when a thread fails; the others are ended with it.
   */
  async make(order: RunOrder, report: (report: RunReport) => void, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return
    await this.#all((maker, n) => {
      const shard = shardOf(order.shard, { nth: n + 1, of: this.#makers.length })
      return maker.make({ ...order, shard }, report, signal)
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#makers.map((maker) => maker.close()))
  }

  async #all(task: (maker: RunMaker, n: number) => Promise<void>): Promise<void> {
    try {
      await Promise.all(this.#makers.map(task))
    } catch (error) {
      await this.close()
      throw error
    }
  }
}

/** One thread. */
class RunMaker {
  readonly #thread: Worker
  readonly #failed: Promise<never>

  constructor(name: string, scenarios: URL) {
    const workerData: RunMakerData = { scenarios: scenarios.href }
    this.#thread = new Worker(entry(beside("./run-maker")), { workerData })
    this.#failed = failure(name, this.#thread)
    this.#failed.catch(() => undefined)
  }

  async ready(): Promise<void> {
    await Promise.race([once(this.#thread, "message"), this.#failed])
  }

  async make(order: RunOrder, report: (report: RunReport) => void, signal?: AbortSignal): Promise<void> {
    const stop = () => this.#send({ kind: "stop" })
    const done = new Promise<void>((resolve) => {
      const hear = (message: FromRunMaker) => {
        if (message.kind === "report") report(message.report)
        if (message.kind !== "done") return
        this.#thread.off("message", hear)
        resolve()
      }
      this.#thread.on("message", hear)
    })
    signal?.addEventListener("abort", stop)
    this.#send({ kind: "make", order })
    try {
      await Promise.race([done, this.#failed])
    } finally {
      signal?.removeEventListener("abort", stop)
    }
  }

  async close(): Promise<void> {
    await this.#thread.terminate()
  }

  #send(message: ToRunMaker): void {
    this.#thread.postMessage(message)
  }
}

const failure = (name: string, thread: Worker): Promise<never> =>
  new Promise((_, reject) => {
    thread.once("error", (cause) => reject(new RunMakerError(`${name} failed: ${cause.message}`, { cause })))
    thread.once("exit", (code) => reject(new RunMakerError(`${name} ended early, with exit code ${code}`)))
  })

const extension = extname(import.meta.filename)
const beside = (module: string) => new URL(module + extension, import.meta.url)

/** In a clone the code is TypeScript, and every thread needs the loader that the command itself has. */
function entry(module: URL): URL {
  if (extension !== ".ts") return module
  const loader = import.meta.resolve("tsx/esm/api")
  const code = `import { register } from "${loader}"; register(); await import("${module.href}")`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}
