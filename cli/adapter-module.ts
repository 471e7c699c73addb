import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { InvalidOptionError } from "../engine/options.js"
import type { Adapter } from "../properties/conformance/adapter.js"
import { validAdapter } from "../properties/conformance/valid-adapter.js"
import { UsageError } from "./usage-error.js"

/**
 * The adapter that a module exports by default.
 * @throws UsageError when there is no such file, it cannot be loaded, or what it exports is no adapter
 */
export async function adapterIn(module: string): Promise<Adapter> {
  const file = resolve(module)
  const refuse = (why: string) => new UsageError(`the adapter ${module} ${why}`)
  if (!existsSync(file)) throw refuse("is no file that is there")
  const loaded = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw refuse(`cannot be loaded: ${(error as Error).message}`)
  })) as { readonly default?: unknown }
  try {
    return validAdapter(loaded.default)
  } catch (error) {
    if (error instanceof InvalidOptionError) throw refuse(`is none: ${error.message}`)
    throw error
  }
}
