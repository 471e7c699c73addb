import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { playOf } from "../properties/play.js"
import type { Shard } from "../properties/shard.js"
import { merge } from "./merge.js"
import { recordedOutput } from "./recorded-output.js"
import { failsNowAndThen } from "./planted-scenarios.js"
import { run } from "./run.js"
import type { ReportDocument } from "./report-document.js"

const known = [failsNowAndThen]
const folder = () => mkdtemp(join(tmpdir(), "windtunnel-merge-"))

/** Runs the command on the planted scenario; names of folders and times, which differ, are left out of what it wrote. */
async function ran(shard: Shard, json: boolean) {
  const { written, output } = recordedOutput()
  const cases = await folder()
  const plan = [playOf("test", failsNowAndThen)]
  const effort = { runs: 20 }
  const seed = 5
  const code = await run(
    { plan, store: "fake", effort, seed, strategy: "portfolio", shard, workers: 1, json, cases },
    output,
  )
  return { code, stdout: json ? written.stdout : comparable(written.stdout, cases) }
}

async function merged(documents: readonly (string | object)[], json = false) {
  const { written, output } = recordedOutput()
  const cases = await folder()
  const files = documents.map((_, n) => join(cases, `${n}.json.shard`))
  for (const [n, document] of documents.entries())
    await writeFile(files[n]!, typeof document === "string" ? document : JSON.stringify(document))
  const code = await merge(files, { json, cases }, known, output).catch((error: unknown) => {
    throw new Error((error as Error).message.replaceAll(join(cases, "/"), "").replaceAll(".json.shard", ".json"))
  })
  return { code, stdout: json ? written.stdout : comparable(written.stdout, cases) }
}

const comparable = (text: string, cases: string) =>
  text.replaceAll(cases, "cases").replace(/ in [\d.]+ m?s \(.* steps\/s\)/, "")

async function shards(of: number): Promise<ReportDocument[]> {
  const documents = []
  for (let nth = 1; nth <= of; nth++)
    documents.push(JSON.parse((await ran({ nth, of }, true)).stdout) as ReportDocument)
  return documents
}

describe("merge", () => {
  test("reports of all shards what one run reports: the same words, histories, violations and exit code", async () => {
    const [first, second, third] = (await shards(3)) as [ReportDocument, ReportDocument, ReportDocument]
    const whole = { nth: 1, of: 1 }
    expect(await merged([first, second, third])).toEqual(await ran(whole, false))
    const timeless = (stdout: string) => {
      const document = JSON.parse(stdout) as ReportDocument
      return { ...document, results: document.results.map((result) => ({ ...result, wallMs: 0 })) }
    }
    const document = (await merged([third, first, second], true)).stdout
    expect(timeless(document)).toEqual(timeless((await ran(whole, true)).stdout))
  })

  test("refuses what does not belong together, and says why", async () => {
    const [one, two] = (await shards(2)) as [ReportDocument, ReportDocument]
    const [quarter] = (await shards(4)) as [ReportDocument]
    const wrong: (readonly (string | object)[])[] = [
      [one],
      [one, one],
      [one, two, two],
      [one, { ...two, seed: 6 }],
      [one, { ...two, effort: { runs: 21 } }],
      [one, { ...two, strategy: "fifo" }],
      [one, { ...two, plan: [] }],
      [one, { ...two, results: [] }],
      [one, quarter],
      [one, { ...two, windtunnel: "0.0.1" }],
      [one, { ...two, interrupted: true }],
      [one, { ...two, version: 2 }],
      [one, { ...two, results: [{ ...two.results[0], runs: -1 }] }],
      [one, "{"],
      [one, "[]"],
    ]
    const messages = []
    for (const documents of wrong)
      messages.push(
        await merged(documents).then(
          () => "accepted",
          (error: unknown) => (error as Error).message,
        ),
      )
    expect(messages).toMatchInlineSnapshot(`
      [
        "shard 2/2 is missing",
        "shard 1/2 is there twice",
        "shard 2/2 is there twice",
        "1.json is of another run than 0.json: its seed is 6, not 5",
        "1.json is of another run than 0.json: its extent is "--runs 21", not "--runs 20"",
        "1.json is of another run than 0.json: its strategy is "fifo", not "portfolio"",
        "1.json is of another run than 0.json: its scenarios is "", not "fails-now-and-then on message-db"",
        "1.json has no result of fails-now-and-then on message-db",
        "1.json is of another run than 0.json: its number of shards is 4, not 2",
        "1.json is of windtunnel 0.0.1, and this is 0.1.0",
        "1.json was interrupted: it does not have all runs of its shard",
        "1.json is no report of format 1: its version is 2",
        "1.json is not as a report should be, at results.0.runs: Invalid value: Expected >=0 but received -1",
        "1.json is no JSON, as "windtunnel run --json" writes it",
        "1.json is no report of format 1: its version is undefined",
      ]
    `)
  })
})
