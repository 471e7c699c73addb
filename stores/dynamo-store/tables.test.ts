import { describe, expect, it } from "vitest"
import { FakeDynamoDB } from "../dynamodb/index.js"
import { createTables } from "./tables.js"

describe("createTables", () => {
  it("makes the table of events with a stream, and the one of the index without", async () => {
    const ddb = new FakeDynamoDB()
    await createTables(ddb, { events: "events", index: "events_index" })
    const described = async (name: string) => (await ddb.describeTable({ TableName: name })).Table!
    const events = await described("events")
    expect(events.KeySchema).toEqual([
      { AttributeName: "p", KeyType: "HASH" },
      { AttributeName: "i", KeyType: "RANGE" },
    ])
    expect(events.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "NEW_IMAGE" })
    expect((await described("events_index")).StreamSpecification).toBeUndefined()
  })

  it("leaves a table that is there as it is, with what is in it", async () => {
    const ddb = new FakeDynamoDB()
    const names = { events: "events", index: "events_index" }
    await createTables(ddb, names)
    await ddb.putItem({ TableName: "events", Item: { p: { S: "a-1" }, i: { N: "0" } } })
    await createTables(ddb, names)
    expect((await ddb.scan({ TableName: "events" })).Count).toBe(1)
  })

  it("says what is wrong with its options", async () => {
    const ddb = new FakeDynamoDB()
    await expect(createTables(ddb, { events: "", index: "i" })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: createTables: option "events" must be a non-empty string, received ""]`,
    )
  })
})
