const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

const longest = 24 * units.h

/** Reads `500ms`, `10s`, `1.5m` or `1h` as milliseconds; undefined when it is none from 1 ms to 24 h. */
export function durationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Math.round(Number(amount) * units[unit as keyof typeof units])
  return ms >= 1 && ms <= longest ? ms : undefined
}
