/** What the portfolio finds, made smaller and told. */
import type { PlantedBug } from "../../scenarios/gallery/planted-bugs.js"
import type { Pool } from "./pool.js"
import { Table } from "./table.js"
import type { Told } from "./worker.js"

export interface Story extends Told {
  readonly bug: PlantedBug
}

/** @param keep called for each as soon as it is told. */
export async function tellAll(
  pool: Pool,
  bugs: readonly PlantedBug[],
  keep: (story: Story) => Promise<void>,
): Promise<readonly Story[]> {
  const stories = await Promise.all(
    bugs.map(async (bug) => {
      const told = await pool.run({ kind: "story", bug: bug.name, seed: 1 })
      if (told === undefined) return []
      console.log(`${bug.name}: ${told.decisions} decisions, ${told.faults} faults, ${seconds(told.ms)}`)
      await keep({ bug, ...told })
      return [{ bug, ...told }]
    }),
  )
  return stories.flat()
}

export function storySection(stories: readonly Story[], all: number): string {
  const table = new Table("bug", "decisions", "of them faults", "time")
  for (const { bug, decisions, faults, ms } of stories) table.add(bug.name, `${decisions}`, `${faults}`, seconds(ms))
  const small = stories.filter(isSmall)
  const slowest = Math.max(...stories.map(({ ms }) => ms))
  return [
    `Of ${all} bugs ${small.length} have a case with at most 10 decisions and 2 faults; the slowest took ${seconds(slowest)}`,
    "of processor time to be made smaller. The stories are in [stories.md](stories.md).",
    "",
    ...table.lines,
  ].join("\n")
}

const isSmall = ({ decisions, faults }: Story): boolean => decisions <= 10 && faults <= 2

/** Of those that are short enough to be read. */
export function storiesText(stories: readonly Story[]): string {
  return [
    "# Stories of planted bugs",
    "",
    "Written by `npm run gallery -- --stories`: what the default portfolio found, made smaller, as `windtunnel replay` tells it.",
    ...stories
      .filter(isSmall)
      .flatMap(({ bug, story }) => ["", `## ${sentence(bug.name)}`, "", "```text", ...story, "```"]),
    "",
  ].join("\n")
}

const sentence = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
