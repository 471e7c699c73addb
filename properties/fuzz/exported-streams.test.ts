import fc from "fast-check"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { exportedStreams, exportText, redacted } from "./exported-streams.js"

const folder = mkdtempSync(join(tmpdir(), "windtunnel-export-"))
const file = join(folder, "events.json")
afterAll(() => rmSync(folder, { recursive: true }))

const read = (text: string) => {
  writeFileSync(file, text)
  return exportedStreams(file)
}

test("what was exported is read again as it was", () => {
  const event = fc.record({ type: fc.string(), data: fc.jsonValue() })
  const streams = fc.dictionary(
    fc.nat(9).map((n) => `order-${n}`),
    fc.array(event, { maxLength: 3 }),
  )
  const survives = fc.property(streams, (given) => {
    expect(read(exportText(given))).toEqual(JSON.parse(JSON.stringify(given)))
  })
  fc.assert(survives, { numRuns: 50 })
})

test("a redacted export has the same shape, and equal texts stay equal", () => {
  const placed = { type: "Placed", data: { by: "ann@example.org", lines: [{ sku: "a", price: 12 }], gift: true } }
  const paid = { type: "Paid", data: { by: "ann@example.org", on: null }, meta: { $by: "a" } }
  expect(redacted({ "order-1": [placed], "order-2": [paid] })).toEqual({
    "order-1": [{ type: "Placed", data: { by: "text-1", lines: [{ sku: "text-2", price: 0 }], gift: true } }],
    "order-2": [{ type: "Paid", data: { by: "text-1", on: null }, meta: { $by: "text-2" } }],
  })
})

test("another file is refused, with what is wrong in it", () => {
  const wrong = [
    "no json",
    "{}",
    exportText({}).replace("1", "2"),
    exportText({ order: [] }),
    exportText({ "order-1": [{ type: 1 as unknown as string }] }),
  ]
  const message = (text: string) => {
    try {
      return read(text)
    } catch (error) {
      return (error as Error).message.replaceAll(folder, "…")
    }
  }
  expect(wrong.map(message)).toMatchInlineSnapshot(`
    [
      "…/events.json is no file that windtunnel export wrote, of version 1: it must be Object, received undefined",
      "…/events.json is no file that windtunnel export wrote, of version 1: format must be "windtunnel-events", received undefined",
      "…/events.json is no file that windtunnel export wrote, of version 1: version must be 1, received 2",
      "…/events.json is no file that windtunnel export wrote, of version 1: streams.order must be "-", received !"-"",
      "…/events.json is no file that windtunnel export wrote, of version 1: streams.order-1.0.type must be string, received 1",
    ]
  `)
})
