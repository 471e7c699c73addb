import picocolors from "picocolors"
import type { CheckProgress } from "../properties/check.js"
import type { CheckResult } from "../properties/check-result.js"
import type { Property } from "../properties/monitor.js"
import type { Play } from "../properties/play.js"
import { type StoreKind, storeKinds } from "../properties/scenario.js"
import { vacuity } from "../properties/vacuity.js"
import { showDuration } from "./duration.js"
import { exercisedText, yetToCome } from "./exercise-text.js"
import { counted, grouped } from "./grouped-number.js"
import type { Channel, Output } from "./output.js"
import { plainProgress, rewrittenProgress } from "./progress-line.js"
import { replayCommand } from "./replay-command.js"
import type { Reporter } from "./reporter.js"
import type { RunOptions } from "./run-options.js"
import { usualStrategy } from "./strategy-option.js"
import type { ToldFailure } from "./told-failures.js"
import { totals, type Totals } from "./totals.js"
import { weakenedText } from "./weakened-text.js"

type Paint = ReturnType<typeof picocolors.createColors>

/** Reports to a person: a line for each scenario as it goes, and at the end a verdict with what it rests on. */
export function terminalReporter(
  out: Channel,
  { stderr, colors }: Pick<Output, "stderr" | "colors">,
  properties: readonly Property[],
  now: () => number,
): Reporter {
  const paint = picocolors.createColors(colors)
  const line = stderr.interactive ? rewrittenProgress(stderr, now) : plainProgress(stderr, now)
  let options: RunOptions
  const failures = new Map<CheckResult, readonly ToldFailure[]>()

  return {
    started(given, skipped) {
      options = given
      out.write(`${paint.bold("windtunnel")} · ${heading(given)}\n\n`)
      for (const { on, reason } of skipped) out.write(`${paint.yellow(`– ${on} is left out`)}: ${reason}\n\n`)
    },
    replayed({ file, property, violated }) {
      const what = violated
        ? `${paint.red(`✗ ${property}`)} is violated again`
        : `${mark(true, paint)} ${property} is not violated any more`
      out.write(`${what} by ${file}\n`)
    },
    // A run in real time takes a while, and until it ends there is nothing to count.
    checking: (play) => line.show(`${nameOf(play)} …`),
    progressed: (play, progress) => line.show(progressText(nameOf(play), progress)),
    checked(_play, result, told) {
      line.clear()
      failures.set(result, told)
      out.write(`${scenarioLine(result, options.plan, paint)}\n`)
      const missing = yetToCome(result)
      if (missing !== undefined) out.write(paint.dim(`    ${missing}\n`))
    },
    ended(results, interrupted) {
      line.clear()
      const all = totals(results)
      out.write(
        `\n${propertyTable(properties, all, paint)}${paint.dim(weakenedText(results))}\n${faultText(all)}\n${exercisedText(results)}\n`,
      )
      for (const result of results)
        out.write(violationText(result, failures.get(result) ?? [], properties, options, paint))
      out.write(`\n${verdict(all, results, interrupted, options, paint)}\n`)
    },
  }
}

function heading({ store, seed, strategy, shard, plan, effort, engine }: RunOptions): string {
  const names = storeKinds.filter((kind) => plan.some(({ on }) => on === kind)).map((kind) => productNames[kind])
  const where =
    store === "fake"
      ? `simulated on ${listed(names.map((name) => `the fake ${name}`))}`
      : `in real time on ${listed(names.map((name) => `a real ${name}`))}`
  const extent = "runs" in effort ? `${counted(effort.runs, "run")} each` : `${showDuration(effort.timeMs)} in all`
  const scenarios = new Set(plan.map(({ scenario }) => scenario))
  const parts = [
    `${counted(scenarios.size, "scenario")} ${where}`,
    extent,
    ...(shard.of === 1 ? [] : [`shard ${shard.nth}/${shard.of}`]),
    ...(strategy === usualStrategy ? [] : [`strategy ${strategy}`]),
    ...(engine === undefined ? [] : [`engine ${engine}`]),
    `seed ${seed}`,
  ]
  return parts.join(" · ")
}

const productNames: Readonly<Record<StoreKind, string>> = { "message-db": "Message DB", "dynamo-store": "DynamoDB" }

const listed = (names: readonly string[]): string => names.join(" and ")

const nameOf = ({ scenario, on }: Play): string => `${scenario.name} on ${on}`

function progressText(name: string, { runs, steps, faults, wallMs, leftMs }: CheckProgress): string {
  const parts = [counted(runs, "run"), `${grouped(steps)} steps`, rate(steps, wallMs), counted(faults, "fault")]
  return [name, ...parts, ...(leftMs === undefined ? [] : [`${showDuration(leftMs)} left`])].join(" · ")
}

const rate = (steps: number, wallMs: number) => `${grouped((steps / Math.max(wallMs, 1)) * 1_000)} steps/s`

const mark = (held: boolean, paint: Paint) => (held ? paint.green("✓") : paint.red("✗"))

/** The speed is in the verdict: with it the line would not fit into 80 columns. */
function scenarioLine(result: CheckResult, plan: readonly Play[], paint: Paint) {
  const { scenario, on, runs, steps, faults, violations } = result
  const names = Math.max(...plan.map((play) => play.scenario.name.length))
  const stores = Math.max(...plan.map((play) => play.on.length))
  const struck = Object.values(faults).reduce((a, b) => a + b, 0)
  const columns = [
    counted(runs, "run").padStart(11),
    `${grouped(steps)} steps`.padStart(16),
    counted(struck, "fault").padStart(13),
  ]
  const name = `${scenario.padEnd(names)}  ${paint.dim(on.padEnd(stores))}`
  return `${mark(violations.length === 0, paint)} ${name}${columns.join(" ")}`
}

function propertyTable(properties: readonly Property[], { checked, violated }: Totals, paint: Paint): string {
  const width = Math.max(...properties.map(({ title }) => title.length))
  const rows = properties.map(({ id, title }) => {
    const times = checked[id] ?? 0
    const name = `${id}  ${title.padEnd(width)}`
    if (violated.has(id)) return `${mark(false, paint)} ${name}  ${paint.red("violated")}`
    if (times === 0) return paint.dim(`– ${name}  not tested by these scenarios`)
    return `${mark(true, paint)} ${name}  held, checked ${grouped(times)} times`
  })
  return `${rows.join("\n")}\n`
}

/** What the kinds of fault are called when there is one of them, and when there are more. */
const faultNames: Readonly<Record<string, readonly [string, string]>> = {
  crash: ["crash", "crashes"],
  requestLost: ["lost request", "lost requests"],
  replyLost: ["lost reply", "lost replies"],
  delay: ["delay", "delays"],
  repeat: ["repeated request", "repeated requests"],
  pause: ["pause", "pauses"],
  clockSkew: ["clock that was off", "clocks that were off"],
  clockJump: ["jump of a clock", "jumps of clocks"],
  deadlock: ["deadlock", "deadlocks"],
  rolledBack: ["rollback", "rollbacks"],
  statementTimeout: ["statement timeout", "statement timeouts"],
  permissionDenied: ["denied right", "denied rights"],
  accessDenied: ["denied access", "denied accesses"],
  poolExhausted: ["exhausted pool", "exhausted pools"],
  connectionLost: ["lost connection", "lost connections"],
  throttled: ["throttled request", "throttled requests"],
  transactionConflict: ["transaction conflict", "transaction conflicts"],
  internalError: ["internal error", "internal errors"],
  throwsBefore: ["throw before the work", "throws before the work"],
  throwsAfter: ["throw after the work", "throws after the work"],
  duplicates: ["batch with duplicates", "batches with duplicates"],
  staleRead: ["stale read", "stale reads"],
  reordersStreams: ["reordered batch", "reordered batches"],
}

function faultText({ faults }: Totals): string {
  const kinds = Object.entries(faults).map(([kind, n]) => {
    const [one, more] = faultNames[kind] ?? [`× ${kind}`, `× ${kind}`]
    return `${grouped(n)} ${n === 1 ? one : more}`
  })
  return kinds.length === 0 ? "No faults were injected." : `Faults injected: ${kinds.join(", ")}`
}

/** Of each property the first violation; the others are counted. */
function violationText(
  result: CheckResult,
  failures: readonly ToldFailure[],
  properties: readonly Property[],
  options: Pick<RunOptions, "store" | "strategy" | "engine">,
  paint: Paint,
): string {
  const { scenario, on, violations } = result
  return [...new Set(violations.map(({ property }) => property))]
    .map((id) => {
      const same = violations.filter(({ property }) => property === id)
      const { seed, message } = same[0]!
      const title = properties.find((property) => property.id === id)?.title ?? titles[id] ?? ""
      const more = same.length > 1 ? `, and in ${counted(same.length - 1, "more run")}` : ""
      return [
        "",
        `${paint.red(paint.bold("VIOLATED"))} ${id} ${title}, in ${scenario} on ${on}${more}`,
        ...message.split("\n").map((text) => `  ${text}`),
        `  ${again(options.store)}: ${paint.cyan(replayCommand(result, options, seed, id === vacuity ? result.runs : 1))}`,
        ...smallestText(
          failures.find(({ property }) => property === id),
          paint,
        ),
        "",
      ].join("\n")
    })
    .join("")
}

/** Of what is no property. */
const titles: Readonly<Record<string, string>> = {
  run: "did not end as it should",
  [vacuity]: "holds because too little happens",
}

/** The smallest history that was found to show it. */
function smallestText(failure: ToldFailure | undefined, paint: Paint): readonly string[] {
  if (failure === undefined) return []
  const { story, file } = failure
  return [
    "",
    "  the smallest history found",
    ...story.map((text) => `    ${text}`),
    `  replay: ${paint.cyan(`npx windtunnel replay ${file}`)}`,
  ]
}

/** Simulated, a seed is one history. In real time it decides on input and faults, and the machine on the order. */
const again = (store: RunOptions["store"]) => (store === "fake" ? "replay" : "same input and faults, in real time")

function verdict(
  { runs, steps, wallMs, violations, checked }: Totals,
  results: readonly CheckResult[],
  interrupted: boolean,
  { plan, seed }: RunOptions,
  paint: Paint,
): string {
  const tested = Object.values(checked).filter((times) => times > 0).length
  const what =
    violations > 0
      ? paint.red(paint.bold(counted(violations, "violation")))
      : `${paint.green(paint.bold("held"))}: ${tested === 1 ? "1 property" : `${tested} properties`}`
  const extent = `${counted(runs, "run")} of ${counted(new Set(results.map(({ scenario }) => scenario)).size, "scenario")}`
  const work = `${grouped(steps)} steps in ${showDuration(wallMs)} (${rate(steps, wallMs)}), seed ${seed}`
  if (!interrupted) return `${what} in ${extent}, ${work}`
  const left = plan.length - results.length
  return `${paint.yellow("interrupted")}${left > 0 ? `, ${counted(left, "scenario")} not run` : ""}; so far ${what} in ${extent}, ${work}`
}
