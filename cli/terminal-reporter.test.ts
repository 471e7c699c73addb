import { stripVTControlCharacters } from "node:util"
import { expect, test } from "vitest"
import type { CheckResult } from "../properties/check-result.js"
import type { Property } from "../properties/monitor.js"
import { playOf } from "../properties/play.js"
import { type Scenario, storesOf } from "../properties/scenario.js"
import { jsonReporter } from "./json-reporter.js"
import type { Skipped } from "./open-stores.js"
import type { Channel } from "./output.js"
import type { Reporter } from "./reporter.js"
import type { RunOptions } from "./run-options.js"
import { version } from "./version.js"
import { terminalReporter } from "./terminal-reporter.js"

const property = (id: string, title: string): Property => ({
  id,
  title,
  statement: "",
  weakened: "Never.",
  monitor: () => {
    throw new Error("a reporter watches nothing")
  },
})
const properties = [
  property("I-01", "Order within a stream"),
  property("I-10", "Checkpoint safety"),
  property("I-28", "Disjoint"),
]
const scenario = (name: string): Scenario => ({ name, title: "", store: "message-db", run: async () => {} })
const options: RunOptions = {
  plan: [scenario("one-consumer"), scenario("crash-and-restart")].map((each) => playOf("test", each)),
  store: "fake",
  effort: { runs: 1_200 },
  seed: 7,
  strategy: "portfolio",
  shard: { nth: 1, of: 1 },
  workers: 1,
  json: false,
  cases: "cases",
}

const good: CheckResult = {
  scenario: "one-consumer",
  on: "message-db",
  store: "fake",
  strategy: "random",
  seed: 7,
  shard: { nth: 1, of: 1 },
  runs: 1_200,
  steps: 480_123,
  virtualMs: 312_000,
  wallMs: 4_500,
  traceHash: "00",
  faults: {},
  sometimes: { handled: 1, redelivery: 2_000 },
  exercised: {
    handled: { runs: 1_200, times: 23_456 },
    redelivery: { runs: 0, times: 0 },
    zombie: { runs: 0, times: 0 },
  },
  properties: {
    "I-01": { held: true, checked: 23_456 },
    "I-10": { held: true, checked: 1_234 },
    "I-28": { held: true, checked: 0 },
  },
  violations: [],
}
const bad: CheckResult = {
  ...good,
  scenario: "crash-and-restart",
  runs: 1,
  steps: 312,
  wallMs: 9,
  faults: { crash: 1, delay: 1_250, requestLost: 3 },
  properties: { ...good.properties, "I-10": { held: false, checked: 12 } },
  violations: [
    { property: "I-10", run: 0, seed: 991, message: "position 4 of thing was stored\nthing-y@0 is not handled" },
  ],
}

function told(report: (reporter: Reporter) => void, colors = false): string {
  let text = ""
  const channel: Channel = { write: (more) => void (text += more), interactive: false, columns: 80 }
  report(terminalReporter(channel, { stderr: channel, colors }, properties, () => 0))
  return text
}

const whole =
  (results: readonly CheckResult[], interrupted = false, skipped: readonly Skipped[] = []) =>
  (reporter: Reporter) => {
    reporter.started(options, skipped)
    results.forEach((result, n) => reporter.checked(options.plan[n]!, result, []))
    reporter.ended(results, interrupted)
  }

test("what held is told with what it rests on", () => {
  expect(told(whole([good, { ...good, scenario: "crash-and-restart" }]))).toMatchInlineSnapshot(`
    "windtunnel · 2 scenarios simulated on the fake Message DB · 1 200 runs each · seed 7

    ✓ one-consumer       message-db 1 200 runs    480 123 steps      0 faults
        not yet: redelivery
    ✓ crash-and-restart  message-db 1 200 runs    480 123 steps      0 faults
        not yet: redelivery

    ✓ I-01  Order within a stream  held, checked 46 912 times
    ✓ I-10  Checkpoint safety      held, checked 2 468 times
    – I-28  Disjoint               not tested by these scenarios

    No faults were injected.
    Situations met: 1 of 3; never: redelivery, zombie

    held: 2 properties in 2 400 runs of 2 scenarios, 960 246 steps in 9.0 s (106 694 steps/s), seed 7
    "
  `)
})

test("a violation is told with its property, what shows it, and the command that replays it", () => {
  expect(told(whole([good, bad]))).toMatchInlineSnapshot(`
    "windtunnel · 2 scenarios simulated on the fake Message DB · 1 200 runs each · seed 7

    ✓ one-consumer       message-db 1 200 runs    480 123 steps      0 faults
        not yet: redelivery
    ✗ crash-and-restart  message-db      1 run        312 steps  1 254 faults
        not yet: redelivery

    ✓ I-01  Order within a stream  held, checked 46 912 times
    ✗ I-10  Checkpoint safety      violated
    – I-28  Disjoint               not tested by these scenarios

    Faults injected: 1 crash, 1 250 delays, 3 lost requests
    Situations met: 1 of 3; never: redelivery, zombie

    VIOLATED I-10 Checkpoint safety, in crash-and-restart on message-db
      position 4 of thing was stored
      thing-y@0 is not handled
      replay: npx windtunnel run crash-and-restart --on message-db --store fake --seed 991 --runs 1

    1 violation in 1 201 runs of 2 scenarios, 480 435 steps in 4.5 s (106 550 steps/s), seed 7
    "
  `)
})

test("what held by doing too little is told with what never happened, and the command for as many runs", () => {
  const message =
    "nothing was violated, but 1200 runs never came to what the scenario demands\n  redelivery, at least once"
  const vacuous = { ...good, violations: [{ property: "vacuity", run: 0, seed: 7, message }] }
  expect(told(whole([vacuous]))).toMatchInlineSnapshot(`
    "windtunnel · 2 scenarios simulated on the fake Message DB · 1 200 runs each · seed 7

    ✗ one-consumer       message-db 1 200 runs    480 123 steps      0 faults
        not yet: redelivery

    ✓ I-01  Order within a stream  held, checked 23 456 times
    ✓ I-10  Checkpoint safety      held, checked 1 234 times
    – I-28  Disjoint               not tested by these scenarios

    No faults were injected.
    Situations met: 1 of 3; never: redelivery, zombie

    VIOLATED vacuity holds because too little happens, in one-consumer on message-db
      nothing was violated, but 1200 runs never came to what the scenario demands
        redelivery, at least once
      replay: npx windtunnel run one-consumer --on message-db --store fake --seed 7 --runs 1200

    1 violation in 1 200 runs of 1 scenario, 480 123 steps in 4.5 s (106 694 steps/s), seed 7
    "
  `)
})

test("rows name the store, and what is left out is said with its reason", () => {
  const anywhere: Scenario = { name: "one-consumer", title: "", store: "any", run: async () => {} }
  const plan = storesOf(anywhere).map((on) => playOf("test", anywhere, on))
  const skipped = [{ on: "dynamo-store", reason: "there is no Java; install one" }] as const
  const report = (reporter: Reporter) => {
    reporter.started({ ...options, plan }, skipped)
    for (const play of plan) reporter.checked(play, { ...good, on: play.on }, [])
  }
  expect(told(report)).toMatchInlineSnapshot(`
    "windtunnel · 1 scenario simulated on the fake Message DB and the fake DynamoDB · 1 200 runs each · seed 7

    – dynamo-store is left out: there is no Java; install one

    ✓ one-consumer  message-db   1 200 runs    480 123 steps      0 faults
        not yet: redelivery
    ✓ one-consumer  dynamo-store 1 200 runs    480 123 steps      0 faults
        not yet: redelivery
    "
  `)
})

test("an interrupted check tells what was found so far and how much is missing", () => {
  expect(
    told(whole([good], true))
      .split("\n")
      .at(-2),
  ).toMatchInlineSnapshot(
    `"interrupted, 1 scenario not run; so far held: 2 properties in 1 200 runs of 1 scenario, 480 123 steps in 4.5 s (106 694 steps/s), seed 7"`,
  )
})

test("colours add nothing but colours", () => {
  const coloured = told(whole([good, bad]), true)
  expect(coloured).not.toBe(told(whole([good, bad])))
  expect(stripVTControlCharacters(coloured)).toBe(told(whole([good, bad])))
})

test("for a program there is one JSON document and nothing else", () => {
  let text = ""
  const channel: Channel = { write: (more) => void (text += more), interactive: false, columns: 80 }
  whole([good, bad])(jsonReporter(channel))
  expect(JSON.parse(text)).toEqual({
    ...{ version: 1, windtunnel: version, store: "fake", effort: { runs: 1_200 }, seed: 7, strategy: "portfolio" },
    shard: { nth: 1, of: 1 },
    plan: ["one-consumer", "crash-and-restart"].map((name) => ({ scenario: name, on: "message-db" })),
    interrupted: false,
    skipped: [],
    replayed: [],
    results: [good, bad],
  })
})
