import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { type Item, normalizeItem } from "../attribute-value.js"
import { Placeholders } from "./placeholders.js"

/* One item, names and values that the tests of all kinds of expressions use. */

export const exampleItem: Item = normalizeItem({
  p: { S: "P" },
  i: { N: "1" },
  s: { S: "abc" },
  n: { N: "5" },
  same: { N: "5.0" },
  emoji: { S: "é😀" },
  bin: { B: new Uint8Array([1, 2, 200]) },
  yes: { BOOL: true },
  nothing: { NULL: true },
  l: { L: [{ N: "0" }, { N: "1" }, { N: "2" }, { M: { x: { S: "deep" } } }] },
  m: { M: { a: { N: "1" }, b: { L: [{ S: "z" }] } } },
  ss: { SS: ["a", "b"] },
  ns: { NS: ["1", "2"] },
  bs: { BS: [new Uint8Array([1])] },
  "a.b": { S: "dotted" },
})

const names: Record<string, string> = { "#s": "s", "#n": "n", "#l": "l", "#dot": "a.b", "#name": "name" }

const values: Record<string, AttributeValue> = {
  ":one": { N: "1" },
  ":two": { N: "2" },
  ":five": { N: "5.0" },
  ":a": { S: "a" },
  ":bc": { S: "bc" },
  ":N": { S: "N" },
  ":SS": { S: "SS" },
  ":P": { S: "P" },
  ":Q": { S: "Q" },
  ":bytes": { B: new Uint8Array([2, 200]) },
  ":first": { B: new Uint8Array([1]) },
  ":true": { BOOL: true },
  ":null": { NULL: true },
  ":list": { L: [{ S: "new" }] },
  ":none": { L: [] },
  ":map": { M: { q: { N: "1" } } },
  ":ab": { SS: ["a", "b"] },
  ":bcs": { SS: ["b", "c"] },
  ":ns": { NS: ["2", "3"] },
  ":bs": { BS: [new Uint8Array([1])] },
}

/** The names and values that the expression uses, of those that there are. */
export function placeholdersFor(expression: string): Placeholders {
  return new Placeholders(used(names, expression), used(values, expression))
}

function used<T>(all: Record<string, T>, expression: string): Record<string, T> | undefined {
  const words = new Set(expression.match(/[#:][A-Za-z0-9_]+/g))
  const entries = Object.entries(all).filter(([key]) => words.has(key))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** What each expression is refused with, line by line. */
export function refusals(parse: (expression: string) => unknown, expressions: readonly string[]): string {
  return expressions.map((expression) => `${expression}\n    ${refusal(() => parse(expression))}`).join("\n")
}

function refusal(parse: () => unknown): string {
  try {
    return `is ${JSON.stringify(parse())}`
  } catch (error) {
    return (error as Error).message
  }
}
