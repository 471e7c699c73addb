/** The command as users start it: a process of its own, with its exit code and its two streams. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const bin = fileURLToPath(new URL("../bin/windtunnel.js", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const windtunnel = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  new Promise<Ended>((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { env: { ...process.env, ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    )
  })

const scenarios = ["crash-and-restart", "process-manager", "several-categories", "consumer-group"]

async function hashes(...args: string[]): Promise<string[]> {
  const { code, stdout } = await windtunnel(["run", ...scenarios, "--runs", "3", "--json", ...args])
  expect(code).toBe(0)
  return (JSON.parse(stdout) as { results: { traceHash: string }[] }).results.map(({ traceHash }) => traceHash)
}

test("one seed is one history in every process, and another seed another one", { timeout: 60_000 }, async () => {
  const [first, again, other] = await Promise.all([hashes("--seed", "7"), hashes("--seed", "7"), hashes("--seed", "8")])
  expect(again).toEqual(first)
  expect(other.filter((hash) => first.includes(hash))).toEqual([])
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

  test("stops the embedded server and leaves nothing of it behind", { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "windtunnel-interrupted-"))
    await chmod(folder, 0o755)
    const env = { ...process.env, TMPDIR: folder, MDB_CONN_STR: "" }
    const child = spawn(process.execPath, [bin, "run", "one-consumer", "--store", "embedded", "--time", "10m"], {
      stdio: ["ignore", "pipe", "ignore"],
      env,
    })
    const ended = once(child, "close") as Promise<[number | null]>
    await once(child.stdout, "data")
    const left = () => readdir(folder).then((names) => names.filter((name) => name.startsWith("windtunnel-postgres-")))
    expect(await left()).toHaveLength(1)
    child.kill("SIGINT")
    expect((await ended)[0]).toBe(130)
    expect(await left()).toEqual([])
    await rm(folder, { recursive: true })
  })
})
