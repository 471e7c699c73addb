import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { EngineUnderTest } from "../properties/engine-under-test.js"
import { referenceEngine } from "../properties/reference-engine.js"
import { similarNames } from "./similar-names.js"
import { UsageError } from "./usage-error.js"

/**
 * The engine of a module: what it exports by default are parts of an engine under test, the others are this package's.
 * Without a module, this package's engine.
 * @throws UsageError when there is no such file, it cannot be loaded, or what it exports is no engine
 */
export async function engineOf(module: string | undefined): Promise<EngineUnderTest> {
  if (module === undefined) return referenceEngine
  const file = resolve(module)
  const refuse = (why: string) => new UsageError(`the engine ${module} ${why}`)
  if (!existsSync(file)) throw refuse("is no file that is there")
  const loaded = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw refuse(`cannot be loaded: ${(error as Error).message}`)
  })) as { readonly default?: unknown }
  const parts = loaded.default
  if (typeof parts !== "object" || parts === null) throw refuse("has no default export that is an object of parts")
  for (const name of Object.keys(parts)) if (!known.includes(name)) throw refuse(unknownPart(name))
  const { globals } = parts as Partial<EngineUnderTest>
  if (globals !== undefined && globals !== "virtual") throw refuse(`has globals ${String(globals)}, not "virtual"`)
  return { ...referenceEngine, ...parts }
}

const known = ["globals", ...Object.keys(referenceEngine)]

function unknownPart(name: string): string {
  const similar = similarNames(name, known)
  return `has a part ${name} that there is not: ${similar.length > 0 ? `is it ${similar.join(" or ")}?` : known.join(", ")}`
}
