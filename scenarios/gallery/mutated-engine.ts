import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { threadId } from "node:worker_threads"
import ts from "typescript"
import type { EngineUnderTest } from "../../properties/engine-under-test.js"
import type { Edit, Mutant } from "./mutant.js"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Git does not see what is in here. */
const scratch = join(root, ".windtunnel", "mutants")

/** The engine with one line changed: a copy of its sources, as JavaScript, loaded beside the original. */
export async function mutatedEngine(mutant: Mutant): Promise<EngineUnderTest> {
  // Another process or thread may do the same at the same time.
  const folder = join(scratch, `${mutant.name.replaceAll(/\W+/g, "-")}-${process.pid}-${threadId}`)
  compiled ??= compileAll()
  const { sources, outputs } = await compiled
  const changed = new Map<string, string>()
  for (const edit of [mutant, mutant.also ?? []].flat())
    changed.set(edit.file, mutate(changed.get(edit.file) ?? sources.get(edit.file) ?? "", edit, mutant.name))
  for (const [file, output] of outputs) {
    const target = join(folder, file.replace(/\.ts$/, ".js"))
    await mkdir(dirname(target), { recursive: true })
    const text = changed.get(file)
    await writeFile(target, text === undefined ? output : javaScript(text))
  }
  const load = async (path: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href)
  const modules = await Promise.all(entries.map(load))
  await rm(folder, { recursive: true, force: true })
  // The real engine's type, though of other classes: nobody can tell from outside.
  return Object.assign({}, ...modules) as EngineUnderTest
}

const parts = ["engine", "stores/message-db", "stores/dynamo-store"]

const entries = [
  "engine/sink/streams-sink.js",
  "stores/message-db/source.js",
  "stores/message-db/pg-checkpoints.js",
  "stores/dynamo-store/index.js",
  "stores/dynamo-store/dynamo-store-indexer.js",
  "stores/dynamo-store/dynamo-store-source.js",
]

interface Compiled {
  /** By path from the repository's root. */
  readonly sources: ReadonlyMap<string, string>
  readonly outputs: ReadonlyMap<string, string>
}

/** Once for all mutants: all but one of their files are the same. */
let compiled: Promise<Compiled> | undefined

async function compileAll(): Promise<Compiled> {
  const sources = new Map<string, string>()
  for (const part of parts)
    for (const path of await readdir(join(root, part), { recursive: true })) {
      const file = join(part, path)
      if (isNeeded(file)) sources.set(file, await readFile(join(root, file), "utf8"))
    }
  return { sources, outputs: new Map([...sources].map(([file, text]) => [file, javaScript(text)])) }
}

const isNeeded = (file: string): boolean =>
  file.endsWith(".ts") && !file.endsWith(".test.ts") && !/\/(fake|fixtures|published)\//.test(file)

const javaScript = (text: string): string =>
  ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } })
    .outputText

/** @throws Error when the line is not there, or there twice: the mutant has to follow the code. */
export function mutate(text: string, { file, find, replace }: Edit, name: string): string {
  const times = text.split(find).length - 1
  if (times === 1) return text.replace(find, () => replace)
  throw new Error(`mutant "${name}": ${file} has ${times} times what exactly one place should have: ${find}`)
}
