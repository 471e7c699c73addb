import { mkdir, mkdtemp, readFile, rename, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { playOf } from "../properties/play.js"
import { referenceEngine } from "../properties/reference-engine.js"
import { onMessageDb } from "../properties/scenario.js"
import { engineOf } from "./engine-module.js"
import type { Output } from "./output.js"
import { replay } from "./replay.js"
import { run } from "./run.js"
import type { RunOptions } from "./run-options.js"

/** Checkpoints that keep nothing. */
const forgetful = `
export default {
  PgCheckpoints: class {
    async ensureTable() {}
    async load() { return 0n }
    async commit() {}
  }
}`

/** Fails on any checkpoints but this package's. */
const loyal = onMessageDb({
  name: "loyal",
  title: "",
  sometimes: { handled: Infinity },
  async run({ engine }) {
    if (engine.PgCheckpoints !== referenceEngine.PgCheckpoints) throw new Error("these are not ours")
  },
})

async function written(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "windtunnel-engine-")), "engine.mjs")
  await writeFile(file, text)
  return file
}

function silent() {
  const told = { text: "" }
  const channel = { write: (text: string) => void (told.text += text), interactive: false, columns: 80 }
  const output: Output = { stdout: channel, stderr: channel, colors: false, closed: new AbortController().signal }
  return { told, output }
}

const options = (cases: string, engine?: string): RunOptions => ({
  plan: [playOf("test", loyal)],
  store: "fake",
  effort: { runs: 1 },
  seed: 1,
  strategy: "portfolio",
  shard: { nth: 1, of: 1 },
  workers: 1,
  json: false,
  cases,
  engine,
})

test("the parts that a module exports take the place of this package's", async () => {
  expect(await engineOf(undefined)).toBe(referenceEngine)
  const engine = await engineOf(await written(forgetful))
  expect(engine.PgCheckpoints).not.toBe(referenceEngine.PgCheckpoints)
  expect(engine.MessageDbSource).toBe(referenceEngine.MessageDbSource)
})

test("what is no engine is refused, and why is said", async () => {
  const refused = async (text: string) => {
    const file = await written(text)
    const error = await engineOf(file).catch((error: unknown) => error as Error)
    return (error as Error).message.replace(file, "engine.mjs")
  }
  expect(await engineOf("no/such/engine.ts").catch((error: unknown) => (error as Error).message)).toMatchInlineSnapshot(
    `"the engine no/such/engine.ts is no file that is there"`,
  )
  expect(await refused("export const engine = {}")).toMatchInlineSnapshot(
    `"the engine engine.mjs has no default export that is an object of parts"`,
  )
  expect(await refused("throw new Error('not today')")).toMatchInlineSnapshot(
    `"the engine engine.mjs cannot be loaded: not today"`,
  )
  expect(await refused("export default { StreamSink: {} }")).toMatchInlineSnapshot(
    `"the engine engine.mjs has a part StreamSink that there is not: is it StreamsSink?"`,
  )
  expect(await refused("export default { globals: 'real' }")).toMatchInlineSnapshot(
    `"the engine engine.mjs has globals real, not "virtual""`,
  )
})

test("a failure is kept with its engine, found again wherever the two are, and not laid to another engine", async () => {
  const engine = await written(forgetful)
  const home = join(engine, "..")
  const cases = join(home, "cases")
  const first = silent()
  expect(await run(options(cases, engine), first.output)).toBe(1)
  expect(first.told.text).toContain(`--store fake --engine ${engine} --seed`)

  const name = "loyal.message-db.engine.run.json"
  expect(JSON.parse(await readFile(join(cases, name), "utf8"))).toMatchObject({ engine: "../engine.mjs" })
  expect(await run(options(cases), silent().output)).toBe(0)

  await mkdir(join(home, "elsewhere"))
  for (const each of ["cases", "engine.mjs"]) await rename(join(home, each), join(home, "elsewhere", each))
  const again = silent()
  expect(await replay([join(home, "elsewhere", "cases", name)], [loyal], again.output)).toBe(1)
  expect(again.told.text).toContain("✗ run is violated again")
})
