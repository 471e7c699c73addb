import type { ItemRef } from "../sim/trace.js"

/** `A-1@4`: one event. */
export const event = ({ stream, index }: Pick<ItemRef, "stream" | "index">): string => `${stream}@${index}`

/** `A-1@4..6`: a span by its first index and its length; `A-1@4` for one event. */
export const span = (stream: string, first: number, count: number): string =>
  count === 1
    ? `${stream}@${first}`
    : count < 1
      ? `${stream}@${first} (no events)`
      : `${stream}@${first}..${first + count - 1}`

export function ordinal(n: number): string {
  const suffix = n % 100 > 10 && n % 100 < 14 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[n % 10] ?? "th")
  return `${n}${suffix}`
}
