import { InvalidOptionError } from "../engine/options.js"
import { type ExerciseName, exerciseMeaning, exerciseNames } from "./exercises.js"
import type { StoreKind } from "./scenario.js"
import type { Tally } from "./tally.js"
import type { Violation } from "./violation.js"

/**
 * What a scenario has to come to, each at least once in so many runs, 1 or more; Infinity: it need not. Fewer runs are not
 * judged. What a store cannot exercise is not asked for on it.
 */
export type Sometimes = Readonly<Partial<Record<ExerciseName, number>>>

/** Of every scenario, unless it says otherwise: where no event is handled nothing is tested. */
const always: Sometimes = { handled: 1 }

/** What names the violation of a scenario that held because it hardly did anything. */
export const vacuity = "vacuity"

/**
 * What a scenario demands on a store, with what every scenario does.
 * @throws InvalidOptionError for a name that nothing has, and for what is no number of runs.
 */
export function demandsOf(scenario: string, sometimes: Sometimes, on: StoreKind): Demands {
  const where = `scenario ${scenario}`
  const demands = Object.entries<number | undefined>({ ...always, ...sometimes })
  for (const [name, within] of demands) {
    if (!isExercise(name))
      throw new InvalidOptionError(where, "sometimes", name, `the name of something that runs exercise: ${known()}`)
    if (within !== undefined && within !== Infinity && !(Number.isSafeInteger(within) && within >= 1))
      throw new InvalidOptionError(
        where,
        `sometimes["${name}"]`,
        within,
        "a whole number of runs of at least 1, or Infinity",
      )
  }
  return Object.fromEntries(
    demands.filter(
      (demand): demand is [string, number] => isFinite(demand[1] ?? Infinity) && isExercise(demand[0], on),
    ),
  )
}

/** By name, within how many runs. */
type Demands = Readonly<Record<string, number>>

const isExercise = (name: string, on?: StoreKind): boolean =>
  /^(fault .+|group of \d+)$/.test(name) || (exerciseNames(on) as readonly string[]).includes(name)

const known = (): string => ["fault <kind>", "group of <n>", ...exerciseNames()].map((name) => `"${name}"`).join(", ")

/**
 * Judges runs in which everything else held. It is a matter of all of them: the violation has the seed of the check, and
 * no case.
 */
export function vacuousness(
  demands: Demands,
  seed: number | string,
  { runs, exercised }: Pick<Tally, "runs" | "exercised">,
): Violation | undefined {
  const unmet = (Object.entries(demands) as [ExerciseName, number][]).filter(
    ([name, within]) => runs >= within && (exercised[name]?.times ?? 0) === 0,
  )
  if (unmet.length === 0) return undefined
  const lines = unmet.map(
    ([name, within]) => `  ${name}, at least once${within === 1 ? "" : ` in ${within} runs`}: ${exerciseMeaning(name)}`,
  )
  const all = runs === 1 ? "the run" : `${runs} runs`
  const message = [`nothing was violated, but ${all} never came to what the scenario demands`, ...lines].join("\n")
  return { property: vacuity, run: 0, seed, message }
}
