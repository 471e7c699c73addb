import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** The version of this package, as its package.json has it: above the sources as well as above the build. */
export const kitVersion = (JSON.parse(readFileSync(manifestAbove(import.meta.dirname), "utf8")) as { version: string })
  .version

function manifestAbove(folder: string): string {
  const manifest = join(folder, "package.json")
  return existsSync(manifest) ? manifest : manifestAbove(dirname(folder))
}
