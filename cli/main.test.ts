import { expect, test } from "vitest"
import { scenarios } from "../scenarios/index.js"
import { main } from "./main.js"
import type { Channel } from "./output.js"

/** Calls the command inside this process. */
async function windtunnel(...args: string[]) {
  const written = { stdout: "", stderr: "" }
  const channel = (name: keyof typeof written): Channel => ({
    write: (text) => void (written[name] += text),
    interactive: false,
    columns: 100,
  })
  const code = await main(args, { stdout: channel("stdout"), stderr: channel("stderr"), colors: false })
  return { code, ...written }
}

/** What differs from run to run. */
const masked = (text: string) => text.replace(/\d[\d ]*(\.\d+)?/g, "#")

test("list shows every scenario with what it shows", async () => {
  const { code, stdout, stderr } = await windtunnel("list")
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(stdout.trimEnd().split("\n")).toHaveLength(scenarios.length)
  expect(stdout).toMatchInlineSnapshot()
})

test("wrong usage has exit code 2 and says what is accepted, on stderr only", async () => {
  const calls = [
    ["run", "one-consumr"],
    ["run", "--runs", "none"],
    ["run", "--store", "oracle"],
    ["run", "--sed", "1"],
    ["fly"],
  ]
  const answers = []
  for (const args of calls) answers.push(await windtunnel(...args))
  expect(answers.map(({ code, stdout }) => ({ code, stdout }))).toEqual(calls.map(() => ({ code: 2, stdout: "" })))
  expect(answers.map(({ stderr }) => stderr)).toMatchInlineSnapshot()
})

test("help is an answer, not an error", async () => {
  const { code, stdout } = await windtunnel("run", "--help")
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot()
})

test("a run tells what held", async () => {
  const { code, stdout, stderr } = await windtunnel("run", "one-consumer", "--runs", "3", "--seed", "7")
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(masked(stdout)).toMatchInlineSnapshot()
})

test("with --json stdout is one document of version 1, and a person's report goes to stderr", async () => {
  const { code, stdout, stderr } = await windtunnel("run", "one-consumer", "hot-stream", "--runs", "2", "--json")
  expect(code).toBe(0)
  const { version, results } = JSON.parse(stdout) as { version: number; results: Record<string, unknown>[] }
  expect(version).toBe(1)
  expect(results.map(({ scenario, store, strategy, runs }) => ({ scenario, store, strategy, runs }))).toEqual(
    ["one-consumer", "hot-stream"].map((scenario) => ({ scenario, store: "fake", strategy: "random", runs: 2 })),
  )
  expect(Object.keys(results[0]!)).toEqual([
    ...["scenario", "store", "strategy", "seed", "runs", "steps", "virtualMs", "wallMs", "traceHash", "faults"],
    ...["properties", "violations"],
  ])
  expect(stderr).toContain("held")
})
