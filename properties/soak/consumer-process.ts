import { type ChildProcess, fork } from "node:child_process"
import { closeSync, openSync, readSync, rmSync } from "node:fs"
import { extname } from "node:path"
import { fileURLToPath } from "node:url"
import type { ConsumerOrder } from "./consumer-program.js"
import { type StampedEvent, stampedEvent, steadyNow } from "./stamped-line.js"

const program = fileURLToPath(new URL(`./consumer-program${extname(import.meta.url)}`, import.meta.url))

/** A process of a soak, from its start to its end, and what it has told so far. */
export class ConsumerProcess {
  readonly name: string
  readonly #traceFile: string
  readonly #child: ChildProcess
  readonly #file: number
  readonly #piece = Buffer.alloc(1 << 20)
  #begun = ""
  #pausedAt: bigint | undefined
  #isOver = false
  #hasDied = false
  /** Resolves when the process is gone, however it ended. */
  readonly ended: Promise<void>

  constructor(order: ConsumerOrder) {
    this.name = order.name
    this.#traceFile = order.traceFile
    this.#file = openSync(order.traceFile, "a+")
    // A clone's sources are run by tsx, which this process has loaded as well.
    const execArgv = program.endsWith(".ts") ? ["--import", "tsx"] : []
    this.#child = fork(program, { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] })
    this.ended = new Promise((resolve) =>
      this.#child.once("exit", (code) => {
        this.#isOver = true
        this.#hasDied = code !== 0
        resolve()
      }),
    )
    this.#child.on("error", () => undefined)
    this.#child.send(order)
  }

  /** What it is called in the trace: this start, its only one. */
  get process(): string {
    return `${this.name}#1`
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether it has ended otherwise than as it was asked to. */
  get hasDied(): boolean {
    return this.#hasDied
  }

  /** Whether a signal has stopped it in its tracks. */
  get isPaused(): boolean {
    return this.#pausedAt !== undefined
  }

  /** What it has told, and will not come back to, was told before this time. Undefined: it will tell no more. */
  toldUntil(now: bigint): bigint | undefined {
    return this.#isOver ? undefined : (this.#pausedAt ?? now)
  }

  kill(): void {
    this.#child.kill("SIGKILL")
  }

  pause(): void {
    this.#pausedAt = steadyNow()
    this.#child.kill("SIGSTOP")
  }

  resume(): void {
    this.#pausedAt = undefined
    this.#child.kill("SIGCONT")
  }

  stop(): void {
    if (this.#child.connected) this.#child.send("stop")
  }

  /** The events that it has written since the last time. */
  read(): readonly StampedEvent[] {
    const events: StampedEvent[] = []
    for (;;) {
      const length = readSync(this.#file, this.#piece, 0, this.#piece.length, null)
      if (length === 0) return events
      const lines = (this.#begun + this.#piece.toString("latin1", 0, length)).split("\n")
      this.#begun = lines.pop() ?? ""
      for (const line of lines) events.push(stampedEvent(Buffer.from(line, "latin1").toString("utf8")))
    }
  }

  /** To be called when it is over and all of it was read. */
  close(): void {
    closeSync(this.#file)
    rmSync(this.#traceFile, { force: true })
  }
}
