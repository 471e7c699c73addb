import { cp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { EngineUnderTest } from "../engine-under-test.js"
import type { Mutant } from "./mutant.js"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Git does not see what is in here. */
const scratch = join(root, ".windtunnel", "mutants")

/** The engine with one line changed: a copy of its sources, loaded beside the original. */
export async function mutatedEngine(mutant: Mutant): Promise<EngineUnderTest> {
  // Another process may do the same at the same time.
  const folder = join(scratch, `${mutant.name.replaceAll(/\W+/g, "-")}-${process.pid}`)
  for (const part of ["engine", "stores/message-db", "stores/dynamo-store"])
    await cp(join(root, part), join(folder, part), { recursive: true, filter: isNeeded })
  const file = join(folder, mutant.file)
  await writeFile(file, mutate(await readFile(file, "utf8"), mutant))
  const load = async (path: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href)
  const modules = await Promise.all(entries.map(load))
  await rm(folder, { recursive: true, force: true })
  // The real engine's type, though of other classes: nobody can tell from outside.
  return Object.assign({}, ...modules) as EngineUnderTest
}

const entries = [
  "engine/sink/streams-sink.ts",
  "stores/message-db/source.ts",
  "stores/message-db/pg-checkpoints.ts",
  "stores/dynamo-store/index.ts",
  "stores/dynamo-store/dynamo-store-indexer.ts",
  "stores/dynamo-store/dynamo-store-source.ts",
]

const isNeeded = (path: string): boolean => !path.endsWith(".test.ts") && !/\/(fake|fixtures|published)$/.test(path)

/** @throws Error when the line is not there, or there twice: the mutant has to follow the code. */
export function mutate(text: string, { name, file, find, replace }: Mutant): string {
  const times = text.split(find).length - 1
  if (times === 1) return text.replace(find, () => replace)
  throw new Error(`mutant "${name}": ${file} has ${times} times what exactly one place should have: ${find}`)
}
