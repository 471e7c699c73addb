import type { StreamName } from "../engine/stream-name.js"
import type { ITimelineEvent } from "../engine/timeline-event.js"
import type { PgQueryable } from "../stores/message-db/pg.js"
import { MessageDbReader } from "../stores/message-db/reader.js"

const pageSize = 1_000

/** The streams of a category whose first events are the oldest, at most so many, each with all its events. */
export async function messageDbStreams(
  pool: PgQueryable,
  category: string,
  most: number,
): Promise<ReadonlyMap<string, readonly ITimelineEvent[]>> {
  const reader = new MessageDbReader({ pool })
  const streams = new Map<string, readonly ITimelineEvent[]>()
  for (const name of await firstNames(reader, category, most)) streams.set(name, await eventsOf(reader, name))
  return streams
}

async function firstNames(reader: MessageDbReader, category: string, most: number): Promise<ReadonlySet<StreamName>> {
  const names = new Set<StreamName>()
  for (let from = 0n, isWhole = true; isWhole && names.size < most;) {
    const { items, checkpoint } = await reader.readCategory(category, { from, batchSize: pageSize })
    for (const [name] of items) if (names.size < most) names.add(name)
    isWhole = items.length === pageSize
    from = checkpoint
  }
  return names
}

async function eventsOf(reader: MessageDbReader, name: StreamName): Promise<readonly ITimelineEvent[]> {
  const events: ITimelineEvent[] = []
  for await (const page of reader.readStream(name)) events.push(...page)
  return events
}
