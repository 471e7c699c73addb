/*
 * The examples of reactions (examples/reactions), many times over: the right ones have to hold in all histories and with all
 * seeds, and of each wrong one it is measured how soon it is caught. Written to docs/reactions.md after each step, so that
 * what was run is told even when the run is interrupted.
 *
 *   npm run examples                                    10,000 histories with each of 20 seeds; hours
 *   npm run examples -- --histories 500                 10,000 histories in all, of 20 seeds; minutes
 *   npm run examples -- --only "outbox relay"           one of them: printed, and not written to docs/
 *
 * A wrong one is fuzzed as by default in a test: for a second, and then for as long as it takes to make failures smaller.
 */
import { writeFile } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { format, resolveConfig } from "prettier"
import { type FuzzVerdict, judgeReaction, verdictLines } from "equinox-windtunnel"
import type { AnyExample, WrongVersion } from "../examples/reactions/example.js"
import { examples } from "../examples/reactions/index.js"

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "10000" },
    seeds: { type: "string", default: "20" },
    only: { type: "string", multiple: true, default: [] },
  },
})

/** Axes that take runs of their own. */
const axes = 9
const document = fileURLToPath(new URL("../docs/reactions.md", import.meta.url))

interface Held {
  seeds: number
  histories: number
  alarms: number
  cpuSeconds: number
}

interface Caught {
  readonly flaw: string
  readonly by: string
  readonly histories: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly lines: number
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const failedOf = ({ axes }: FuzzVerdict) => axes.flatMap((axis) => (axis.outcome === "failed" ? [axis] : []))

/** How many histories there were up to the one by which it was caught first. */
function historiesToCatch({ axes }: FuzzVerdict): number {
  const first = axes.findIndex(({ outcome }) => outcome === "failed")
  if (axes[first]?.axis === "result") return axes[first].outcome === "failed" ? axes[first].histories : 0
  return axes.slice(0, first + 1).reduce((sum, axis) => sum + ("histories" in axis ? axis.histories : 0), 0)
}

async function caught(example: AnyExample, { flaw, reaction }: WrongVersion<never>): Promise<Caught> {
  const [began, beganCpu] = [performance.now(), cpuSeconds()]
  const verdict = await judgeReaction({ ...example, reaction })
  const failed = failedOf(verdict)
  return {
    flaw,
    by: failed.length === 0 ? "**not caught**" : failed.map(({ axis }) => axis).join(", "),
    histories: historiesToCatch(verdict),
    seconds: (performance.now() - began) / 1_000,
    cpuSeconds: cpuSeconds() - beganCpu,
    lines: Math.max(0, ...failed.map(({ counterexample: { story } }) => story.length)),
  }
}

async function hold(example: AnyExample, held: Held, seed: number): Promise<void> {
  const began = cpuSeconds()
  const runs = Math.ceil(Number(values.histories) / axes)
  const verdict = await judgeReaction({ ...example, reaction: example.right, seed, runs })
  held.seeds++
  held.histories += verdict.histories
  held.cpuSeconds += cpuSeconds() - began
  if (verdict.outcome === "idempotent") return
  held.alarms++
  console.log(verdictLines(verdict).join("\n"))
}

const number = (value: number) => value.toLocaleString("en")

function documentText(held: ReadonlyMap<string, Held>, wrong: ReadonlyMap<string, readonly Caught[]>): string {
  const all = [...wrong.values()].flat()
  const slowest = Math.max(0, ...all.map(({ cpuSeconds }) => cpuSeconds))
  const longest = Math.max(0, ...all.map(({ lines }) => lines))
  return `# Reactions, right and wrong

Written by \`npm run examples\`. The reactions are in [examples/reactions](../examples/reactions): each as a team would write it, and in
versions that look right in a review.

Times are of processor, of one of ${availableParallelism()} cores that others used as well.

## Right: no false alarm

Asked for were ${number(Number(values.histories))} histories with each of ${values.seeds} seeds, and this is what was run. Histories are of all seeds together.

| reaction | seeds | histories | false alarms | processor time |
| -------- | ----- | --------- | ------------ | -------------- |
${[...held].map(([name, { seeds, histories, alarms, cpuSeconds }]) => `| ${name} | ${seeds} | ${number(histories)} | ${alarms} | ${cpuSeconds.toFixed(0)} s |`).join("\n")}

## Wrong: how soon they are caught

${all.length} wrong versions, each fuzzed as in a test by default. Histories: up to the first failure. Time: until everything is said, with
all axes tried and each failure made smaller; at most ${slowest.toFixed(1)} s of processor. Lines: of the longest story of its failures, at
most ${longest}.

| reaction | wrong | caught by | histories | processor (wall) time | lines |
| -------- | ----- | --------- | --------- | --------------------- | ----- |
${[...wrong].flatMap(([name, list]) => list.map(({ flaw, by, histories, seconds, cpuSeconds, lines }) => `| ${name} | ${flaw} | ${by} | ${number(histories)} | ${cpuSeconds.toFixed(1)} s (${seconds.toFixed(1)} s) | ${lines} |`)).join("\n")}
`
}

const chosen = examples.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
const held = new Map(chosen.map(({ name }) => [name, { seeds: 0, histories: 0, alarms: 0, cpuSeconds: 0 }]))
const wrong = new Map<string, Caught[]>(chosen.map(({ name }) => [name, []]))

async function write(): Promise<void> {
  if (values.only.length > 0) return
  const style = await resolveConfig(document)
  await writeFile(document, await format(documentText(held, wrong), { ...style, filepath: document }))
}

for (const example of chosen) {
  // What is started once, such as a database, is not part of any time.
  await example.outside()
  for (const version of example.wrong) {
    const one = await caught(example, version)
    wrong.get(example.name)!.push(one)
    console.log(
      `${example.name}: ${one.flaw}: ${one.by}, ${one.histories} histories, ${one.cpuSeconds.toFixed(1)} s, ${one.lines} lines`,
    )
    await write()
  }
}
for (let seed = 1; seed <= Number(values.seeds); seed++)
  for (const example of chosen) {
    const about = held.get(example.name)!
    await hold(example, about, seed)
    console.log(
      `${example.name}: seed ${seed}: ${about.alarms} false alarms in ${number(about.histories)} histories so far`,
    )
    await write()
  }
