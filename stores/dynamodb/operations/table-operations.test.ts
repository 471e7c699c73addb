import type { UpdateTableInput } from "@aws-sdk/client-dynamodb"
import { describe, expect, it } from "vitest"
import { ManualClock } from "../../../engine/manual-clock.js"
import { FakeDynamoDB } from "../index.js"
import { createEvents, keyOf } from "../test-table.js"

const TableName = "events"
const failure = (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`

async function setUp() {
  const clock = new ManualClock(Date.UTC(2026, 0, 31))
  const fake = new FakeDynamoDB({ clock })
  await createEvents(fake)
  const update = (input: Omit<UpdateTableInput, "TableName">) =>
    fake.updateTable({ TableName, ...input }).catch(failure)
  return { clock, fake, update }
}

describe("a table", () => {
  it("is there at once, and gone at once", async () => {
    const { fake } = await setUp()
    await fake.putItem({ TableName, Item: keyOf("a", 1) })
    expect((await fake.describeTable({ TableName })).Table).toMatchObject({
      TableStatus: "ACTIVE",
      ItemCount: 1,
      TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/events",
      CreationDateTime: new Date(Date.UTC(2026, 0, 31)),
      BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    })
    await expect(createEvents(fake)).rejects.toThrow("Table already exists: events")
    expect((await fake.deleteTable({ TableName })).TableDescription).toMatchObject({ TableStatus: "DELETING" })
    expect(await fake.describeTable({ TableName }).catch(failure)).toBe(
      "ResourceNotFoundException: Requested resource not found: Table: events not found",
    )
    await createEvents(fake)
    expect(fake.database.dump(TableName)).toEqual([])
  })

  it("that is protected is not deleted", async () => {
    const { fake, update } = await setUp()
    await update({ DeletionProtectionEnabled: true })
    expect(await fake.deleteTable({ TableName }).catch(failure)).toBe(
      "ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    )
    await update({ DeletionProtectionEnabled: false })
    await fake.deleteTable({ TableName })
  })

  it("is listed by name, page by page", async () => {
    const { fake } = await setUp()
    for (const name of ["zebra", "aardvark"]) await createEvents(fake, name)
    const first = await fake.listTables({ Limit: 2 })
    expect(first).toMatchObject({ TableNames: ["aardvark", "events"], LastEvaluatedTableName: "events" })
    const second = await fake.listTables({ Limit: 2, ExclusiveStartTableName: "events" })
    expect(second.TableNames).toEqual(["zebra"])
    expect(second.LastEvaluatedTableName).toBeUndefined()
  })

  it.each([
    ["no key", { KeySchema: [] }, "Value at 'KeySchema' failed to satisfy constraint: Member must have length"],
    [
      "a key that is not defined",
      { KeySchema: [{ AttributeName: "q", KeyType: "HASH" as const }] },
      "Some index key attributes are not defined in AttributeDefinitions. Keys: [q], AttributeDefinitions: [p]",
    ],
    [
      "an attribute that is no key",
      { AttributeDefinitions: ["p", "q"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })) },
      "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
    ],
    ["no capacity", { BillingMode: undefined }, "ReadCapacityUnits and WriteCapacityUnits must both be specified"],
    ["a short name", { TableName: "ab" }, "Value 'ab' at 'tableName' failed to satisfy constraint"],
    [
      "what the fake does not have",
      { SSESpecification: { Enabled: true } },
      "does not have the parameter SSESpecification",
    ],
  ])("is not created with %s", async (_, input, expected) => {
    const { fake } = await setUp()
    const good = {
      TableName: "another",
      BillingMode: "PAY_PER_REQUEST" as const,
      KeySchema: [{ AttributeName: "p", KeyType: "HASH" as const }],
      AttributeDefinitions: [{ AttributeName: "p", AttributeType: "S" as const }],
    }
    await expect(fake.createTable({ ...good, ...input })).rejects.toThrow(expected)
    await fake.createTable(good)
  })
})

describe("the stream of a table", () => {
  it("is enabled, disabled and enabled again, each time another", async () => {
    const { clock, fake, update } = await setUp()
    const enable = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" as const } }
    const disable = { StreamSpecification: { StreamEnabled: false } }
    expect(await update(disable)).toBe("ValidationException: Table has no stream to disable")
    await update(enable)
    expect(await update(enable)).toBe("ValidationException: Table already has an enabled stream: TableName: events")
    await update(disable)
    await clock.advance(1000)
    await update(enable)
    expect((await fake.describeTable({ TableName })).Table).toMatchObject({
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
      LatestStreamLabel: "2026-01-31T00:00:01.000",
    })
    await fake.deleteTable({ TableName })
    expect(fake.database.streams().map(({ streamLabel, disabledAt }) => [streamLabel, disabledAt])).toEqual([
      ["2026-01-31T00:00:00.000", Date.UTC(2026, 0, 31)],
      ["2026-01-31T00:00:01.000", Date.UTC(2026, 0, 31) + 1000],
    ])
  })

  it("is told with each change while it is enabled", async () => {
    const { fake, update } = await setUp()
    const streams: (string | undefined)[] = []
    fake.database.onChange(({ streamArn }) => streams.push(streamArn))
    await fake.putItem({ TableName, Item: keyOf("a", 1) })
    await update({ StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } })
    await fake.putItem({ TableName, Item: keyOf("a", 1) })
    await update({ StreamSpecification: { StreamEnabled: false } })
    await fake.deleteItem({ TableName, Key: keyOf("a", 1) })
    const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/events/stream/2026-01-31T00:00:00.000"
    expect(streams).toEqual([undefined, arn, undefined])
  })
})

it("items do not expire, and the fake says so", async () => {
  const { fake } = await setUp()
  expect((await fake.describeTimeToLive({ TableName })).TimeToLiveDescription).toEqual({ TimeToLiveStatus: "DISABLED" })
  const ttl = { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: "x" } }
  await expect(fake.updateTimeToLive(ttl)).rejects.toThrow("FakeDynamoDB does not have items that expire")
})
