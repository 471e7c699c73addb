import { expect, test } from "vitest"
import { StreamName } from "./stream-name.js"

test.each([
  ["account-123", "account", "123"],
  ["account-a-b", "account", "a-b"],
  ["account:command-1+2", "account:command", "1+2"],
  ["account", "account", undefined],
  ["account-", "account", ""],
])("%s: category %s, id %s, as Message DB's functions say (M-42)", (name, category, id) => {
  expect([StreamName.category(name), StreamName.id(name)]).toEqual([category, id])
})

test("a name that is no stream's is refused", () => {
  expect(() => StreamName.parse("account")).toThrowErrorMatchingInlineSnapshot(
    `[InvalidOptionError: StreamName.parse: option "name" must be {category}-{id}, neither of them empty, received "account"]`,
  )
  expect(() => StreamName.create("my-account", "1")).toThrowErrorMatchingInlineSnapshot(
    `[InvalidOptionError: StreamName.create: option "category" must be a non-empty string without "-", received "my-account"]`,
  )
  expect(() => StreamName.create("account", "")).toThrowErrorMatchingInlineSnapshot(
    `[InvalidOptionError: StreamName.create: option "id" must be a non-empty string, received ""]`,
  )
  expect(StreamName.parse("account-1")).toBe("account-1")
})
