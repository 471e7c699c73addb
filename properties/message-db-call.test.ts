import { expect, test } from "vitest"
import { isWrite, messageDbCall } from "./message-db-call.js"

const insert = "insert into eqx_checkpoint (group_name, category, position) values ($1, $2, $3)"

test.each([
  ["select * from get_category_messages($1, $2, $3)", ["account", "7", 10], "get_category_messages", "account"],
  ["select write_message($1, $2, $3, $4)", ["id", "account-1", "Opened", "{}"], "write_message", "account-1"],
  ["SELECT message_store.stream_version($1)", ["account-1"], "stream_version", "account-1"],
  ["select max(global_position) from messages where category(stream_name) = $1", ["a"], "highest position", "a"],
  ["select position from eqx_checkpoint where group_name = $1 and category = $2", ["g", "a"], "loadCheckpoint", "g/a"],
  [`${insert} on conflict do nothing`, ["g", "a", "7"], "establishCheckpoint", "g/a"],
  [
    `${insert} on conflict (group_name, category) do update set position = $3`,
    ["g", "a", "7"],
    "commitCheckpoint",
    "g/a",
  ],
  ["update eqx_checkpoint set position = $3 where group_name = $1", ["g", "a", "7"], "commitCheckpoint", "g/a"],
  ["BEGIN", [], "begin", undefined],
  ["commit", undefined, "commit", undefined],
])("%s with %j is about %s of %s", (text, values, what, of) => {
  const about = of === undefined ? { what } : { what, of }
  expect(messageDbCall("query", [text, values])).toEqual(about)
  expect(messageDbCall("query", [{ text, values }])).toEqual(about)
  expect(isWrite("query", [text, values])).toBe(/^(write_message|.*[^d]Checkpoint)$/.test(what))
})

test("what is no query, or no query of Message DB, is about nothing that is known", () => {
  for (const args of [["select 1"], [undefined], [{ name: "prepared before" }], []])
    expect(messageDbCall("query", args)).toBeUndefined()
  expect(messageDbCall("connect", [])).toBeUndefined()
})

test("bodies of messages are not named", () => {
  const about = messageDbCall("query", ["select write_message($1, $2, $3, $4)", ["id", "a-1", "Type", '{"secret":1}']])
  expect(JSON.stringify(about)).not.toContain("secret")
})
