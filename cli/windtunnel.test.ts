/** The command as users start it: a process of its own, with its exit code and its two streams. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, expect, test, type TestOptions } from "vitest"
import { anotherVersion, findAnotherNode } from "./another-node.js"
import { needsEmbeddedMessageDb } from "../stores/message-db/real-database.js"

const bin = fileURLToPath(new URL("../bin/windtunnel.js", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const windtunnel = (args: readonly string[], env: NodeJS.ProcessEnv = {}, node = process.execPath) =>
  new Promise<Ended>((resolve) => {
    const child = execFile(
      node,
      [bin, ...args],
      { env: { ...process.env, NO_COLOR: "1", ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    )
  })

const another = await findAnotherNode()
const nodePath = "path" in another ? another.path : undefined
const needsAnotherNode: TestOptions =
  "path" in another ? { timeout: 60_000 } : { skip: true, meta: { leftOut: another.missing } }

const scenarios = ["crash-and-restart", "process-manager", "several-categories", "consumer-group", "epoch-rollover"]

async function hashes(args: readonly string[], node = process.execPath): Promise<string[]> {
  const { code, stdout } = await windtunnel(["run", ...scenarios, "--runs", "2", "--json", ...args], {}, node)
  expect(code).toBe(0)
  return (JSON.parse(stdout) as { results: { traceHash: string }[] }).results.map(({ traceHash }) => traceHash)
}

describe("one seed is one history", () => {
  const seven = ["--seed", "7"]
  let first: string[]
  beforeAll(async () => {
    first = await hashes(seven)
  })

  test("in every process, and another seed another one", { timeout: 60_000 }, async () => {
    const [again, other] = await Promise.all([hashes(seven), hashes(["--seed", "8"])])
    expect(again).toEqual(first)
    expect(other.filter((hash) => first.includes(hash))).toEqual([])
  })

  test("by any number of threads", { timeout: 60_000 }, async () => {
    expect(await hashes([...seven, "--workers", "2"])).toEqual(first)
  })

  test(`on Node ${process.versions.node} and on Node ${anotherVersion}`, needsAnotherNode, async () => {
    expect(await hashes(seven, nodePath)).toEqual(first)
  })
})

test("a server that does not answer has exit code 3, and its password stays secret", async () => {
  const ended = await windtunnel(["run", "one-consumer", "--store", "embedded"], {
    MDB_CONN_STR: "postgres://somebody:s3cret-w0rd@127.0.0.1:1/nowhere",
  })
  expect(ended.code).toBe(3)
  expect(ended.stdout).toBe("")
  expect(ended.stderr).toContain("could not be reached")
  expect(ended.stderr).not.toContain("s3cret")
})

test("a DynamoDB that does not answer, and an endpoint that is none", async () => {
  const run = (endpoint: string) =>
    windtunnel(["run", "one-consumer", "--on", "dynamo-store", "--store", "embedded"], {
      DYNAMODB_ENDPOINT: endpoint,
    })
  const [silent, none] = await Promise.all([run("http://127.0.0.1:1"), run("localhost:8000")])
  expect(silent).toMatchObject({ code: 3, stdout: "" })
  expect(silent.stderr).toContain("the DynamoDB could not be reached")
  expect(none).toMatchObject({ code: 2, stdout: "" })
  expect(none.stderr).toContain("DYNAMODB_ENDPOINT must be a URL such as http://localhost:8000")
})

test(
  "an embedded store that cannot be had is left out, unless it is all that was asked for",
  { ...needsEmbeddedMessageDb, timeout: 60_000 },
  async () => {
    const env = { DYNAMODB_ENDPOINT: "", JAVA_HOME: "/nowhere", MDB_CONN_STR: "" }
    const run = (...args: string[]) => windtunnel(["run", "one-consumer", "--store", "embedded", ...args], env)
    const [both, json, alone] = await Promise.all([run(), run("--json"), run("--on", "dynamo-store")])
    expect(both.code).toBe(0)
    expect(both.stdout).toMatch(
      /^– dynamo-store is left out: DynamoDB Local needs Java, and \/nowhere\/bin\/java could not be run/m,
    )
    expect(both.stdout).toMatch(/^✓ one-consumer {2}message-db /m)
    const { skipped, results } = JSON.parse(json.stdout) as { skipped: { on: string }[]; results: { on: string }[] }
    expect([skipped, results].map((list) => list.map(({ on }) => on))).toEqual([["dynamo-store"], ["message-db"]])
    expect(alone).toMatchObject({ code: 3, stdout: "" })
    expect(alone.stderr).toContain("DynamoDB Local needs Java")
  },
)

describe("a reader that goes away", () => {
  const unread = async (...args: string[]) => {
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", MDB_CONN_STR: "", JAVA_HOME: "/nowhere", DYNAMODB_ENDPOINT: "" },
    })
    const ended = once(child, "close") as Promise<[number | null]>
    let errors = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text))
    child.stdout.once("data", () => child.stdout.destroy())
    return { code: (await ended)[0], errors }
  }

  test("ends a check without a word", { timeout: 60_000 }, async () => {
    expect(await unread("run", "--store", "fake", "--time", "10s")).toEqual({ code: 141, errors: "" })
  })

  test(
    "ends a check on a real store, whose server is stopped",
    { ...needsEmbeddedMessageDb, timeout: 60_000 },
    async () => {
      const { code, errors } = await unread("run", "--store", "embedded", "--time", "10m")
      expect(code).toBe(141)
      expect(errors).not.toContain("EPIPE")
    },
  )
})

describe("Ctrl-C", () => {
  test("ends a check with what was found so far and exit code 130", { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, [bin, "run", "--store", "fake", "--time", "10m"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NO_COLOR: "1" },
    })
    let told = ""
    const ended = once(child, "close") as Promise<[number | null]>
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      if (told === "") child.kill("SIGINT")
      told += chunk as string
    }
    expect((await ended)[0]).toBe(130)
    expect(told).toMatch(/interrupted, \d+ scenarios not run; so far /)
  })

  test(
    "stops the embedded servers and leaves nothing of them behind",
    { ...needsEmbeddedMessageDb, timeout: 60_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "windtunnel-interrupted-"))
      await chmod(folder, 0o755)
      const env = { ...process.env, TMPDIR: folder, MDB_CONN_STR: "", DYNAMODB_ENDPOINT: "" }
      const child = spawn(process.execPath, [bin, "run", "--store", "embedded", "--time", "10m"], {
        stdio: ["ignore", "pipe", "ignore"],
        env,
      })
      const ended = once(child, "close") as Promise<[number | null]>
      await once(child.stdout, "data")
      const left = async () => (await readdir(folder)).filter((name) => /^windtunnel-(postgres|dynamodb)-/.test(name))
      expect(await left()).not.toEqual([])
      child.kill("SIGINT")
      expect((await ended)[0]).toBe(130)
      expect(await left()).toEqual([])
      await rm(folder, { recursive: true })
    },
  )
})
