/** Where two runs that should have been one went apart. */
export interface Difference {
  /** The step, counted from 1, in which it happened: the last one that both released. */
  readonly step: number
  /** That step's name and time; what it did is what differs. Empty when they differed before any step. */
  readonly during: string
  /** What came next in either run; undefined where it was over. */
  readonly lines: readonly [string | undefined, string | undefined]
}

/**
 * Runs twice what should give one history, and finds the first line that differs.
 * @param run Runs it, and hands over each line as `SimulationOptions.onLine` gets it.
 * @returns undefined when both histories are the same.
 */
export async function firstDifference(
  run: (onLine: (line: string) => void) => Promise<unknown>,
): Promise<Difference | undefined> {
  const [one, two] = [await linesOf(run), await linesOf(run)]
  const length = Math.max(one.length, two.length)
  let step = 0
  let during = ""
  for (let n = 0; n < length; n++) {
    if (one[n] !== two[n]) return { step, during, lines: [one[n], two[n]] }
    if (!one[n]!.startsWith("> ")) continue
    step++
    during = one[n]!.slice(2)
  }
  return undefined
}

async function linesOf(run: (onLine: (line: string) => void) => Promise<unknown>): Promise<string[]> {
  const lines: string[] = []
  await run((line) => lines.push(line))
  return lines
}
