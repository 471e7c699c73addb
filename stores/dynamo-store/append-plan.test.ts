import type { AttributeValue, TransactWriteItemsCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb"
import { describe, expect, it } from "vitest"
import { AppendTooLargeError } from "./append-too-large-error.js"
import { planAppend, type AppendInput } from "./append-plan.js"
import { fromWire, toWire, wireFixture } from "./fixtures/wire-fixture.js"
import { positionAt, sumOfBytes, type Position } from "./position.js"
import { sizeOfItem } from "./service-size.js"
import { encodeBodies, newStoredEvent, newStoredUnfold, toTimelineEvent, type StoredEvent } from "./stored-event.js"
import { decodeItem } from "./stored-item.js"
import { TipOptions } from "./tip-options.js"

type Values = Record<string, AttributeValue>

interface CapturedRequest {
  readonly label: string
  readonly op: string
  readonly input: Values & { Item?: Values; ExpressionAttributeValues?: Values } & TransactWriteItemsCommandInput
}

const captured = wireFixture<{ requests: CapturedRequest[] }>("10-requests.json").requests

describe("requests of the published packages", () => {
  const writes = captured.filter(({ op }) => ["PutItem", "UpdateItem", "TransactWriteItems"].includes(op))

  it.each(writes.map((write, at) => ({ ...write, at })))("$at: $op, $label", ({ op, input }) => {
    const append = inputsOf(op, fromWire(input))
    const { request } = planAppend(append)
    expect(toWire(request.input)).toEqual(conditionedOnEtag(op, input, append.position?.etag))
  })
})

/** What the writer knew and was given when it sent a request. The Tip's old events show only where they are calved. */
function inputsOf(op: string, input: CapturedRequest["input"]): AppendInput {
  const calf = input.TransactItems?.[0]?.Put?.Item
  const update = (op === "UpdateItem" ? input : input.TransactItems?.[1]?.Update) as UpdateItemCommandInput | undefined
  const values = update?.ExpressionAttributeValues ?? {}
  const stream = (calf ?? input.Item ?? update?.Key)!["p"]!.S!
  const item = input.Item ?? { n: values[":n"]!, e: values[":tipE"]!, c: values[":tipC"]!, u: values[":u"]! }
  const events = op === "PutItem" || values[":tipE"] ? entries(stream, item, "e") : []
  const unfolds = entries(stream, { ...item, n: item["n"] ?? { N: "0" } }, "u")
  const etag = (input.Item?.["etag"] ?? values[":etag"])!.S!
  const tip = calf === undefined ? TipOptions.create() : TipOptions.create({ maxEventBytes: 1 })
  return { tableName: "TABLE", stream, position: positionBefore(), tip, etag, events, unfolds }

  function positionBefore(): Position | undefined {
    if (op === "PutItem") return undefined
    const appends = update!.UpdateExpression!.includes("list_append")
    const before = calf !== undefined ? decodeItem(calf).events : appends ? [event(0n, "{}")] : []
    const index = BigInt(values[":n"]?.N ?? 0) - BigInt(events.length)
    const calvedBytes = Number(values[":b"]!.N) - (calf === undefined ? 0 : sumOfBytes(before))
    return positionAt(stream, { index, etag: values[":exp"]?.S ?? "known", calvedBytes, events: before, unfolds: [] })
  }
}

/** Decodes and encodes, so that encoding is under test too. */
function entries(stream: string, item: Values, list: "e" | "u"): StoredEvent[] {
  const { events, unfolds } = decodeItem({ p: { S: stream }, i: { N: "2147483647" }, ...item })
  return (list === "e" ? events : unfolds).map((stored) => {
    const { type, index, time, data, meta } = toTimelineEvent(stream, stored)
    const bodies = encodeBodies({ type, ...(data !== undefined && { data }), ...(meta !== undefined && { meta }) })
    return (list === "e" ? newStoredEvent : newStoredUnfold)(type, index, time.getTime(), bodies)
  })
}

/** Our writer compares the etag where the published one compares the version. */
function conditionedOnEtag(op: string, input: CapturedRequest["input"], etag: string | undefined) {
  const copy = structuredClone(input)
  const update = (op === "UpdateItem" ? copy : copy.TransactItems?.[1]?.Update) as UpdateItemCommandInput | undefined
  if (update?.ConditionExpression !== "n = :ver") return copy
  update.ConditionExpression = "etag = :exp"
  const { ":ver": _, ...values } = update.ExpressionAttributeValues!
  update.ExpressionAttributeValues = { ...values, ":exp": { S: etag! } }
  return copy
}

const event = (index: bigint, body = "") =>
  newStoredEvent("Added", index, 0, encodeBodies({ type: "Added", data: body }))
const unfold = (index: bigint, body = "{}") =>
  newStoredUnfold("Snap", index, 0, encodeBodies({ type: "Snap", data: body }))
/** Bodies that somebody else encoded are stored as they are: these bytes count. */
const bulky = (index: bigint, bytes: number) =>
  newStoredEvent("Added", index, 0, { data: { encoding: 0, body: new Uint8Array(bytes) } })
const bulkyUnfold = (index: bigint, bytes: number) =>
  newStoredUnfold("Snap", index, 0, { data: { encoding: 0, body: new Uint8Array(bytes) } })

function append(given: Partial<AppendInput>): AppendInput {
  const defaults = { tableName: "t", stream: "Cart-1", position: undefined, tip: TipOptions.create(), etag: "new" }
  return { ...defaults, events: [], unfolds: undefined, ...given }
}

function tipOf(events: number, unfolds: readonly StoredEvent[] = [], etag: string | undefined = "old"): Position {
  const index = BigInt(events)
  return positionAt("Cart-1", {
    index,
    etag,
    calvedBytes: 0,
    events: Array.from({ length: events }, (_, at) => event(BigInt(at))),
    unfolds,
  })
}

const update = (input: AppendInput) => planAppend(input).request.input as UpdateItemCommandInput

describe("an append", () => {
  it("to a Tip of version 0 that was seen is an update", () => {
    const plan = planAppend(append({ position: tipOf(0), events: [event(0n)] }))
    expect(plan.request.type).toBe("update")
    expect(update(append({ position: tipOf(0), events: [event(0n)] })).UpdateExpression).toContain("e = :tipE")
  })

  it("to a Tip without an etag asks for its version and for no etag", () => {
    const position = positionAt("Cart-1", { index: 3n, etag: undefined, calvedBytes: 0, events: [], unfolds: [] })
    const { ConditionExpression, ExpressionAttributeValues } = update(append({ position, events: [event(3n)] }))
    expect(ConditionExpression).toBe("n = :ver AND attribute_not_exists(etag)")
    expect(ExpressionAttributeValues?.[":ver"]).toEqual({ N: "3" })
  })

  it("without unfolds keeps those of the Tip, before its own events", () => {
    const { after, request } = planAppend(append({ position: tipOf(5, [unfold(5n)]), events: [event(5n)] }))
    expect(after.unfolds.map(({ index }) => index)).toEqual([4n])
    const values = (request.input as UpdateItemCommandInput).ExpressionAttributeValues
    expect(values?.[":u"]?.L?.[0]?.M).toMatchObject({ i: { N: "4" }, c: { S: "Snap" } })
    const next = planAppend(append({ position: after, events: [event(6n)] }))
    expect(next.after.unfolds.map(({ index }) => index)).toEqual([4n])
  })

  it("that calves keeps them too, if they reflect all that is calved", () => {
    const tip = TipOptions.create({ maxEvents: 2 })
    const { after, request } = planAppend(append({ tip, position: tipOf(2, [unfold(2n)]), events: [event(2n)] }))
    expect(request.type).toBe("calve")
    expect(after).toMatchObject({ index: 3n, calvedBytes: 2 * 45, events: [{ index: 2n }], unfolds: [{ index: 1n }] })
    const next = planAppend(append({ tip: TipOptions.create({ maxEvents: 1 }), position: after, events: [event(3n)] }))
    expect(next.request.type).toBe("calve")
    expect(next.after.unfolds).toEqual([])
  })

  it("with unfolds replaces all of them, with none too", () => {
    const position = tipOf(1, [unfold(1n)])
    expect(planAppend(append({ position, events: [event(1n)], unfolds: [] })).after.unfolds).toEqual([])
  })
})

describe("calving", () => {
  const type = (given: Partial<AppendInput>) => planAppend(append(given)).request.type

  it("waits until a limit is passed, not reached", () => {
    const position = tipOf(2)
    const events = [event(2n)]
    expect(type({ position, events, tip: TipOptions.create({ maxEvents: 3 }) })).toBe("update")
    expect(type({ position, events, tip: TipOptions.create({ maxEvents: 2 }) })).toBe("calve")
    expect(type({ position, events, tip: TipOptions.create({ maxEventBytes: 3 * 45 }) })).toBe("update")
    expect(type({ position, events, tip: TipOptions.create({ maxEventBytes: 3 * 45 - 1 }) })).toBe("calve")
    expect(type({ position, events, tip: TipOptions.create({ maxBytes: 3 * 45 }) })).toBe("update")
    expect(type({ position, events, tip: TipOptions.create({ maxBytes: 3 * 45 - 1 }) })).toBe("calve")
  })

  it("needs events to calve: one append is never split", () => {
    const tip = TipOptions.create({ maxEvents: 1, maxBytes: 1 })
    expect(type({ tip, events: [event(0n), event(1n)] })).toBe("put")
    expect(type({ tip, position: tipOf(0), events: [event(0n), event(1n)] })).toBe("update")
  })

  it("follows maxBytes with the limit for events", () => {
    expect(TipOptions.create({ maxBytes: 48 * 1024 }).maxEventBytes).toBe(48 * 1024)
  })

  it("is not what a huge snapshot asks for at every append", () => {
    const tip = TipOptions.create({ maxBytes: 1000 })
    let position = tipOf(1)
    const requests: string[] = []
    for (let index = 1n; index <= 20n; index++) {
      const plan = planAppend(
        append({ tip, position, events: [event(index)], unfolds: [bulkyUnfold(index + 1n, 2000)] }),
      )
      position = plan.after
      requests.push(plan.request.type)
    }
    // A quarter of 1000 bytes is room for five events of 45.
    expect(requests.filter((request) => request === "calve").length).toBe(4)
  })
})

describe("an item that is larger than the service takes", () => {
  it("is calved, whatever the options allow, if that helps", () => {
    const tip = TipOptions.create({ maxBytes: 1_000_000 })
    const first = planAppend(append({ tip, events: [bulky(0n, 300_000)] }))
    expect(planAppend(append({ tip, position: first.after, events: [bulky(1n, 80_000)] })).request.type).toBe("update")
    expect(planAppend(append({ tip, position: first.after, events: [bulky(1n, 150_000)] })).request.type).toBe("calve")
  })

  it("is refused before it is sent, with sizes, if that does not help", () => {
    const tooLarge = append({ events: [bulky(0n, 420_000)] })
    expect(() => planAppend(tooLarge)).toThrow(AppendTooLargeError)
    expect(() => planAppend(tooLarge)).toThrowErrorMatchingInlineSnapshot(
      `[AppendTooLargeError: stream "Cart-1": the item would be 420082 bytes with 1 new events and 0 unfolds; DynamoDB takes items of up to 409600 bytes]`,
    )
  })

  it("is measured as the service does", () => {
    const item = { p: { S: "Ä" }, n: { N: "-1200" }, l: { L: [{ S: "ab" }, { M: { x: { B: new Uint8Array(3) } } }] } }
    expect(sizeOfItem(item)).toBe(1 + 2 + (1 + 3) + (1 + 3 + 1 + 2 + 1 + 3 + 1 + 1 + 3))
  })
})
