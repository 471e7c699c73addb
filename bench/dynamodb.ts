/*
 * Operations per second of the fake DynamoDB, beside dynalite (in memory, in the same process, over HTTP) on the same
 * sequence of operations, one after another, and how the cost of one grows with the table. The items are those of an
 * event store: ten of a stream, of which one is updated under a condition.
 *
 * fake          the short way: a command goes straight to the model
 * fake, SDK     the SDK's whole way, with serialization, down to where the network would be
 * dynalite      the SDK's whole way, and HTTP; it has no TransactWriteItems
 *
 * Each size is measured for all contenders in turn, `rounds` times; shown are medians.
 *
 *   npm run bench:dynamodb [-- rounds]     default 3
 */
import { DynamoDB, type AttributeValue } from "@aws-sdk/client-dynamodb"
import { once } from "node:events"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { FakeDynamoDB } from "../stores/dynamodb/index.js"
import { median } from "./feed.js"

// It would stand between the lines of the table.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true"

const rounds = Number(process.argv[2] ?? 3)
const TableName = "events"
const perStream = 10
const tip = 2_147_483_647

type Item = Record<string, AttributeValue>

const key = (stream: number, i: number): Item => ({ p: { S: `Stream-${stream}` }, i: { N: String(i) } })
const event = { M: { t: { S: "2026-01-01T00:00:00.000Z" }, d: { B: new Uint8Array(120) }, D: { N: "0" } } }
const item = (stream: number, i: number): Item => ({
  ...key(stream, i === 0 ? tip : i),
  n: { N: "5" },
  a: { N: "1" },
  c: { L: [{ S: "Happened" }] },
  e: { L: [event] },
})

interface Contender {
  readonly name: string
  readonly client: DynamoDB
  readonly transactions: boolean
  /** Larger tables take too long to fill. */
  readonly most: number
  /** Operations that are timed. */
  readonly operations: number
  close(): Promise<void>
}

function fake(): Contender {
  const client = new FakeDynamoDB()
  return {
    name: "fake",
    client,
    transactions: true,
    most: 100_000,
    operations: 20_000,
    close: async () => client.destroy(),
  }
}

function fakeThroughSdk(): Contender {
  const client = new FakeDynamoDB()
  // Any middleware makes the client go the SDK's whole way.
  client.middlewareStack.add((next) => next, { step: "initialize", name: "nothing" })
  return {
    name: "fake, SDK",
    client,
    transactions: true,
    most: 100_000,
    operations: 4_000,
    close: async () => client.destroy(),
  }
}

async function dynalite(): Promise<Contender> {
  // @ts-expect-error dynalite comes without types
  const { default: create } = (await import("dynalite")) as { default: (options: object) => Server }
  const server = create({ createTableMs: 0, deleteTableMs: 0 })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" }
  const client = new DynamoDB({ endpoint, region: "us-east-1", credentials })
  const close = async () => {
    client.destroy()
    server.close()
    server.closeAllConnections()
  }
  return { name: "dynalite", client, transactions: false, most: 10_000, operations: 1_000, close }
}

async function fill(client: DynamoDB, size: number): Promise<void> {
  await client.createTable({
    TableName,
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
  while ((await client.describeTable({ TableName })).Table?.TableStatus !== "ACTIVE");
  const items = Array.from({ length: size }, (_, n) => item(Math.floor(n / perStream), n % perStream))
  for (let n = 0; n < size; n += 25) {
    const requests = items.slice(n, n + 25).map((Item) => ({ PutRequest: { Item } }))
    await client.batchWriteItem({ RequestItems: { [TableName]: requests } })
  }
}

type Operation = (client: DynamoDB, n: number) => Promise<unknown>

/** What is looked at jumps through the table, in the same order for everybody. */
function operations(size: number): Readonly<Record<string, Operation>> {
  const streams = size / perStream
  const stream = (n: number) => (n * 7_919) % streams
  let fresh = 1_000
  return {
    GetItem: (client, n) => client.getItem({ TableName, Key: key(stream(n), tip), ConsistentRead: true }),
    "UpdateItem, conditional": (client, n) =>
      client.updateItem({
        TableName,
        Key: key(stream(n), tip),
        ConditionExpression: "n = :ver",
        UpdateExpression: "SET a = :a, e = :e, c = :c, n = :ver",
        ExpressionAttributeValues: {
          ":ver": { N: "5" },
          ":a": { N: String(n) },
          ":e": { L: [event] },
          ":c": { L: [{ S: "Happened" }] },
        },
      }),
    "Query of ten": (client, n) =>
      client.query({
        TableName,
        KeyConditionExpression: "p = :p",
        ExpressionAttributeValues: { ":p": { S: `Stream-${stream(n)}` } },
        Limit: perStream,
        ScanIndexForward: false,
      }),
    "TransactWriteItems of two": (client, n) =>
      client.transactWriteItems({
        TransactItems: [
          { Put: { TableName, Item: item(stream(n), fresh++), ConditionExpression: "attribute_not_exists(i)" } },
          {
            Update: {
              TableName,
              Key: key(stream(n), tip),
              UpdateExpression: "SET a = :a",
              ConditionExpression: "n = :ver",
              ExpressionAttributeValues: { ":a": { N: String(n) }, ":ver": { N: "5" } },
            },
          },
        ],
      }),
  }
}

async function perSecond(client: DynamoDB, operation: Operation, times: number): Promise<number> {
  for (let n = 0; n < times / 10; n++) await operation(client, n)
  const began = performance.now()
  for (let n = 0; n < times; n++) await operation(client, n)
  return times / ((performance.now() - began) / 1_000)
}

/** By size, operation and contender. */
const rates = new Map<string, number[]>()

for (let round = 0; round < rounds; round++)
  for (const size of [1_000, 10_000, 100_000])
    for (const open of [fake, fakeThroughSdk, dynalite]) {
      const contender = await open()
      if (size <= contender.most) await measure(contender, size)
      await contender.close()
    }

async function measure({ name, client, transactions, operations: times }: Contender, size: number): Promise<void> {
  await fill(client, size)
  for (const [operation, work] of Object.entries(operations(size))) {
    if (operation.startsWith("Transact") && !transactions) continue
    const cell = `${size} ${operation} ${name}`
    rates.set(cell, [...(rates.get(cell) ?? []), await perSecond(client, work, times)])
  }
}

const rate = (size: number, operation: string, name: string) => {
  const measured = rates.get(`${size} ${operation} ${name}`)
  return measured === undefined ? undefined : median(measured)
}
const shown = (value: number | undefined) =>
  value === undefined ? "–" : Math.round(value).toLocaleString("en").replaceAll(",", " ")
const over = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? "–" : (one / other).toFixed(1)

const head = ["items", "fake", "fake, SDK", "dynalite", "fake/dynalite", "SDK/dynalite"]
console.log(
  `operations per second, median of ${rounds}${head
    .map((cell) => cell.padStart(15))
    .join("")
    .slice(6)}`,
)
for (const operation of Object.keys(operations(1_000)))
  for (const size of [1_000, 10_000, 100_000]) {
    const [short, whole, peer] = [
      rate(size, operation, "fake"),
      rate(size, operation, "fake, SDK"),
      rate(size, operation, "dynalite"),
    ]
    const cells = [shown(size), shown(short), shown(whole), shown(peer), over(short, peer), over(whole, peer)]
    console.log(operation.padEnd(34) + cells.map((cell) => cell.padStart(15)).join(""))
  }
