import { wrongValue } from "./usage-error.js"

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

const longest = 24 * units.h

/** Reads `500ms`, `10s`, `1.5m` or `1h` as milliseconds. @throws UsageError */
export function parseDuration(option: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Math.round(Number(amount) * units[unit as keyof typeof units])
  if (ms >= 1 && ms <= longest) return ms
  throw wrongValue(option, text, "a duration from 1ms to 24h with its unit, such as 500ms, 10s or 2m")
}

/** A duration as a person says it: `850 ms`, `12.3 s`, `2 m 05 s`. */
export function showDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`
}
