/*
 * What checking costs.
 *
 *   scenarios   all scenarios on the fakes with all properties watching, beside the same runs with none: steps per second of
 *               processor time
 *   trace       `windtunnel check` of a recorded trace of a million events, beside JSON.parse of the same lines
 *
 * Both in one process and in alternation, so that other work on the machine concerns both. At the end come the targets.
 *
 *   npm run bench:checking                  5 rounds, a million events
 *   npm run bench:checking -- quick         3 rounds, a tenth of it
 */
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { checkTrace } from "../cli/check-trace.js"
import { TraceFile } from "../cli/trace-file.js"
import { StreamName } from "../engine/stream-name.js"
import { host } from "../properties/deployment/host.js"
import { properties } from "../properties/invariants.js"
import type { Property } from "../properties/monitor.js"
import { playOf } from "../properties/play.js"
import { referenceEngine } from "../properties/reference-engine.js"
import { onMessageDb, storesOf } from "../properties/scenario.js"
import { seedOfRun } from "../properties/seeds.js"
import { simulatedRun } from "../properties/simulated-run.js"
import { scenarios } from "../scenarios/index.js"

// The SDK warns of the end of Node 20.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true"

const quick = process.argv.includes("quick")
const rounds = quick ? 3 : 5
const runs = quick ? 2 : 8
const traceEvents = quick ? 100_000 : 1_000_000

const plays = scenarios.flatMap((scenario) => storesOf(scenario).map((on) => playOf("bench", scenario, on)))

/** Processor time of all threads, in milliseconds. */
async function cost(work: () => Promise<void>): Promise<number> {
  const began = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1_000
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Every scenario on every store, once with each of these. Answers the steps taken, and the time that it took with each. */
async function watched(sets: ReadonlyMap<string, readonly Property[]>, times: Map<string, number[]>): Promise<number> {
  const ms = new Map([...sets.keys()].map((name) => [name, 0]))
  let steps = 0
  for (const play of plays)
    for (let n = 0; n < runs; n++)
      for (const [name, watching] of sets) {
        const under = { play, engine: referenceEngine, properties: watching, seed: seedOfRun("checking", n) }
        const took = await cost(async () => {
          const run = await simulatedRun(under)
          if (name === "none") steps += run.steps
        })
        ms.set(name, ms.get(name)! + took)
      }
  for (const [name, took] of ms) times.set(name, [...(times.get(name) ?? []), took])
  return steps
}

const sets = new Map<string, readonly Property[]>([
  ["none", []],
  ["all", properties],
])
const times = new Map<string, number[]>()
let steps = 0
await watched(sets, new Map())
for (let round = 0; round < rounds; round++) steps = await watched(sets, times)

const rate = (name: string) => (1_000 * steps) / median(times.get(name)!)
const share = 1 - rate("all") / rate("none")
console.log(
  `scenarios, ${plays.length * runs} runs: ${thousands(rate("none"))} steps/s unwatched, ${thousands(rate("all"))} with all ${properties.length} properties: ${percent(share)} less`,
)
const folder = mkdtempSync(join(tmpdir(), "windtunnel-bench-"))
const file = join(folder, "trace.jsonl")
const recorded = await record(file)
console.log(`\ntrace: ${recorded} events, ${(statSync(file).size / 1e6).toFixed(0)} MB`)
const checking: number[] = []
const parsing: number[] = []
let peak = 0
for (let round = 0; round < rounds; round++) {
  parsing.push(await cost(() => parse(file)))
  checking.push(await cost(() => checked(file)))
  peak = Math.max(peak, process.memoryUsage().rss)
}
const [parsed, watchedMs] = [median(parsing), median(checking)]
console.log(`  JSON.parse of its lines  ${seconds(parsed)}`)
console.log(
  `  windtunnel check         ${seconds(watchedMs)}, ${(watchedMs / parsed).toFixed(1)} times as much; resident ${(peak / 1e6).toFixed(0)} MB`,
)
rmSync(folder, { recursive: true })

const targets = [
  {
    what: "share of the steps per second that checking takes",
    got: percent(share),
    met: share <= 0.2,
    target: "at most 20 %",
  },
  {
    what: "seconds for a million events",
    got: seconds((watchedMs * 1e6) / recorded),
    met: (watchedMs * 1e6) / recorded <= 30_000,
    target: "seconds",
  },
]
console.log("")
for (const { what, got, met, target } of targets)
  console.log(`${met ? "met    " : "NOT MET"} ${what}: ${got}, target ${target}`)

/** A long run of the engine: two instances of a consumer on a category, whose writer does not stop before it is long enough. */
async function record(path: string): Promise<number> {
  const out = new TraceFile(path, "bench")
  let events = 0
  const scenario = onMessageDb({
    name: "long",
    title: "A consumer group of two for as long as it takes",
    async run(stage) {
      const consumer = { group: "g", categories: ["a"], batchSize: 50, maxConcurrentStreams: 10, maxReadAhead: 5 }
      const intervals = { tailSleepIntervalMs: 100, checkpointIntervalMs: 1_000 }
      const consumers = [0, 1].map((member) =>
        stage.world.process(`consumer-${member}`, (self) =>
          host(stage, self, { ...consumer, ...intervals, member, size: 2, handler: () => Promise.resolve() }),
        ),
      )
      const writer = stage.world.process("writer", async (self) => {
        for (let n = 0; events < traceEvents; n++) await stage.append(self, StreamName.create("a", String(n % 997)), 3)
      })
      await writer.ended
      await stage.settle(60_000, consumers)
      for (const each of consumers) each.stop()
      for (const each of consumers) await each.ended
    },
  })
  const under = { play: playOf("bench", scenario, "message-db"), engine: referenceEngine, properties: [], seed: 1 }
  const { failure } = await simulatedRun(under, {
    maxSteps: 1e9,
    maxVirtualMs: 1e12,
    onEvent: (event) => {
      events++
      out.write(event)
    },
  })
  out.close()
  if (failure !== undefined) throw new Error(failure)
  return events
}

async function parse(path: string): Promise<void> {
  const lines = createInterface({ input: createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 }) })
  let n = 0
  lines.on("line", (line) => {
    if (JSON.parse(line) !== null) n++
  })
  await new Promise((resolve) => lines.once("close", resolve))
  if (n !== recorded + 1) throw new Error(`${n} lines were parsed instead of ${recorded + 1}`)
}

async function checked(path: string): Promise<void> {
  let told = ""
  const silent = { write: (text: string) => void (told += text), interactive: false, columns: 80 }
  const code = await checkTrace(
    path,
    {},
    { stdout: silent, stderr: silent, colors: false, closed: new AbortController().signal },
  )
  if (code !== 0) throw new Error(told)
}

function thousands(n: number): string {
  return `${(n / 1_000).toFixed(1)} k`
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
