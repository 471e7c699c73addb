/*
 * The gallery of planted bugs (scenarios/gallery): in how many runs each strategy finds each bug, and how small what it
 * found becomes. Written to docs/gallery.md; sections that were not asked for stay as they are there.
 *
 *   npm run gallery                                     all of it; an hour
 *   npm run gallery -- --hunts --strategies portfolio   the hunts, with one strategy only; minutes
 *   npm run gallery -- --hunts --seeds 2 --bugs write   2 seeds, bugs with "write" in their names
 *   npm run gallery -- --stories                        what the portfolio finds, made smaller and told
 *   npm run gallery -- --flips                          fifteen coin flips in a row
 *   npm run gallery -- --resume                         goes on with the hunts of one that was interrupted, on the same code
 *
 * A hunt is 1,000 runs and a minute at most, none of them run twice or made smaller. With fewer bugs than all, what was found is
 * printed and not written to docs/. The cases of the stories that are goldens, in scenarios/gallery/fixtures, are renewed.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { plantedBugs } from "../scenarios/gallery/planted-bugs.js"
import { flipSection } from "./gallery/flips.js"
import { huntAll, huntSection } from "./gallery/hunts.js"
import { Journal } from "./gallery/journal.js"
import { Pool } from "./gallery/pool.js"
import { storiesText, storySection, tellAll } from "./gallery/stories.js"
import { strategies } from "./gallery/strategies.js"

const threads = 2
const docs = fileURLToPath(new URL("../docs/", import.meta.url))
const cases = fileURLToPath(new URL("../scenarios/gallery/fixtures/", import.meta.url))
const hunts = fileURLToPath(new URL("../.windtunnel/gallery/hunts.jsonl", import.meta.url))

/** Of the document. */
const order = ["Hunts", "Other strategies", "Stories", "Fifteen flips"]

const introduction = `# The gallery of planted bugs

Written by \`npm run gallery\`. The bugs are in [scenarios/gallery](../scenarios/gallery): lines of the engine and of the stores changed for
wrong ones, and handlers that are not ready for what happens to them.

`

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    strategies: { type: "string", default: Object.keys(strategies).join(",") },
    bugs: { type: "string", default: "" },
    hunts: { type: "boolean", default: false },
    stories: { type: "boolean", default: false },
    flips: { type: "boolean", default: false },
    resume: { type: "boolean", default: false },
  },
})
const all = !values.hunts && !values.stories && !values.flips

const seeds = Number(values.seeds)
if (!Number.isSafeInteger(seeds) || seeds < 1)
  throw new Error(`--seeds must be an integer of at least 1, received ${values.seeds}`)
const chosen = values.strategies.split(",").map((name) => name.trim())
for (const name of chosen)
  if (!Object.hasOwn(strategies, name))
    throw new Error(`--strategies must be of ${Object.keys(strategies).join(", ")}, received ${JSON.stringify(name)}`)
const wanted = values.bugs.split(",")
const bugs = plantedBugs.filter(({ name }) => wanted.some((part) => name.includes(part)))
if (bugs.length === 0)
  throw new Error(`--bugs must be a part of the name of some bug, received ${JSON.stringify(values.bugs)}`)
const isWhole = bugs.length === plantedBugs.length

if (all || values.hunts) {
  const pool = new Pool(threads)
  const journal = await Journal.open(hunts, values.resume)
  const sections = [
    ["Hunts", chosen.filter((name) => name === "portfolio")],
    ["Other strategies", chosen.filter((name) => name !== "portfolio")],
  ] as const
  for (const [title, some] of sections) {
    const plan = { bugs, strategies: some, seeds, threads }
    await huntAll(pool, journal, plan, (sweeps) => publish(title, huntSection(sweeps, plan)))
  }
  await pool.close()
}
if (all || values.stories) {
  // One thread, whose processor time is then that of the program.
  const pool = new Pool(1)
  const goldens = new Set(await readdir(cases))
  const stories = await tellAll(pool, bugs, async ({ bug, ...told }) => {
    if (goldens.has(fileOf(bug.name))) await writeFile(`${cases}${fileOf(bug.name)}`, told.case)
  })
  await pool.close()
  await publish("Stories", storySection(stories, bugs.length))
  if (isWhole) await writeFile(`${docs}stories.md`, storiesText(stories))
  else console.log(storiesText(stories))
}
if (all || values.flips) await publish("Fifteen flips", await flipSection(seeds))

/** Puts a section in the place of the one with that title. */
async function publish(title: string, text: string): Promise<void> {
  if (!isWhole) {
    console.log(`\n${text}`)
    return
  }
  await mkdir(docs, { recursive: true })
  const file = `${docs}gallery.md`
  const before = await readFile(file, "utf8").catch(() => introduction)
  const [head = "", ...sections] = before.split(/^## /m)
  const others = sections.filter((section) => !section.startsWith(`${title}\n`))
  const place = order.indexOf(title)
  const mine = `${title}\n\n${text}\n\n`
  const rank = (section: string) => order.indexOf(section.slice(0, section.indexOf("\n")))
  const sorted = [...others.filter((one) => rank(one) < place), mine, ...others.filter((one) => rank(one) > place)]
  await writeFile(file, `${[head, ...sorted].join("## ").trimEnd()}\n`)
}

function fileOf(name: string): string {
  return `${name.replaceAll(/\W+/g, "-")}.json`
}
