import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { type FuzzCase, fuzzCaseText, type NamedCase, parseFuzzCase } from "./fuzz-case.js"

/** The failures of one reaction that were found, a file for the last one of each axis. */
export class KeptCases {
  readonly #folder: string
  readonly #reaction: string

  constructor(folder: string, reaction: string) {
    this.#folder = folder
    this.#reaction = reaction
  }

  /** Answers the file's path. */
  async keep(found: FuzzCase): Promise<string> {
    await mkdir(this.#folder, { recursive: true })
    const file = path.join(this.#folder, `${fileName(this.#reaction)}.${fileName(found.axis)}.json`)
    await writeFile(file, fuzzCaseText({ reaction: this.#reaction, case: found }))
    return file
  }

  /** In the order of their files' names. @throws CaseFileError */
  async all(): Promise<readonly FuzzCase[]> {
    const names = await readdir(this.#folder).catch(none)
    const own = names.filter((name) => name.startsWith(`${fileName(this.#reaction)}.`) && name.endsWith(".json")).sort()
    const kept = await Promise.all(own.map((name) => readFuzzCase(path.join(this.#folder, name))))
    return kept.filter(({ reaction }) => reaction === this.#reaction).map((one) => one.case)
  }
}

/** @throws CaseFileError, and what reading the file fails with */
export const readFuzzCase = async (file: string): Promise<NamedCase> =>
  parseFuzzCase(file, await readFile(file, "utf8"))

/** What of a name every file system takes. */
const fileName = (name: string): string => name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 80)

function none(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
  throw error
}
