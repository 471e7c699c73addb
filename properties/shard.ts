import * as v from "valibot"

/** A part of the runs of a check: of so many runs in a row the nth, from 1, again and again. */
export interface Shard {
  readonly nth: number
  readonly of: number
}

/** All runs. */
export const whole: Shard = { nth: 1, of: 1 }

export const validShard = v.custom<Shard>((x) => {
  const { nth, of } = (x ?? {}) as Partial<Shard>
  return Number.isSafeInteger(nth) && Number.isSafeInteger(of) && nth! >= 1 && nth! <= of!
}, "an object { nth, of } of integers with nth from 1 to of")

/** A shard's own shard, such as that of one of its worker threads. */
export const shardOf = (shard: Shard, { nth, of }: Shard): Shard => ({
  nth: shard.nth + (nth - 1) * shard.of,
  of: shard.of * of,
})

/** What keeps shards from being all runs, each once. */
export function whyIncomplete(shards: readonly Shard[]): string | undefined {
  const parts = new Set<number>()
  const of = shards[0]?.of ?? 1
  for (const shard of shards) {
    if (shard.of !== of) return `shard ${shard.nth}/${shard.of} beside one of ${of}`
    if (parts.has(shard.nth)) return `shard ${shard.nth}/${of} is there twice`
    parts.add(shard.nth)
  }
  const missing = Array.from({ length: of }, (_, n) => n + 1).find((nth) => !parts.has(nth))
  return missing === undefined ? undefined : `shard ${missing}/${of} is missing`
}
