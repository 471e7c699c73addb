import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join, parse, relative, resolve, sep } from "node:path"
import { type Case, caseText, parseCase } from "../properties/case.js"

/** A case and the file that holds it. */
export interface KeptCase {
  readonly file: string
  readonly case: Case
}

/** Where the failures that were found are kept: of each scenario, store, engine and property the last one. */
export class CaseFolder {
  readonly #path: string
  readonly #engine: string | undefined

  /** @param engine Module of the engine that is under test; undefined for this package's. */
  constructor(path: string, engine?: string) {
    this.#path = path
    this.#engine = engine === undefined ? undefined : resolve(engine)
  }

  /** Answers the file's path. */
  async keep(found: Case): Promise<string> {
    await mkdir(this.#path, { recursive: true })
    const engine = this.#engine === undefined ? [] : [parse(this.#engine).name]
    const name = [found.scenario, found.on, ...engine, found.violation.property, "json"].join(".")
    const file = join(this.#path, name)
    await writeFile(
      file,
      caseText(this.#engine === undefined ? found : { ...found, engine: beside(file, this.#engine) }),
    )
    return file
  }

  /** Of this scenario and store, and of the engine under test, in the order of their names. @throws CaseFileError */
  async of(scenario: string, on: string): Promise<readonly KeptCase[]> {
    const names = await readdir(this.#path).catch(none)
    const files = names
      .filter((name) => name.startsWith(`${scenario}.${on}.`) && name.endsWith(".json"))
      .sort()
      .map((name) => join(this.#path, name))
    const kept = await Promise.all(files.map(async (file) => ({ file, case: await readCase(file) })))
    return kept.filter(({ case: { engine } }) => engine === this.#engine)
  }
}

/**
 * Reads a case; its engine is answered as an absolute path.
 * @throws CaseFileError, and what reading the file fails with
 */
export async function readCase(file: string): Promise<Case> {
  const found = parseCase(file, await readFile(file, "utf8"))
  return found.engine === undefined ? found : { ...found, engine: resolve(dirname(file), found.engine) }
}

/** A case and its engine's module can be moved together, and to a machine of another kind. */
const beside = (file: string, module: string): string => relative(dirname(resolve(file)), module).replaceAll(sep, "/")

function none(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
  throw error
}
