import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type Case, caseText, parseCase } from "../properties/case.js"

/** A case and the file that holds it. */
export interface KeptCase {
  readonly file: string
  readonly case: Case
}

/** Where the failures that were found are kept: of each scenario, store and property the last one. */
export class CaseFolder {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Answers the file's path. */
  async keep(found: Case): Promise<string> {
    await mkdir(this.#path, { recursive: true })
    const file = join(this.#path, `${found.scenario}.${found.on}.${found.violation.property}.json`)
    await writeFile(file, caseText(found))
    return file
  }

  /** Of this scenario and store, in the order of their names. @throws CaseFileError */
  async of(scenario: string, on: string): Promise<readonly KeptCase[]> {
    const names = await readdir(this.#path).catch(none)
    const files = names
      .filter((name) => name.startsWith(`${scenario}.${on}.`) && name.endsWith(".json"))
      .sort()
      .map((name) => join(this.#path, name))
    return Promise.all(files.map(async (file) => ({ file, case: await readCase(file) })))
  }
}

/** @throws CaseFileError, and what reading the file fails with */
export const readCase = async (file: string): Promise<Case> => parseCase(file, await readFile(file, "utf8"))

function none(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
  throw error
}
