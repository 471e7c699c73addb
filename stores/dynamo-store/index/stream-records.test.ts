import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { expect, test } from "vitest"
import { type StreamRecord, spansOf } from "./stream-records.js"

type Image = Record<string, AttributeValue>

const tip = (p: string, n: number, a: number, types: readonly string[]): Image => ({
  p: { S: p },
  i: { N: "2147483647" },
  n: { N: String(n) },
  a: { N: String(a) },
  c: { L: types.map((type) => ({ S: type })) },
})

function record(
  NewImage: Image | undefined,
  over: { eventName?: string; view?: string; OldImage?: Image } = {},
): StreamRecord {
  const { eventName = "MODIFY", view = "NEW_IMAGE", OldImage } = over
  return {
    eventName,
    dynamodb: { Keys: { p: NewImage?.["p"] ?? { S: "?" } }, NewImage, OldImage, StreamViewType: view },
  }
}

function read(...records: StreamRecord[]) {
  const warnings: string[] = []
  return { spans: spansOf(records, (message) => void warnings.push(message)), warnings }
}

test("a Tip that was trimmed keeps what it says of its last write: events below the Tip are left out", () => {
  expect(read(record(tip("A-1", 7, 3, ["Last"]))).spans).toEqual([{ stream: "A-1", index: 6, types: ["Last"] }])
  expect(read(record(tip("A-1", 7, 3, [])))).toEqual({ spans: [], warnings: [] })
})

test("with old images, a record without new events gives nothing", () => {
  const [before, after] = [tip("A-1", 2, 1, ["X", "Y"]), tip("A-1", 2, 1, ["Y"])]
  expect(read(record(after, { view: "NEW_AND_OLD_IMAGES", OldImage: before })).spans).toEqual([])
  const grown = tip("A-1", 3, 1, ["X", "Y", "Z"])
  expect(read(record(grown, { view: "NEW_AND_OLD_IMAGES", OldImage: before })).spans).toEqual([
    { stream: "A-1", index: 2, types: ["Z"] },
  ])
})

test("items of other software do not block the stream", () => {
  const foreign: Image[] = [
    { p: { S: "A-1" }, a: { N: "1" }, c: { L: [{ S: "X" }] } },
    { p: { S: "A-1" }, n: { N: "1" }, a: { N: "1" } },
    { p: { S: "A-1" }, n: { N: "1" }, a: { N: "1" }, c: { L: [{ N: "1" }] } },
    { n: { N: "1" }, a: { N: "1" }, c: { L: [{ S: "X" }] } },
    tip("A-1", 1, 2, ["X", "Y"]),
  ]
  const { spans, warnings } = read(...foreign.map((image) => record(image)), record(tip("B-1", 1, 1, ["X"])))
  expect(spans).toEqual([{ stream: "B-1", index: 0, types: ["X"] }])
  expect(warnings).toMatchInlineSnapshot(`
    [
      "records of 5 items that are of no stream of events are left out, first {"p":{"S":"A-1"}}",
    ]
  `)
})

test("streams of the system are nobody's events", () => {
  expect(read(record(tip("$ReaderCheckpoint-0_g", 1, 1, ["Started"])))).toEqual({ spans: [], warnings: [] })
})

test("a stream without new images is a matter of configuration", () => {
  expect(() => read(record(undefined, { view: "KEYS_ONLY" }))).toThrow(
    'StreamViewType of the events table must be NEW_IMAGE or NEW_AND_OLD_IMAGES, received "KEYS_ONLY"',
  )
  expect(() => read({ eventName: "INSERT", dynamodb: {} })).toThrow("received none")
  expect(() => read(record(tip("A-1", 1, 1, ["X"]), { eventName: "EXPIRE" }))).toThrow(
    `a record's eventName must be INSERT, MODIFY or REMOVE, received "EXPIRE"`,
  )
})
