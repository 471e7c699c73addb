import { cp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { StreamsSink } from "../../engine/sink/streams-sink.js"
import type { PgCheckpoints } from "../../stores/message-db/pg-checkpoints.js"
import type { MessageDbSource } from "../../stores/message-db/source.js"
import type { EngineUnderTest } from "../engine-under-test.js"
import type { Mutant } from "./mutant.js"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Git does not see what is in here. */
const scratch = join(root, ".windtunnel", "mutants")

/** The engine with one line changed: a copy of its sources, loaded beside the original. */
export async function mutatedEngine(mutant: Mutant): Promise<Partial<EngineUnderTest>> {
  const folder = join(scratch, mutant.name.replaceAll(/\W+/g, "-"))
  await rm(folder, { recursive: true, force: true })
  for (const part of ["engine", "stores/message-db"])
    await cp(join(root, part), join(folder, part), { recursive: true, filter: isNeeded })
  const file = join(folder, mutant.file)
  await writeFile(file, mutate(await readFile(file, "utf8"), mutant))
  const load = async (path: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href)
  const sink = (await load("engine/sink/streams-sink.ts")) as { StreamsSink: typeof StreamsSink }
  const source = (await load("stores/message-db/source.ts")) as { MessageDbSource: typeof MessageDbSource }
  const checkpoints = (await load("stores/message-db/pg-checkpoints.ts")) as { PgCheckpoints: typeof PgCheckpoints }
  return { ...sink, ...source, ...checkpoints }
}

const isNeeded = (path: string): boolean => !path.endsWith(".test.ts") && !/\/(fake|fixtures)$/.test(path)

/** @throws Error when the line is not there, or there twice: the mutant has to follow the code. */
export function mutate(text: string, { name, file, find, replace }: Mutant): string {
  const times = text.split(find).length - 1
  if (times === 1) return text.replace(find, () => replace)
  throw new Error(`mutant "${name}": ${file} has ${times} times what exactly one place should have: ${find}`)
}
