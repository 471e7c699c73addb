import { durationMs } from "../properties/duration.js"
import { wrongValue } from "./usage-error.js"

/** Reads `500ms`, `10s`, `1.5m` or `1h` as milliseconds. @throws UsageError */
export function parseDuration(option: string, text: string): number {
  const ms = durationMs(text)
  if (ms !== undefined) return ms
  throw wrongValue(option, text, "a duration from 1ms to 24h with its unit, such as 500ms, 10s or 2m")
}

/** A duration as a person says it: `850 ms`, `12.3 s`, `2 m 05 s`. */
export function showDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`
}
