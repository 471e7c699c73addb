import { expect, test } from "vitest"
import { dynamoDbCall } from "./dynamodb-call.js"

const key = (stream: string) => ({ p: { S: stream }, i: { N: "0" } })

test.each([
  ["getItem", { Key: key("a-1") }, { of: "a-1" }],
  ["putItem", { Item: { ...key("a-1"), e: { B: "secret" } } }, { of: "a-1" }],
  ["query", { ExpressionAttributeValues: { ":p": { S: "$AppendsEpoch-0_1" } } }, { of: "$AppendsEpoch-0_1" }],
  ["transactWriteItems", { TransactItems: [{ Put: { Item: key("a-1") } }] }, { of: "a-1" }],
  ["getItem", { Key: key("$ReaderCheckpoint-0_g") }, { what: "loadCheckpoint", of: "$ReaderCheckpoint-0_g" }],
  ["updateItem", { Key: key("$ReaderCheckpoint-0_g") }, { what: "commitCheckpoint", of: "$ReaderCheckpoint-0_g" }],
  ["describeTable", { TableName: "events" }, undefined],
  ["config", undefined, undefined],
])("%s of %j is about %j", (operation, input, about) => {
  expect(dynamoDbCall(operation, [input])).toEqual(about)
})
