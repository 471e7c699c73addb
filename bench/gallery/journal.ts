import { appendFile, mkdir, readFile, rm } from "node:fs/promises"
import { dirname } from "node:path"
import type { Hunted } from "./worker.js"

export interface Hunt {
  readonly bug: string
  readonly strategy: string
  readonly seed: number
}

/** What was hunted, a line for each hunt, so that an hour's work that is interrupted can go on where it was. */
export class Journal {
  readonly #file: string
  readonly #known: ReadonlyMap<string, Hunted>

  private constructor(file: string, known: ReadonlyMap<string, Hunted>) {
    this.#file = file
    this.#known = known
  }

  /** @param goesOn Whether what is in it counts; else it begins anew. */
  static async open(file: string, goesOn: boolean): Promise<Journal> {
    await mkdir(dirname(file), { recursive: true })
    if (!goesOn) await rm(file, { force: true })
    const text = await readFile(file, "utf8").catch(() => "")
    const lines = text.split("\n").filter((line) => line !== "")
    const entries = lines.map((line) => JSON.parse(line) as Hunt & Hunted)
    return new Journal(file, new Map(entries.map((entry) => [keyOf(entry), { runs: entry.runs, ms: entry.ms }])))
  }

  /** What was found, or what is found now. */
  async take(hunt: Hunt, find: () => Promise<Hunted>): Promise<Hunted & { readonly isNew: boolean }> {
    const known = this.#known.get(keyOf(hunt))
    if (known !== undefined) return { ...known, isNew: false }
    const found = await find()
    await appendFile(this.#file, `${JSON.stringify({ ...hunt, ...found })}\n`)
    return { ...found, isNew: true }
  }
}

const keyOf = ({ bug, strategy, seed }: Hunt): string => JSON.stringify([bug, strategy, seed])
