import { expect, test } from "vitest"
import { similarNames } from "./similar-names.js"

const names = ["one-consumer", "consumer-group", "crash-and-restart", "hot-stream"]

test.each([
  ["one-consumr", ["one-consumer"]],
  ["hotstream", ["hot-stream"]],
  ["consumer", ["one-consumer", "consumer-group"]],
  ["crash", ["crash-and-restart"]],
  ["kafka", []],
  ["", []],
])("%j may have meant %j", (text, expected) => {
  expect(similarNames(text, names)).toEqual(expected)
})
