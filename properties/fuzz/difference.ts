import { inspect, isDeepStrictEqual } from "node:util"
import { diffLines } from "diff"

/** Whether two ends of the world count as the same. */
export type Equal = (expected: unknown, seen: unknown) => boolean | Promise<boolean>

/** Deep structural equality, as of `assert.deepStrictEqual`. */
export const deepEqual: Equal = (expected, seen) => isDeepStrictEqual(expected, seen)

const mostLines = 10
const around = 1

/** What of the expected is missing (`-`) and what is there besides (`+`), with what stands right beside it. */
export function differenceLines(expected: unknown, seen: unknown): string[] {
  const marked = diffLines(textOf(expected), textOf(seen)).flatMap(({ added, removed, value }) =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => `${added ? "+" : removed ? "-" : " "} ${line}`),
  )
  const isNear = (at: number) => marked.slice(Math.max(0, at - around), at + around + 1).some((line) => line[0] !== " ")
  const near = marked.filter((_, at) => isNear(at))
  return near.length <= mostLines ? near : [...near.slice(0, mostLines - 1), `  … ${near.length - mostLines + 1} more`]
}

/** Every element and every property has a line of its own. */
const textOf = (value: unknown): string =>
  `${inspect(value, { depth: null, breakLength: 80, compact: 1, sorted: true, maxArrayLength: null, maxStringLength: 200 })}\n`

/** Whether two lists hold the same, each as often, in whatever order. */
export function isReordered(expected: unknown, seen: unknown): boolean {
  if (!Array.isArray(expected) || !Array.isArray(seen) || expected.length !== seen.length) return false
  const left: unknown[] = [...(seen as unknown[])]
  return (expected as unknown[]).every((one) => {
    const at = left.findIndex((other) => isDeepStrictEqual(one, other))
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
}
