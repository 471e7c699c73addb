import { describe, expect, it } from "vitest"
import { fromWire, toWire, wireFixture, type WireItem } from "./fixtures/wire-fixture.js"
import { positionOf, streamEventBytes } from "./position.js"
import {
  data,
  encodeBodies,
  meta,
  newStoredEvent,
  newStoredUnfold,
  toTimelineEvent,
  type StoredEvent,
} from "./stored-event.js"
import { decodeItem, encodeCalf } from "./stored-item.js"

interface Expected {
  readonly position: Record<string, unknown>
  readonly streamBytes: number
  readonly events: readonly Record<string, unknown>[]
  readonly unfolds: readonly Record<string, unknown>[]
}

interface Fixture {
  readonly items: readonly WireItem[]
  readonly expected: Record<string, Expected>
}

const names = ["01-first-append", "02-list-append", "03-calved", "04-unfolds", "05-unfold-only", "06-encodings"]
const fixtures = names.map((name) => ({ name, fixture: wireFixture<Fixture>(`${name}.json`) }))

function itemsOf({ items }: Fixture, stream: string) {
  return items.map((item) => decodeItem(fromWire(item))).filter((item) => item.stream === stream)
}

/** An event or unfold in the words of the fixtures. */
function shown(stream: string, stored: StoredEvent) {
  const event = toTimelineEvent(stream, stored)
  return {
    index: Number(event.index),
    type: event.type,
    time: event.time.toISOString(),
    isUnfold: event.isUnfold,
    size: event.size,
    dataEncoding: data(stored)?.encoding ?? 0,
    dataBytes: data(stored)?.body.length ?? 0,
    data: event.data ?? null,
    metaEncoding: meta(stored)?.encoding ?? 0,
    meta: event.meta ?? null,
  }
}

describe.each(fixtures)("items of the published packages: $name", ({ name, fixture }) => {
  describe.each(Object.entries(fixture.expected))("%s", (stream, expected) => {
    const items = itemsOf(fixture, stream)
    const tip = items.find(({ isTip }) => isTip)!
    const events = items.flatMap((item) => item.events)

    it("is read as the published packages read it", () => {
      expect(events.map((event) => shown(stream, event))).toEqual(expected.events)
      expect(tip.unfolds.map((unfold) => shown(stream, unfold))).toMatchObject(expected.unfolds)
    })

    it("has the position that they computed", () => {
      const { index, events: tipEvents, unfolds: _, ...rest } = positionOf(tip)
      expect({ ...rest, index: Number(index), tipEvents: tipEvents.length }).toEqual(expected.position)
      expect(streamEventBytes(positionOf(tip))).toBe(expected.streamBytes)
    })

    // The encodings of the other fixture were chosen by hand.
    if (name !== "06-encodings")
      it("is written as they wrote it", () => {
        for (const stored of [...events, ...tip.unfolds]) {
          const { type, index, time, data, meta } = toTimelineEvent(stream, stored)
          const create = stored.isUnfold ? newStoredUnfold : newStoredEvent
          const bodies = encodeBodies({
            type,
            ...(data !== undefined && { data }),
            ...(meta !== undefined && { meta }),
          })
          expect(toWire(create(type, index, time.getTime(), bodies).attributes)).toEqual(toWire(stored.attributes))
        }
      })

    it("has calves that are written as they wrote them", () => {
      const calves = items.filter(({ isTip }) => !isTip)
      const written = calves.map((calf) => toWire(encodeCalf(stream, calf.events, calf.next)))
      expect(written).toEqual(fixture.items.filter((item) => item["p"]?.S === stream && item["a"] === undefined))
    })
  })
})

describe("items of other writers", () => {
  const key = { p: { S: "Cart-1" }, i: { N: "2147483647" } }

  it("need no u, e, c, a, b and etag", () => {
    const item = decodeItem({ ...key, n: { N: "4" } })
    expect(item).toEqual({
      stream: "Cart-1",
      isTip: true,
      base: 4n,
      next: 4n,
      events: [],
      unfolds: [],
      calvedBytes: 0,
      etag: undefined,
    })
  })

  it("may have times with seven digits and an offset, no encodings, and correlation ids, which count", () => {
    const t = { S: "2026-11-23T20:41:08.1234567+02:00" }
    const event = { t, d: { B: Buffer.from("{}") }, x: { S: "cor" }, y: { S: "cause" } }
    const item = decodeItem({ ...key, n: { N: "1" }, c: { L: [{ S: "Added" }] }, e: { L: [{ M: event }] } })
    expect(toTimelineEvent("Cart-1", item.events[0]!)).toMatchObject({
      time: new Date("2026-11-23T18:41:08.123Z"),
      data: "{}",
      size: 5 + 2 + 3 + 5 + 40,
    })
    expect(encodeCalf("Cart-1", item.events, 1n)["e"]).toEqual({ L: [{ M: event }] })
  })

  it("that are none are refused by name", () => {
    const cases: WireItem[] = [
      { i: { N: "0" } },
      { ...key },
      { ...key, n: { N: "1" }, e: { L: [{ M: {} }] } },
      { ...key, i: { N: "3" }, n: { N: "4" } },
      { ...key, n: { N: "1" }, c: { L: [{ N: "1" }] }, e: { L: [{ M: {} }] } },
      { ...key, n: { N: "0" }, u: { L: [{ M: { i: { N: "0" } } }] } },
      { ...key, n: { N: "0" }, u: { L: [{ M: { i: { N: "x" }, c: { S: "Snap" } } }] } },
    ]
    const messages = cases.map((item) => {
      try {
        return decodeItem(item)
      } catch (error) {
        return String(error)
      }
    })
    expect(messages).toMatchInlineSnapshot(`
      [
        "UnreadableItemError: stream "?": an item has no text "p"",
        "UnreadableItemError: stream "Cart-1": "n" of an item is no whole number",
        "UnreadableItemError: stream "Cart-1": the item at 2147483647 has 1 events and 0 types",
        "UnreadableItemError: stream "Cart-1": the calf at 3 ends at 4, but does not hold 1 events",
        "UnreadableItemError: stream "Cart-1": event 0 is no map with a type",
        "UnreadableItemError: stream "Cart-1": an unfold is no map with a type",
        "UnreadableItemError: stream "Cart-1": "i" of an item is no whole number",
      ]
    `)
  })

  it("whose bodies or times are broken name the event", () => {
    const t = { S: "2026-11-23T18:41:08.923Z" }
    const item = decodeItem({
      ...key,
      n: { N: "3" },
      c: { L: [{ S: "A" }, { S: "A" }] },
      e: { L: [{ M: { t, d: { B: Buffer.from("no brotli") }, D: { N: "2" } } }, { M: {} }] },
    })
    expect(() => toTimelineEvent("Cart-1", item.events[0]!)).toThrowErrorMatchingInlineSnapshot(
      `[UnreadableItemError: stream "Cart-1": "d" of event 1 is not of encoding 2]`,
    )
    expect(() => toTimelineEvent("Cart-1", item.events[1]!)).toThrowErrorMatchingInlineSnapshot(
      `[UnreadableItemError: stream "Cart-1": "t" of event 2 is no time]`,
    )
  })
})

describe("ids of events", () => {
  const event = (index: bigint) => newStoredEvent("Added", index, 0, {})
  const id = (stream: string, index: bigint) => toTimelineEvent(stream, event(index)).id

  it("are UUIDs that stream and index determine", () => {
    expect(id("Cart-1", 0n)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(id("Cart-1", 0n)).toBe(id("Cart-1", 0n))
    const ids = [id("Cart-1", 0n), id("Cart-1", 1n), id("Cart-1", 10n), id("Cart-11", 0n), id("Cart-2", 0n)]
    expect(new Set(ids).size).toBe(ids.length)
  })
})
