import fc from "fast-check"
import { expect, it } from "vitest"
import { SortedRows } from "./sorted-rows.js"

interface Row {
  readonly sortKey: string
}

const sortKey = fc.integer({ min: 0, max: 3000 }).map((n) => String(n).padStart(4, "0"))
const change = fc.record({ insert: fc.boolean(), sortKey })
const bound = fc.option(sortKey, { nil: undefined })

function rowsAfter(changes: readonly { readonly insert: boolean; readonly sortKey: string }[]) {
  const rows = new SortedRows<Row>()
  const model = new Set<string>()
  for (const { insert, sortKey: key } of changes) {
    if (insert && !model.has(key)) rows.insert({ sortKey: key })
    if (!insert) rows.remove(key)
    if (insert) model.add(key)
    else model.delete(key)
  }
  return { rows, model: [...model].sort() }
}

it("walk what is within the bounds, in order, both ways, as far as one likes", () => {
  fc.assert(
    fc.property(
      fc.array(change, { size: "+2", maxLength: 3000 }),
      fc.option(sortKey, { nil: "" }),
      bound,
      fc.boolean(),
      fc.nat(2000),
      (changes, from, to, forward, limit) => {
        const { rows, model } = rowsAfter(changes)
        const seen: string[] = []
        const isOver = rows.walk({ from, to }, forward, (row) => seen.push(row.sortKey) <= limit)
        const within = model.filter((key) => key >= from && (to === undefined || key < to))
        const expected = forward ? within : within.reverse()
        expect(seen).toEqual(expected.slice(0, limit + 1))
        expect(isOver).toBe(expected.length <= limit)
        expect(rows.size).toBe(model.length)
      },
    ),
    { numRuns: 60 },
  )
})

it("find what was inserted and not removed, also when there are many blocks", () => {
  const rows = new SortedRows<Row>()
  const keys = Array.from({ length: 5000 }, (_, n) => String((n * 2711) % 5000).padStart(4, "0"))
  for (const key of keys) rows.insert({ sortKey: key })
  for (const key of keys) if (Number(key) % 3 === 0) rows.remove(key)
  for (const key of keys) expect(rows.get(key)?.sortKey).toBe(Number(key) % 3 === 0 ? undefined : key)
})
