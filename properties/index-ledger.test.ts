import { describe, expect, test } from "vitest"
import type { Happening } from "../sim/trace.js"
import type { AppendedEvent } from "./appended-event.js"
import { bodyDigest } from "./body-digest.js"
import type { Item } from "./dynamo-store-backend.js"
import { faultOf, IndexLedger, inOrder } from "./index-ledger.js"

const tip = 2_147_483_647

/** An item with one event for each text; `next` is the index after the last. */
function item(stream: string, next: number, bodies: readonly string[], i = tip, type = "Happened"): Item {
  return {
    p: { S: stream },
    i: { N: String(i) },
    n: { N: String(next) },
    c: { L: bodies.map((text) => ({ S: text === "" ? "Closed" : type })) },
    e: { L: bodies.map((text) => ({ M: text === "" ? {} : { d: { B: Buffer.from(text) }, D: { N: "0" } } })) },
  }
}

const epoch = (n: number, next: number, entries: readonly (object | undefined)[], i = tip): Item => {
  const texts = entries.map((entry) => (entry === undefined ? "" : JSON.stringify(entry)))
  return item(`$AppendsEpoch-0_${n}`, next, texts, i, "Ingested")
}

const add = (p: string, i: number, count = 1) => ({ p, i, c: Array.from({ length: count }, () => "Happened") })

function ledger(onceOnly = true) {
  const told: (AppendedEvent | Extract<Happening, { kind: "AppendedAgain" }>)[] = []
  const books = new IndexLedger({ tell: (event) => told.push(event), isOnceOnly: () => onceOnly })
  const positions = () =>
    told.map(({ kind, stream, index, pos }) => `${stream}@${index} at ${pos}${kind === "Appended" ? "" : ", again"}`)
  return { books, told, positions }
}

describe("events are told when they are indexed for the first time", () => {
  test("with the entry's position, which they share, and the body that was written", () => {
    const { books, told } = ledger()
    books.takeEvents(item("a-1", 2, ["x", "y"]))
    expect([books.isIndexComplete, told]).toEqual([false, []])
    books.takeIndex(epoch(3, 1, [{ add: [add("a-1", 0, 2)], app: [] }]))
    const common = { kind: "Appended", stream: "a-1", tranche: "0", pos: 3_000_000n }
    expect(told).toEqual([
      { ...common, index: 0, body: bodyDigest("Happened", "x") },
      { ...common, index: 1, body: bodyDigest("Happened", "y") },
    ])
    expect([books.isIndexComplete, books.fault]).toEqual([true, undefined])
  })

  test("once, however often an item is shown as it grows and is calved", () => {
    const { books, positions } = ledger()
    books.takeEvents(item("a-1", 1, ["x"]))
    books.takeEvents(item("a-1", 1, ["x"], 0))
    books.takeEvents(item("a-1", 3, ["y", "z"]))
    const entries = [
      { add: [add("a-1", 0)], app: [] },
      { add: [], app: [add("a-1", 1, 2)] },
    ]
    books.takeIndex(epoch(0, 1, entries.slice(0, 1)))
    books.takeIndex(epoch(0, 2, entries))
    books.takeIndex(epoch(0, 2, entries, 0))
    books.takeIndex(epoch(0, 3, [undefined]))
    expect(positions()).toEqual(["a-1@0 at 0", "a-1@1 at 1", "a-1@2 at 1"])
    expect(books.fault).toBeUndefined()
  })

  test("and what never was is told of with the position behind the last entry", () => {
    const { books } = ledger()
    books.takeEvents(item("a-1", 2, ["x", "y"]))
    books.takeIndex(epoch(0, 1, [{ add: [add("a-1", 0)], app: [] }]))
    expect([...books.unindexed()]).toMatchObject([{ stream: "a-1", index: 1, pos: 1n }])
  })
})

describe("the tables themselves are looked at", () => {
  const faultAfter = (play: (books: IndexLedger) => void, onceOnly = true) => {
    const { books } = ledger(onceOnly)
    play(books)
    return books.fault
  }

  test("an event that was written twice", () => {
    expect(faultAfter((books) => books.takeEvents(item("a-1", 2, ["x", "x"])))).toBe(
      "one event was written twice, as a-1@0 and as a-1@1",
    )
  })

  test("an index entry for an event that is not there", () => {
    const play = (books: IndexLedger) => books.takeIndex(epoch(0, 1, [{ add: [add("a-1", 0)], app: [] }]))
    expect(faultAfter(play)).toBe("the index names a-1@0, which nobody wrote")
  })

  test("what is indexed twice, or out of its order, where indexers look back all the way", () => {
    const twice = (books: IndexLedger) => {
      books.takeEvents(item("a-1", 1, ["x"]))
      books.takeIndex(
        epoch(0, 2, [
          { add: [add("a-1", 0)], app: [] },
          { add: [add("a-1", 0)], app: [] },
        ]),
      )
    }
    const early = (books: IndexLedger) => {
      books.takeEvents(item("a-1", 2, ["x", "y"]))
      books.takeIndex(epoch(0, 1, [{ add: [add("a-1", 1)], app: [] }]))
    }
    expect(faultAfter(twice)).toBe("a-1@0 was indexed twice")
    expect(faultAfter(early)).toBe("a-1@1 was indexed before the event that precedes it")
    expect([faultAfter(twice, false), faultAfter(early, false)]).toEqual([undefined, undefined])
  })

  test("items that do not follow one another", () => {
    const calf = item("a-1", 2, ["x", "y"], 0)
    expect(faultOf([item("a-1", 3, ["z"]), calf, item("b-1", 1, ["u"])])).toBeUndefined()
    expect(faultOf([calf, item("a-1", 4, ["z"])])).toBe("a-1: an item begins at 3 where 2 is due")
    expect(faultOf([calf, item("b-1", 1, ["u"])])).toBe("a-1 has no Tip")
    expect(faultOf([calf])).toBe("a-1 has no Tip")
  })
})

test("items of the index come epoch by epoch, not as their names sort", () => {
  const items = [epoch(10, 1, [{}]), epoch(9, 2, [{}]), epoch(9, 1, [{}], 0)]
  expect(inOrder(items).map((each) => [each["p"]?.S, each["i"]?.N])).toEqual([
    ["$AppendsEpoch-0_9", "0"],
    ["$AppendsEpoch-0_9", String(tip)],
    ["$AppendsEpoch-0_10", String(tip)],
  ])
})
