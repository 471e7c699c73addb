import { describe, expect, it } from "vitest"
import { FakeDynamoDB } from "./index.js"

describe("slice", () => {
  it("works", async () => {
    const fake = new FakeDynamoDB()
    await fake.createTable({
      TableName: "tab",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "p", KeyType: "HASH" },
        { AttributeName: "i", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "p", AttributeType: "S" },
        { AttributeName: "i", AttributeType: "N" },
      ],
    })
    await fake.putItem({ TableName: "tab", Item: { p: { S: "a" }, i: { N: "1" }, b: { B: new Uint8Array([1, 2]) } } })
    console.log(
      await fake.getItem({ TableName: "tab", Key: { p: { S: "a" }, i: { N: "01" } }, ReturnConsumedCapacity: "TOTAL" }),
    )
    fake.middlewareStack.add((next) => (args) => next(args), { step: "initialize" })
    console.dir(
      await fake.getItem({ TableName: "tab", Key: { p: { S: "a" }, i: { N: "01" } }, ReturnConsumedCapacity: "TOTAL" }),
      { depth: 9 },
    )
    console.dir(await fake.describeTable({ TableName: "tab" }), { depth: 9 })
    console.dir(
      await fake
        .putItem({
          TableName: "tab",
          ConditionExpression: "attribute_not_exists(i)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          Item: { p: { S: "a" }, i: { N: "1" } },
        })
        .catch((e) => [e.message, e.name, e.constructor.name, e.$metadata, e.$fault, e.Item]),
      { depth: 9 },
    )
    console.dir(
      await fake
        .query({
          TableName: "tab",
          KeyConditionExpression: "p = :p",
          ExpressionAttributeValues: { ":p": { S: "a" }, ":q": { S: "a" } },
        })
        .catch((e) => [e.message, e.name, e.constructor.name, e.$metadata, e.$fault, Object.keys(e)]),
      { depth: 9 },
    )
    expect(1).toBe(1)
  })
})
