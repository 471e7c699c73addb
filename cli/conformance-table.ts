import picocolors from "picocolors"
import type { ConformanceReport, Outcome, ProfileResult, RuleResult } from "../properties/conformance/report.js"
import { showDuration } from "./duration.js"
import { counted, grouped } from "./grouped-number.js"

type Paint = ReturnType<typeof picocolors.createColors>

/** What a report says, for people: the rules of each profile, one by one, and what all of it comes to. */
export function conformanceTable(report: ConformanceReport, colors: boolean): string {
  const paint = picocolors.createColors(colors)
  const { kit, adapter, store, seed, profiles, rules } = report
  const heading = `${paint.bold(`${adapter.name} ${adapter.version}`)} · windtunnel ${kit} · ${store} · seed ${seed}`
  const width = Math.max(...rules.map(({ title, from }) => nameText(title, from).length))
  const tables = profiles.map((profile) => {
    const rows = rules.filter((rule) => rule.profile === profile.profile).map((rule) => row(rule, width, paint))
    return `${profileLine(profile, store, paint)}\n${rows.join("\n")}\n`
  })
  return `${heading}\n\n${tables.join("\n")}\n${summary(rules, paint)}\n`
}

function profileLine(
  { profile, histories, faults, virtualMs, steps }: ProfileResult,
  store: ConformanceReport["store"],
  paint: Paint,
): string {
  const time = `${showDuration(virtualMs)}${store === "fake" ? " of virtual time" : ""}`
  const parts = [counted(histories, "history").replace("historys", "histories"), `${grouped(steps)} steps`]
  return `${paint.bold(profile)}: ${[...parts, counted(faults, "fault"), time].join(", ")}`
}

const nameText = (title: string, from: string) => `${title} (${from})`

function row({ id, level, title, from, outcome }: RuleResult, width: number, paint: Paint): string {
  const name = `${id}  ${level === "core" ? "core    " : "extended"}  ${nameText(title, from).padEnd(width)}`
  switch (outcome.kind) {
    case "held":
      return `${paint.green("✓")} ${name}  held, checked ${counted(outcome.checked, "time")}`
    case "violated":
      return `${paint.red("✗")} ${name}  ${paint.red(`violated in ${counted(outcome.violation.times, "history").replace("historys", "histories")}`)}`
    case "skipped":
      return paint.dim(`– ${name}  skipped: ${outcome.reason}`)
    case "not exercised":
      return `${paint.yellow("?")} ${name}  ${paint.yellow("not exercised: no history came to where it matters")}`
  }
}

function summary(rules: readonly RuleResult[], paint: Paint): string {
  const count = (kind: Outcome["kind"]) => rules.filter(({ outcome }) => outcome.kind === kind).length
  const text = `${counted(rules.length, "rule")}: ${count("held")} held, ${count("violated")} violated, ${count("skipped")} skipped, ${count("not exercised")} not exercised`
  return count("violated") === 0 ? paint.green(`✓ ${text}`) : paint.red(`✗ ${text}`)
}
