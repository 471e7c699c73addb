import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join, parse, relative, resolve, sep } from "node:path"
import { type Case, caseText, parseCase } from "../properties/case.js"

/** A case and the file that holds it. */
export interface KeptCase {
  readonly file: string
  readonly case: Case
}

/** Where the failures that were found are kept: of each scenario, store, module under test and property the last one. */
export class CaseFolder {
  readonly #path: string
  readonly #module: string | undefined
  readonly #kind: "engine" | "adapter"

  /**
   * @param module Of what is under test; undefined for this package's engine.
   * @param kind Whether it is an engine that scenarios run on or an adapter that the conformance kit drives.
   */
  constructor(path: string, module?: string, kind: "engine" | "adapter" = "engine") {
    this.#path = path
    this.#module = module === undefined ? undefined : resolve(module)
    this.#kind = kind
  }

  /** Answers the file's path. */
  async keep(found: Case): Promise<string> {
    await mkdir(this.#path, { recursive: true })
    const module = this.#module
    const named = module === undefined ? [] : [parse(module).name]
    const name = [found.scenario, found.on, ...named, found.violation.property, "json"].join(".")
    const file = join(this.#path, name)
    await writeFile(file, caseText(module === undefined ? found : { ...found, [this.#kind]: beside(file, module) }))
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
    return kept.filter(({ case: { engine, adapter } }) => (engine ?? adapter) === this.#module)
  }
}

/**
 * Reads a case; its engine or adapter is answered as an absolute path.
 * @throws CaseFileError, and what reading the file fails with
 */
export async function readCase(file: string): Promise<Case> {
  const found = parseCase(file, await readFile(file, "utf8"))
  const absolute = (module: string) => resolve(dirname(file), module)
  const { engine, adapter } = found
  return {
    ...found,
    ...(engine !== undefined && { engine: absolute(engine) }),
    ...(adapter !== undefined && { adapter: absolute(adapter) }),
  }
}

/** A case and the module under test can be moved together, and to a machine of another kind. */
const beside = (file: string, module: string): string => relative(dirname(resolve(file)), module).replaceAll(sep, "/")

function none(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
  throw error
}
