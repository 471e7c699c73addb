import { execFile } from "node:child_process"
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** A Node.js of another version than the one that runs this, or why there is none. */
export type AnotherNode = { readonly path: string } | { readonly missing: string }

/** Newer than the oldest one that is supported; its binaries are packages of npm. */
export const anotherVersion = "24.22.3"

const platforms: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin" }

/**
 * For tests that compare versions of Node. The binary is fetched once into `.windtunnel/`: as a dependency it would be
 * the `node` of all npm scripts.
 */
export async function findAnotherNode(): Promise<AnotherNode> {
  const platform = platforms[process.platform]
  if (platform === undefined) return { missing: `no package with Node ${anotherVersion} for ${process.platform}` }
  const folder = fileURLToPath(new URL("../.windtunnel/", import.meta.url))
  const path = join(folder, `node-${anotherVersion}`)
  try {
    await access(path).catch(() => fetchBinary(`node-${platform}-${process.arch}`, folder, path))
    const { stdout } = await run(path, ["--version"])
    return stdout.trim() === `v${anotherVersion}` ? { path } : { missing: `${path} is Node ${stdout.trim()}` }
  } catch (error) {
    return { missing: `Node ${anotherVersion} cannot be had: ${reasonOf(error)}` }
  }
}

const run = promisify(execFile)

/** Whoever is first gives it its name, at once: what has the name is complete. */
async function fetchBinary(name: string, folder: string, path: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const made = await mkdtemp(`${path}-`)
  try {
    await run("npm", [
      "pack",
      `${name}@${anotherVersion}`,
      "--ignore-scripts",
      "--fetch-retries=1",
      "--pack-destination",
      made,
    ])
    await run("tar", ["-xzf", join(made, `${name}-${anotherVersion}.tgz`), "-C", made, "package/bin/node"])
    await rename(join(made, "package", "bin", "node"), path)
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

/** Of what npm says only its code: a registry's URL may hold a secret. */
function reasonOf(error: unknown): string {
  const { stderr, code, message } = error as { stderr?: string; code?: number | string; message: string }
  if (stderr === undefined) return message
  return /^npm (?:error|ERR!) code (\S+)/m.exec(stderr)?.[1] ?? `a command ended with ${code}`
}
