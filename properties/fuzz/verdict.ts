import type { AxisName } from "./axis.js"
import type { FuzzCase } from "./fuzz-case.js"

export interface Counterexample {
  /** What happened, line by line, in the smallest history that was found. */
  readonly story: readonly string[]
  /** What of the world's end is missing (`-`) or there besides (`+`), beside a run with each event once, in order. */
  readonly difference: readonly string[]
  /** Likely causes, and what is usually done about them. */
  readonly hints: readonly string[]
  /** Operations without whose repetition, with the same arguments, it would not have failed: `port.operation`. */
  readonly repeats: readonly string[]
  readonly case: FuzzCase
}

export type AxisVerdict = { readonly axis: AxisName; readonly title: string } & (
  | { readonly outcome: "held"; /** How many. */ readonly histories: number }
  | { readonly outcome: "failed"; readonly histories: number; readonly counterexample: Counterexample }
  | { readonly outcome: "not exercised"; readonly why: string }
)

/** What is to be said of a reaction. */
export interface FuzzVerdict {
  /**
   * - `idempotent`: no axis failed;
   * - `idempotent if`: none fails where the operations of `ifIdempotent` are taken for idempotent by their arguments;
   * - `not exercised`: none failed, but no event came to the handler.
   */
  readonly outcome: "idempotent" | "idempotent if" | "not idempotent" | "not exercised"
  /** `port.operation`, called again with the same arguments; empty unless the outcome is `idempotent if`. */
  readonly ifIdempotent: readonly string[]
  readonly axes: readonly AxisVerdict[]
  /** Histories in all. */
  readonly histories: number
  readonly seed: number | string
}

/** The verdict for people, line by line. @param files Where counterexamples are kept, by axis. */
export function verdictLines(verdict: FuzzVerdict, files: ReadonlyMap<string, string> = new Map()): string[] {
  const width = Math.max(...verdict.axes.map(({ title }) => title.length))
  const failed = verdict.axes.filter((axis) => axis.outcome === "failed")
  const given = new Set<string>()
  return [
    headline(verdict),
    "",
    ...verdict.axes.map((axis) => `  ${axisText(axis, width)}`),
    ...failed.flatMap(({ axis, title, counterexample }) => [
      "",
      `✗ ${title}`,
      ...counterexampleLines(counterexample, given),
      ...(files.has(axis) ? [`  kept in ${files.get(axis)!}`] : []),
    ]),
  ]
}

function headline({ outcome, ifIdempotent, axes }: FuzzVerdict): string {
  switch (outcome) {
    case "idempotent if":
      return `idempotent only if ${ifIdempotent.join(" and ")} ${ifIdempotent.length === 1 ? "is" : "are"}: called again with the same arguments`
    case "not idempotent":
      return `not idempotent: fails by ${axes
        .filter((axis) => axis.outcome === "failed")
        .map(({ title }) => title)
        .join(", ")}`
    default:
      return outcome
  }
}

function axisText(axis: AxisVerdict, width: number): string {
  const title = axis.title.padEnd(width)
  switch (axis.outcome) {
    case "held":
      return `✓ ${title}  ${historiesText(axis.histories)}`
    case "failed":
      return `✗ ${title}  after ${historiesText(axis.histories)}`
    case "not exercised":
      return `– ${title}  not exercised: ${axis.why}`
  }
}

const historiesText = (count: number) => (count === 1 ? "1 history" : `${count} histories`)

/** @param given Hints that were given already. */
function counterexampleLines({ story, difference, hints }: Counterexample, given: Set<string>): string[] {
  const news = hints.filter((hint) => !given.has(hint))
  for (const hint of news) given.add(hint)
  return [
    ...story.map((line) => `  ${line}`),
    ...difference.map((line) => `    ${line}`),
    ...news.flatMap((hint) => wrapped(`→ ${hint}`).map((line) => `  ${line}`)),
  ]
}

const widest = 110

function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= widest) {
      lines.push(line)
      line = `  ${word}`
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}
