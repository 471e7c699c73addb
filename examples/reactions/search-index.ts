/*
 * A search index that takes documents in bulk. Of each item of a request it says what became of it: 200, or 409 when it has a
 * newer version already, or 429 when its queue is full. Versions are ours: the index of the event. What the queue did not
 * take comes again, since the answer says that only what is before it is done.
 */
import { type EventHandler, type ITimelineEvent, StreamResult } from "equinox-windtunnel/propeller"
import { example } from "./example.js"

interface Item {
  readonly id: string
  readonly title: string
  /** Without one, what comes last is what counts. */
  readonly version?: number
}

interface SearchIndex {
  bulk(items: readonly Item[]): Promise<readonly (200 | 409 | 429)[]>
}

const itemOf = (event: ITimelineEvent): Item => {
  const { sku, title } = JSON.parse(event.data!) as { sku: string; title: string }
  return { id: sku, title, version: Number(event.index) }
}

const indexer =
  (search: SearchIndex, toItem: (event: ITimelineEvent) => Item): EventHandler =>
  async (_stream, events) => {
    const statuses = await search.bulk(events.map(toItem))
    const refused = statuses.indexOf(429)
    return refused < 0 ? StreamResult.AllProcessed : StreamResult.PartiallyProcessed(refused)
  }

const indexProducts = (search: SearchIndex) => indexer(search, itemOf)

const indexWithoutVersion = (search: SearchIndex) =>
  indexer(search, (event) => {
    const { id, title } = itemOf(event)
    return { id, title }
  })

const indexByTheClock = (search: SearchIndex) => indexer(search, (event) => ({ ...itemOf(event), version: Date.now() }))

const indexAndForget =
  (search: SearchIndex): EventHandler =>
  async (_stream, events) => {
    await search.bulk(events.map(itemOf))
  }

const indexCountingWhatWasTaken =
  (search: SearchIndex): EventHandler =>
  async (_stream, events) => {
    const statuses = await search.bulk(events.map(itemOf))
    return StreamResult.PartiallyProcessed(statuses.filter((status) => status !== 429).length + 1)
  }

/** So many items a request. */
const queueLength = 2

class Outside implements SearchIndex {
  readonly documents = new Map<string, Item>()

  async bulk(items: readonly Item[]) {
    return items.map((item, n) => {
      if (n >= queueLength) return 429
      const { version } = this.documents.get(item.id) ?? {}
      if (item.version !== undefined && version !== undefined && version >= item.version) return 409
      this.documents.set(item.id, item)
      return 200
    })
  }
}

const described = (sku: string, title: string) => ({ type: "ProductDescribed", data: { sku, title } })

export const searchIndex = example({
  name: "search index with batch upserts",
  events: {
    "catalog-a": [
      described("a1", "Tea"),
      described("a2", "Milk"),
      described("a1", "Green tea"),
      described("a3", "Rice"),
    ],
    "catalog-b": [described("b1", "Salt"), described("b1", "Sea salt")],
  },
  outside: () => new Outside(),
  observe: ({ documents }) => Object.fromEntries([...documents].map(([id, { title }]) => [id, title])),
  right: (world, outside) => indexProducts(world.port<SearchIndex>("search", outside)),
  wrong: [
    {
      flaw: "does not look at what became of each item",
      axis: "boundaries",
      hint: /How events are cut into calls is nobody's promise/,
      reaction: (world, outside) => indexAndForget(world.port<SearchIndex>("search", outside)),
    },
    {
      flaw: "PartiallyProcessed is one more than what the index took",
      axis: "result",
      hint: /PartiallyProcessed\(n\) for its first n events/,
      reaction: (world, outside) => indexCountingWhatWasTaken(world.port<SearchIndex>("search", outside)),
    },
    {
      flaw: "no version, so that an old event wins",
      axis: "zombie",
      hint: /guard the write itself by the version of the event/,
      reaction: (world, outside) => indexWithoutVersion(world.port<SearchIndex>("search", outside)),
    },
    {
      flaw: "versions are taken from the clock",
      axis: "interleaved",
      hint: /may not depend on who comes first/,
      reaction: (world, outside) => indexByTheClock(world.port<SearchIndex>("search", outside)),
    },
  ],
})
