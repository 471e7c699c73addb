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
  | { /** `axes` has others only. */ readonly outcome: "not asked for" }
)

/** What is to be said of a reaction. */
export interface FuzzVerdict {
  /**
   * - `idempotent`: no axis failed of those that were asked for;
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
  const told = new Told(files)
  return [
    headline(verdict),
    "",
    ...verdict.axes.map((axis) => `  ${axisText(axis, width)}`),
    ...verdict.axes.flatMap((axis) => (axis.outcome === "failed" ? ["", ...told.lines(axis)] : [])),
  ]
}

/** Says nothing twice: neither a hint, nor a story whose cause, by trial, is that of an earlier one. */
class Told {
  readonly #files: ReadonlyMap<string, string>
  readonly #hints = new Set<string>()
  readonly #causes = new Map<string, string>()

  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files
  }

  lines({ axis, title, counterexample }: Extract<AxisVerdict, { outcome: "failed" }>): string[] {
    const file = this.#files.get(axis)
    const cause = counterexample.repeats.join(" and ")
    const earlier = this.#causes.get(cause)
    if (earlier !== undefined)
      return [`✗ ${title}: ${cause} again, as by ${earlier}`, ...(file === undefined ? [] : [`  kept in ${file}`])]
    if (cause !== "") this.#causes.set(cause, title)
    return [`✗ ${title}`, ...this.#story(counterexample), ...(file === undefined ? [] : [`  kept in ${file}`])]
  }

  #story({ story, difference, hints }: Counterexample): string[] {
    const news = hints.filter((hint) => !this.#hints.has(hint))
    for (const hint of news) this.#hints.add(hint)
    return [
      ...story.map((line) => `  ${line}`),
      ...difference.map((line) => `    ${line}`),
      ...news.flatMap((hint) => wrapped(`→ ${hint}`).map((line) => `  ${line}`)),
    ]
  }
}

function headline({ outcome, ifIdempotent, axes }: FuzzVerdict): string {
  switch (outcome) {
    case "idempotent if":
      return `idempotent only if ${ifIdempotent.join(" and ")} ${ifIdempotent.length === 1 ? "is: it is" : "are: they are"} called again with the same arguments`
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
    case "not asked for":
      return `– ${title}  not asked for`
  }
}

const historiesText = (count: number) => (count === 1 ? "1 history" : `${count} histories`)

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
