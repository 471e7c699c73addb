import { expect, test } from "vitest"
import { createTables, DynamoStoreClient, DynamoStoreContext, EventsContext } from "../stores/dynamo-store/index.js"
import { FakeDynamoDB } from "../stores/dynamodb/index.js"
import { dynamoStoreStreams } from "./dynamo-store-streams.js"

const streams = 40

/** A page of a scan holds a megabyte; here it holds three items. */
class SmallPages extends FakeDynamoDB {
  pages = 0
  override readonly scan = ((input: Parameters<FakeDynamoDB["scan"]>[0]) => {
    this.pages++
    return super.scan({ ...input, Limit: 3 })
  }) as FakeDynamoDB["scan"]
}

async function filledTable() {
  const client = new SmallPages()
  await createTables(client, { events: "events", index: "index" })
  const context = new DynamoStoreContext({ client: new DynamoStoreClient(client), tableName: "events" })
  const events = new EventsContext(context)
  for (let n = 0; n < streams; n++) {
    const category = n % 2 === 0 ? "even" : "odd"
    await events.sync(`${category}-${n}`, undefined, [{ type: "Counted", data: String(n) }, { type: "Told" }])
  }
  return client
}

test("all streams of a category are found in a table of several pages, each once and whole", async () => {
  const found = await dynamoStoreStreams(await filledTable(), "events", "even", streams)
  expect([...found.keys()].sort()).toEqual(Array.from({ length: streams / 2 }, (_, n) => `even-${2 * n}`).sort())
  for (const [name, events] of found)
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ["Counted", name.slice("even-".length)],
      ["Told", undefined],
    ])
})

test("the table is read no further than it takes to find that many", async () => {
  const client = await filledTable()
  expect((await dynamoStoreStreams(client, "events", "odd", 3)).size).toBe(3)
  const few = client.pages
  await dynamoStoreStreams(client, "events", "odd", streams)
  expect(client.pages - few).toBeGreaterThanOrEqual(streams / 3)
  expect(few).toBeLessThan(streams / 3)
})
