/*
 * What a simulated step costs, beside fast-check's scheduler in the same process and on the same workloads:
 *
 *   toy         complete runs of 3 consumers that each take 30 steps one after another, with a check at the end
 *   chain       one run of 3 consumers that take n steps together, one after another: does a step cost more in a long run?
 *   flat        one run in which n steps are pending at once
 *   polls       3 processes that call a port every 100 ms for an hour: how much virtual time there is to a second of real time
 *   deployment  the same for a consumer group of 3 on the fake Message DB with the source's default options, and a writer
 *               of an event each second
 *   scenarios   the same for all scenarios on the fakes, with the properties watching: short runs in which much happens
 *
 * Ours has virtual time, lives that can end, and a digest of every step; fast-check's has none of them. fast-check's is
 * driven by `waitIdle`, and beside it by the deprecated `waitAll`. Seconds are those of the processor. At the end come the
 * targets, each met or not met.
 *
 *   npm run bench:simulation                              5 rounds, chain up to 1 000 000, flat up to 100 000
 *   npm run bench:simulation -- quick                     3 rounds, chain up to 100 000, flat up to 30 000
 */
import fc from "fast-check"
import { StreamsSink } from "../engine/index.js"
import { check } from "../properties/check.js"
import { storesOf } from "../properties/scenario.js"
import { scenarios } from "../scenarios/index.js"
import { epoch, simulate } from "../sim/index.js"
import type { ProcessContext, World } from "../sim/index.js"
import { FakeMessageDb, MessageDbWriter } from "../stores/message-db/index.js"
import { MessageDbSource, PgCheckpoints } from "../stores/message-db/message-db-source.js"

const quick = process.argv.includes("quick")
const rounds = quick ? 3 : 5
const toyRuns = 2_000
const consumers = 3
const chain = 30

/** The check that keeps the toy honest: every consumer took every step. */
function mustBe(expected: number, taken: number): void {
  if (taken !== expected) throw new Error(`${taken} steps were taken instead of ${expected}`)
}

type Wait = (self: ProcessContext) => () => Promise<unknown>

/** As three processes: one step more for the start of each. */
const toyOfProcesses = (wait: Wait) => async (world: World) => {
  let taken = 0
  const started = Array.from({ length: consumers }, (_, i) =>
    world.process(`consumer-${i}`, async (self) => {
      const step = wait(self)
      for (let k = 0; k < chain; k++) {
        await step()
        taken++
      }
    }),
  )
  await Promise.all(started.map(({ ended }) => ended))
  mustBe(consumers * chain, taken)
}

async function toyOnBareWorld(world: World): Promise<void> {
  let taken = 0
  const consumer = async () => {
    for (let k = 0; k < chain; k++) {
      await world.clock.turn()
      taken++
    }
  }
  await Promise.all(Array.from({ length: consumers }, consumer))
  mustBe(consumers * chain, taken)
}

async function ours(main: (world: World) => Promise<void>, seeds: number): Promise<Work> {
  let steps = 0
  let virtualMs = 0
  for (let seed = 0; seed < seeds; seed++) {
    const result = await simulate(seed, main, { maxSteps: 2_000_000, maxVirtualMs: 2 * hourMs })
    if (result.outcome.kind === "failed") throw result.outcome.error
    steps += result.steps
    virtualMs += result.virtualMs
  }
  return { runs: seeds, steps, virtualMs }
}

/** How fast-check's scheduler is driven until nothing is pending. */
type Drain = "waitIdle" | "waitAll"

const fastCheckToy = (drain: Drain) => async (): Promise<Work> => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    let taken = 0
    const consumer = async () => {
      for (let k = 0; k < chain; k++) {
        await scheduler.schedule(Promise.resolve())
        taken++
      }
    }
    const all = Promise.all(Array.from({ length: consumers }, consumer))
    await scheduler[drain]()
    await all
    mustBe(consumers * chain, taken)
  })
  await fc.assert(property, { numRuns: toyRuns, seed: 1 })
  return { runs: toyRuns, steps: toyRuns * consumers * chain }
}

const longChain = (n: number) => async (world: World) => {
  const consumer = async (self: ProcessContext) => {
    for (let k = 0; k < n / consumers; k++) await self.clock.turn()
  }
  await Promise.all(Array.from({ length: consumers }, (_, i) => world.process(`consumer-${i}`, consumer).ended))
}

const fastCheckChain = (n: number, drain: Drain) => async (): Promise<Work> => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const consumer = async () => {
      for (let k = 0; k < n / consumers; k++) await scheduler.schedule(Promise.resolve())
    }
    const all = Promise.all(Array.from({ length: consumers }, consumer))
    await scheduler[drain]()
    await all
  })
  await fc.assert(property, { numRuns: 1, seed: 1 })
  return { runs: 1, steps: n }
}

const hourMs = 3_600_000

/** An hour of polling: each poll is a call that takes its time, and then a pause. */
async function hour(world: World): Promise<void> {
  const feed = { read: async () => 0 }
  const poll = async (self: ProcessContext) => {
    const port = self.port("feed", feed)
    const end = self.clock.now() + hourMs - 1_000
    while (self.clock.now() < end) {
      await port.read()
      await self.clock.sleep(100)
    }
  }
  await Promise.all(Array.from({ length: consumers }, (_, i) => world.process(`consumer-${i}`, poll).ended))
}

const deployedMs = quick ? 600_000 : hourMs

/** Idle most of the time, as such deployments are: default options, and an event each second for one of a hundred streams. */
async function deployment(world: World): Promise<void> {
  const store = new FakeMessageDb({ clock: world.clock, random: world.random })
  let handled = 0
  const consumer = (consumerGroupMember: number) => async (self: ProcessContext) => {
    const { clock, signal } = self
    const pool = self.port("message-db", store.pool(), { nested: ["connect"] })
    const sink = StreamsSink.create({
      handler: async (_, events) => void (handled += events.length),
      maxConcurrentStreams: 10,
      maxReadAhead: 3,
      clock,
    })
    const source = MessageDbSource.create({
      pool,
      categories: ["order"],
      groupName: "mails",
      consumerGroupMember,
      consumerGroupSize: consumers,
      checkpoints: new PgCheckpoints(pool),
      sink,
      tailSleepIntervalMs: 100,
      clock,
    })
    await source.start(signal)
  }
  await new PgCheckpoints(store.pool()).ensureTable()
  const running = Array.from({ length: consumers }, (_, i) => world.process(`consumer-${i}`, consumer(i)))
  const writer = MessageDbWriter.create({ pool: store.pool(), random: world.random })
  let written = 0
  for (; world.clock.now() < epoch + deployedMs; written++) {
    await writer.append(`order-${written % 100}`, [{ type: "OrderPlaced" }])
    await world.clock.sleep(1_000)
  }
  for (const process of running) process.stop()
  for (const { ended } of running) {
    const ending = await ended
    if (ending.kind === "failed") throw ending.error
  }
  mustBe(written, handled)
}

/** Every scenario on every store that it runs on, as `windtunnel run` does it. */
async function allScenarios(): Promise<Work> {
  const sum = { runs: 0, steps: 0, virtualMs: 0 }
  for (const scenario of scenarios)
    for (const on of storesOf(scenario)) {
      const result = await check(scenario, { on, store: "fake", seed: 1, runs: quick ? 5 : 20 })
      sum.runs += result.runs
      sum.steps += result.steps
      sum.virtualMs += result.virtualMs
    }
  return sum
}

const flat = (n: number) => async (world: World) => {
  await Promise.all(Array.from({ length: n }, () => world.clock.turn()))
}

const flatTimers = (n: number) => async (world: World) => {
  await Promise.all(Array.from({ length: n }, (_, i) => world.clock.sleep((i * 7_919) % 100_003)))
}

const fastCheckFlat = (n: number, drain: Drain) => async (): Promise<Work> => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const all = Array.from({ length: n }, () => scheduler.schedule(Promise.resolve()))
    await scheduler[drain]()
    await Promise.all(all)
  })
  await fc.assert(property, { numRuns: 1, seed: 1 })
  return { runs: 1, steps: n }
}

interface Work {
  readonly runs: number
  readonly steps: number
  readonly virtualMs?: number
}

async function eventLoopTurns(): Promise<Work> {
  const turns = 200_000
  await new Promise<void>((resolve) => {
    let left = turns
    const turn = () => (--left === 0 ? resolve() : void setImmediate(turn))
    setImmediate(turn)
  })
  return { runs: 1, steps: turns }
}

/** Per second of processor time, all threads together: other work on the machine does not count. Virtual time in seconds. */
interface Rates {
  readonly steps: number
  readonly runs: number
  readonly virtual: number
}

async function rate(work: () => Promise<Work>): Promise<Rates> {
  const began = process.cpuUsage()
  const { steps, runs, virtualMs = 0 } = await work()
  const { user, system } = process.cpuUsage(began)
  const ms = (user + system) / 1_000
  return { steps: (1_000 * steps) / ms, runs: (1_000 * runs) / ms, virtual: virtualMs / ms }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Up to ten thousand pending steps fit into V8's young generation; from there on each one is moved out of it once. */
const sizes = quick ? [1_000, 10_000, 30_000] : [1_000, 10_000, 30_000, 100_000]
const lengths = quick ? [1_000, 10_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000]
const callsOf: Wait = (self) => {
  const service = self.port("service", { call: async () => 1 })
  return () => service.call()
}
const turnsOf: Wait = (self) => () => self.clock.turn()
const sleepsOf: Wait = (self) => () => self.clock.sleep(1)
const toy = (wait: Wait) => () => ours(toyOfProcesses(wait), toyRuns)

const contenders: readonly (readonly [name: string, work: () => Promise<Work>])[] = [
  ["event loop turns", eventLoopTurns],
  ["toy: fast-check", fastCheckToy("waitIdle")],
  ["toy: fast-check, waitAll", fastCheckToy("waitAll")],
  ["toy: ours, turns", () => ours(toyOnBareWorld, toyRuns)],
  ["toy: ours, turns in processes", toy(turnsOf)],
  ["toy: ours, sleeps in processes", toy(sleepsOf)],
  ["toy: ours, calls in processes", toy(callsOf)],
  ...lengths.flatMap((n) => [
    [`chain ${n}: fast-check`, fastCheckChain(n, "waitIdle")] as const,
    [`chain ${n}: fast-check, waitAll`, fastCheckChain(n, "waitAll")] as const,
    [`chain ${n}: ours`, () => ours(longChain(n), 1)] as const,
  ]),
  ...sizes.flatMap((n) => [
    [`flat ${n}: fast-check`, fastCheckFlat(n, "waitIdle")] as const,
    [`flat ${n}: fast-check, waitAll`, fastCheckFlat(n, "waitAll")] as const,
    [`flat ${n}: ours, ready`, () => ours(flat(n), 1)] as const,
    [`flat ${n}: ours, timers`, () => ours(flatTimers(n), 1)] as const,
  ]),
  ["polls: ours", () => ours(hour, 1)],
  ["deployment: ours", () => ours(deployment, 1)],
  ["scenarios: ours", allScenarios],
]

const measured = new Map(contenders.map(([name]) => [name, [] as Rates[]]))
for (let round = 0; round <= rounds; round++)
  for (const [name, work] of contenders) {
    if (process.stderr.isTTY) process.stderr.write(`\x1b[2K\rround ${round} of ${rounds}: ${name}`)
    const rates = await rate(work)
    // The first round warms the compiler.
    if (round > 0) measured.get(name)!.push(rates)
  }
if (process.stderr.isTTY) process.stderr.write("\x1b[2K\r")

const of = (name: string, what: keyof Rates) => median(measured.get(name)!.map((rates) => rates[what]))
const perStep = (name: string) => 1 / of(name, "steps")
const peerOf = (name: string) => `${name.slice(0, name.indexOf(":"))}: fast-check`

const thousands = (n: number) => `${(n / 1_000).toFixed(1)} k`
const whole = (n: number) => Math.round(n).toLocaleString("en")
const columns = ["steps/s", "over fast-check", "runs/s", "over fast-check", "s of virtual time per s"]
console.log(["".padEnd(34), ...columns.map((column) => column.padStart(column.length + 2))].join(""))
for (const [name] of measured) {
  const peer = peerOf(name)
  const over = (what: "steps" | "runs") => (measured.has(peer) ? (of(name, what) / of(peer, what)).toFixed(2) : "")
  const isToy = name.startsWith("toy")
  const cells = [
    thousands(of(name, "steps")),
    over("steps"),
    isToy ? thousands(of(name, "runs")) : "",
    isToy ? over("runs") : "",
    of(name, "virtual") > 0 ? whole(of(name, "virtual")) : "",
  ]
  console.log([name.padEnd(34), ...cells.map((cell, i) => cell.padStart(columns[i]!.length + 2))].join(""))
}

interface Target {
  readonly what: string
  readonly got: number
  readonly least?: number
  readonly most?: number
}

const first = lengths[1]!
const longest = lengths.at(-1)!
const largest = sizes.at(-1)!
const times = (name: string, what: "steps" | "runs") => of(name, what) / of(peerOf(name), what)
const targets: readonly Target[] = [
  ...["turns", "turns in processes", "sleeps in processes", "calls in processes"].flatMap((kind) =>
    // A call is two steps, a request and a reply: its runs are twice as long as those of fast-check.
    (kind.startsWith("calls") ? (["steps"] as const) : (["steps", "runs"] as const)).map((what) => ({
      what: `toy, ${kind}: ${what}/s over fast-check's waitIdle`,
      got: times(`toy: ours, ${kind}`, what),
      least: 2.5,
    })),
  ),
  {
    what: `chain: cost of a step at ${whole(longest)} over that at ${whole(first)}`,
    got: perStep(`chain ${longest}: ours`) / perStep(`chain ${first}: ours`),
    most: 1.5,
  },
  ...(["ready", "timers"] as const).map((kind) => ({
    what: `flat, ${kind}: cost of a step at ${whole(largest)} over that at ${whole(sizes.at(-2)!)}`,
    got: perStep(`flat ${largest}: ours, ${kind}`) / perStep(`flat ${sizes.at(-2)!}: ours, ${kind}`),
    // Of the search trees a logarithm is left.
    most: quick ? 3 : 1.5,
  })),
  // Not of the scenarios, in which nobody idles: how much happens in them is up to them.
  ...["polls", "deployment"].map((name) => ({
    what: `${name}: virtual over real time`,
    got: of(`${name}: ours`, "virtual"),
    least: 1_000,
  })),
]

console.log(`\n${"target".padEnd(62)} ${"got".padStart(7)}   wanted`)
for (const { what, got, least = -Infinity, most = Infinity } of targets) {
  const wanted = most === Infinity ? `at least ${String(least)}` : `at most ${String(most)}`
  const figure = got >= 100 ? whole(got) : got.toFixed(2)
  const isMet = got >= least && got <= most
  console.log(`${what.padEnd(62)} ${figure.padStart(7)}   ${wanted.padEnd(14)} ${isMet ? "met" : "not met"}`)
}
