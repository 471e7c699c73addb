import { closeSync, openSync, writeSync } from "node:fs"
import { eventLine, headerLine } from "../properties/trace-lines.js"
import type { TraceEvent } from "../sim/trace.js"
import { UsageError } from "./usage-error.js"
import { version } from "./version.js"

/** Characters that are kept back until they are worth a write. */
const pieceLength = 65_536

/** A file that a trace is recorded to while it happens. */
export class TraceFile {
  readonly #file: number
  #unwritten: string

  /**
   * Makes the file, or empties it.
   * @param about What is recorded, for people.
   * @throws UsageError when it cannot be written
   */
  constructor(path: string, about: string) {
    try {
      this.#file = openSync(path, "w")
    } catch (error) {
      throw new UsageError(`--trace must be a file that can be written: ${(error as Error).message}`, { cause: error })
    }
    this.#unwritten = headerLine(`windtunnel ${version}, ${about}`)
  }

  write(event: TraceEvent): void {
    this.#unwritten += eventLine(event)
    if (this.#unwritten.length >= pieceLength) this.#flush()
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    writeSync(this.#file, this.#unwritten)
    this.#unwritten = ""
  }
}
