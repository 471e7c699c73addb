import fc from "fast-check"
import { expect, it, test } from "vitest"
import { anyItem } from "./attribute-value-arbitraries.js"
import { sizeOfItem, sizeOfValue } from "./item-size.js"

test.each([
  ["a text takes its UTF-8 bytes", { S: "é😀" }, 6],
  ["bytes take themselves", { B: new Uint8Array(5) }, 5],
  ["true takes one", { BOOL: true }, 1],
  ["null takes one", { NULL: true }, 1],
  ["an empty list takes three", { L: [] }, 3],
  ["an empty map takes three", { M: {} }, 3],
  ["a list takes one more for each element", { L: [{ S: "a" }, { N: "1" }] }, 8],
  ["a map takes one more for each member, and its name", { M: { abc: { S: "a" } } }, 8],
  ["containers add up", { M: { a: { M: { b: { L: [{ NULL: true }] } } } } }, 15],
  ["a set of texts takes what its members take", { SS: ["a", "bc"] }, 3],
  ["a set of numbers takes what its members take", { NS: ["1", "234"] }, 5],
  ["a set of bytes takes what its members take", { BS: [new Uint8Array(3), new Uint8Array(2)] }, 5],
] as const)("%s", (_, value, bytes) => {
  expect(sizeOfValue(structuredClone(value) as Parameters<typeof sizeOfValue>[0])).toBe(bytes)
})

it("counts the names of attributes", () => {
  expect(sizeOfItem({ name: { S: "abc" }, é: { BOOL: false } })).toBe(7 + 3)
})

it("of an item is the sum over its attributes, and a map is that much, three, and one for each member", () => {
  fc.assert(
    fc.property(anyItem, (item) => {
      const single = Object.entries(item).map(([name, value]) => sizeOfItem({ [name]: value }))
      const sum = single.reduce((total, size) => total + size, 0)
      expect(sizeOfItem(item)).toBe(sum)
      expect(sizeOfValue({ M: item })).toBe(sum + 3 + single.length)
    }),
  )
})
