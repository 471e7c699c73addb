/*
 * Who tests the tests: for each property the planted bugs that violate it and nothing weaker, and what correct but unusual
 * engines put it to the test with, without a false alarm. Written to docs/mutants.md.
 *
 *   npm run mutants                     all of it; minutes
 *   npm run mutants -- --bugs write     bugs with "write" in their names, printed and not written to docs/
 *   npm run mutants -- --on message-db  what is on one of the stores
 */
import { writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { check } from "../properties/check.js"
import { properties } from "../properties/invariants.js"
import { type FirstBreak, firstToBreak } from "../scenarios/gallery/first-to-break.js"
import { histories } from "../scenarios/gallery/histories.js"
import { type PlantedBug, plantedBugs } from "../scenarios/gallery/planted-bugs.js"
import { variants } from "../scenarios/gallery/variants.js"
import { portfolio } from "../sim/strategies/portfolio.js"
import { storeKinds, storesOf } from "../properties/scenario.js"
import { Table } from "./gallery/table.js"

const seed = 1
const mostRuns = 100
const runs = 5

const { values } = parseArgs({
  options: { bugs: { type: "string", default: "" }, on: { type: "string", default: storeKinds.join(",") } },
})
const stores = values.on.split(",")
const ids = new Set(properties.map(({ id }) => id))
const bugs = plantedBugs.filter(
  ({ name, property, on }) => ids.has(property) && stores.includes(on) && name.includes(values.bugs),
)

interface Caught {
  readonly bug: PlantedBug
  readonly found: FirstBreak | undefined
}

const caught: Caught[] = []
for (const bug of bugs) {
  const found = await firstToBreak(await bug.prey(), { seed, strategy: portfolio, mostRuns })
  caught.push({ bug, found })
  progress(`${bug.property} ${bug.name}: ${found === undefined ? "never first" : `run ${found.runs}`}`)
}

const without = properties.filter(
  ({ id }) => !caught.some(({ bug, found }) => bug.property === id && found !== undefined),
)
const bugTable = new Table("property", "bug", "first violated in run", "violated later in that run")
for (const { id, title } of properties)
  for (const { bug, found } of caught.filter((one) => one.bug.property === id))
    bugTable.add(
      `${id} ${title}`,
      `${bug.name} (${bug.where})`,
      found === undefined ? `none of ${mostRuns}` : String(found.runs),
      found === undefined || found.later.length === 0 ? "–" : found.later.join(", "),
    )

const text = `# Who tests the tests

Written by \`npm run mutants\`. The bugs and the variants are in [scenarios/gallery](../scenarios/gallery).

## Bugs that are caught

Each bug is run until its property is violated while every other property holds up to that event: the bug violates that
property and nothing weaker. What the same run violates later is listed too; in
\`none\`, another property always told sooner, or nothing did. At most ${mostRuns} runs, seed ${seed},
on ${stores.join(" and ")}.

${bugTable.lines.join("\n")}

${without.length === 0 ? "Every property is the first to tell of at least one bug." : `No bug here, of which it is the first to tell: ${without.map(({ id, title }) => `${id} ${title}`).join("; ")}.`}

## Correct but unusual engines

${runs} runs of each history of the gallery for each store that a variant runs on. The numbers say how often a property was put to
the test; none may be violated.

${await variantTable()}
`
if (values.bugs === "") await writeFile(fileURLToPath(new URL("../docs/mutants.md", import.meta.url)), text)
else console.log(text)

async function variantTable(): Promise<string> {
  const table = new Table("variant", ...properties.map(({ id }) => id), "false alarms")
  for (const { name, on, parts } of variants) {
    const checked = new Map<string, number>()
    let alarms = 0
    for (const scenario of Object.values(histories))
      for (const store of storesOf(scenario).filter((each) => on.includes(each) && stores.includes(each))) {
        const result = await check(scenario, { seed, runs, store: "fake", on: store, engine: parts })
        alarms += result.violations.filter(({ property }) => property !== "vacuity").length
        for (const { property, message } of result.violations) progress(`${name}: ${property}: ${message}`)
        for (const [id, { checked: times }] of Object.entries(result.properties))
          checked.set(id, (checked.get(id) ?? 0) + times)
      }
    progress(`${name}: ${alarms} false alarms`)
    table.add(name, ...properties.map(({ id }) => String(checked.get(id) ?? 0)), String(alarms))
  }
  return table.lines.join("\n")
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}
