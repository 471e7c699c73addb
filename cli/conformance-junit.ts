import type { ConformanceReport, ProfileResult, RuleResult } from "../properties/conformance/report.js"

/** A report as JUnit XML: a test suite for each profile, a test case for each rule. */
export function junitText({ adapter, profiles, rules }: ConformanceReport): string {
  const suites = profiles.map((profile) => suite(adapter.name, profile, rules))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("")}</testsuites>\n`
}

function suite(adapter: string, { profile, wallMs }: ProfileResult, all: readonly RuleResult[]): string {
  const rules = all.filter((rule) => rule.profile === profile)
  const violated = rules.filter(({ outcome }) => outcome.kind === "violated").length
  const skipped = rules.filter(({ outcome }) => outcome.kind === "skipped" || outcome.kind === "not exercised").length
  const counts = attributes({ tests: rules.length, failures: violated, errors: 0, skipped, time: wallMs / 1_000 })
  const name = attributes({ name: `${adapter}: ${profile}` })
  return `  <testsuite${name}${counts}>\n${rules.map((rule) => testCase(adapter, rule)).join("")}  </testsuite>\n`
}

function testCase(adapter: string, { id, profile, title, outcome }: RuleResult): string {
  const opening = `    <testcase${attributes({ classname: `${adapter}.${profile}`, name: `${id} ${title}` })}`
  switch (outcome.kind) {
    case "held":
      return `${opening}/>\n`
    case "violated": {
      const [first = "", ...more] = outcome.violation.message.split("\n")
      const failure = `      <failure${attributes({ message: first })}>${escaped(more.join("\n"))}</failure>\n`
      return `${opening}>\n${failure}    </testcase>\n`
    }
    case "skipped":
      return `${opening}>\n      <skipped${attributes({ message: outcome.reason })}/>\n    </testcase>\n`
    case "not exercised":
      return `${opening}>\n      <skipped${attributes({ message: "not exercised" })}/>\n    </testcase>\n`
  }
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join("")

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** XML 1.0 knows no control characters, not even as references. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\u{fffd}")
    .replaceAll(/[&<>"]/g, (character) => entities[character]!)
