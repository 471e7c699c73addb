/** The surface: what makes it a client of the SDK. */
import {
  ConditionalCheckFailedException,
  DynamoDB,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  ResourceNotFoundException,
  TransactionCanceledException,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb"
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb"
import { describe, expect, it } from "vitest"
import { InvalidOptionError } from "../../engine/options.js"
import { FakeDynamoDB, UnsupportedByFakeError } from "./index.js"
import { createEvents, keyOf } from "./test-table.js"

const item = (p: string, i: number) => ({ ...keyOf(p, i), n: { N: "1" } })
const failure = (error: unknown) => error as Error & Record<string, unknown>

describe("a fake client", () => {
  it("is a client of the SDK, of both classes", () => {
    const fake = new FakeDynamoDB()
    expect(fake).toBeInstanceOf(DynamoDB)
    expect(fake).toBeInstanceOf(DynamoDBClient)
  })

  it("takes commands, methods and callbacks", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    await fake.send(new PutItemCommand({ TableName: "events", Item: item("a", 1) }))
    const input = { TableName: "events", Key: keyOf("a", 1) }
    const answers = [
      await fake.send(new GetItemCommand(input)),
      await fake.getItem(input),
      await fake.getItem(input, {}),
      await new Promise<unknown>((resolve) => fake.getItem(input, (_: unknown, output?: object) => resolve(output))),
      await new Promise<unknown>((resolve) =>
        fake.getItem(input, {}, (_: unknown, output?: object) => resolve(output)),
      ),
      await new Promise<unknown>((resolve) =>
        fake.send(new GetItemCommand(input), (_e: unknown, o: unknown) => resolve(o)),
      ),
    ]
    for (const answer of answers) expect(answer).toMatchObject({ Item: item("a", 1), $metadata: { attempts: 1 } })
    const failed = await new Promise((resolve) =>
      fake.getItem({ ...input, TableName: "none" }, (error) => resolve(error)),
    )
    expect(failed).toBeInstanceOf(ResourceNotFoundException)
  })

  it("fails with errors of the SDK's classes", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const put = { TableName: "events", Item: item("a", 1), ConditionExpression: "attribute_exists(p)" }
    const conditional = failure(await fake.putItem(put).catch(failure))
    expect(conditional).toBeInstanceOf(ConditionalCheckFailedException)
    expect(conditional).toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      $fault: "client",
      $metadata: { httpStatusCode: 400, attempts: 1, totalRetryDelay: 0 },
    })
    const cancelled = failure(await fake.transactWriteItems({ TransactItems: [{ Put: put }] }).catch(failure))
    expect(cancelled).toBeInstanceOf(TransactionCanceledException)
    expect(cancelled["CancellationReasons"]).toEqual([
      { Code: "ConditionalCheckFailed", Message: "The conditional request failed" },
    ])
    const invalid = failure(await fake.getItem({ TableName: "events", Key: {} }).catch(failure))
    expect(invalid).toBeInstanceOf(DynamoDBServiceException)
    expect(invalid.name).toBe("ValidationException")
  })

  it("shares a database with other clients", async () => {
    const one = new FakeDynamoDB()
    const two = new FakeDynamoDB({ database: one.database })
    await createEvents(one)
    await two.putItem({ TableName: "events", Item: item("a", 1) })
    expect(one.database.dump("events")).toEqual([item("a", 1)])
  })

  it("works behind a proxy that calls methods on the object", async () => {
    const fake = new FakeDynamoDB()
    const proxy = new Proxy(Object.create(FakeDynamoDB.prototype) as FakeDynamoDB, {
      get: (_, name) => {
        const value: unknown = Reflect.get(fake, name, fake)
        return typeof value === "function" ? (value.bind(fake) as unknown) : value
      },
    })
    await createEvents(proxy)
    expect((await proxy.listTables({})).TableNames).toEqual(["events"])
    expect((await proxy.send(new GetItemCommand({ TableName: "events", Key: keyOf("a", 1) }))).Item).toBeUndefined()
  })

  it("keeps nothing of its input and gives nothing of its own away", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const bytes = new Uint8Array([1, 2])
    const Item = { ...keyOf("a", 1), list: { L: [{ B: bytes }] } }
    await fake.putItem({ TableName: "events", Item })
    bytes[0] = 9
    Item.list.L.push({ B: bytes })
    const get = async () => (await fake.getItem({ TableName: "events", Key: keyOf("a", 1) })).Item!
    const first = await get()
    first["list"]!.L![0]!.B![0] = 7
    expect((await get())["list"]).toEqual({ L: [{ B: new Uint8Array([1, 2]) }] })
  })

  it.each([
    ["the operation ExecuteStatement", (fake: FakeDynamoDB) => fake.executeStatement({ Statement: "select" })],
    ["the operation ListBackups", (fake: FakeDynamoDB) => fake.listBackups({})],
    [
      "the parameter KeyConditions of Query; use KeyConditionExpression",
      (fake: FakeDynamoDB) => fake.query({ TableName: "events", KeyConditions: {} }),
    ],
    [
      "the parameter Expected of PutItem; use ConditionExpression",
      (fake: FakeDynamoDB) => fake.putItem({ TableName: "events", Item: item("a", 1), Expected: {} }),
    ],
    [
      "the parameter AttributeUpdates of UpdateItem; use UpdateExpression",
      (fake: FakeDynamoDB) => fake.updateItem({ TableName: "events", Key: keyOf("a", 1), AttributeUpdates: {} }),
    ],
  ])("does not guess: %s", async (what, call) => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const error = failure(await call(fake).catch(failure))
    expect(error).toBeInstanceOf(UnsupportedByFakeError)
    expect(error.message).toBe(`FakeDynamoDB does not have ${what}`)
  })

  it("says what is wrong with its options", () => {
    expect(() => new FakeDynamoDB({ clock: 1 as never })).toThrow(InvalidOptionError)
    expect(() => new FakeDynamoDB({ database: {} as never })).toThrow(
      'FakeDynamoDB: option "database" must be the database of another FakeDynamoDB, received an object',
    )
    const { database } = new FakeDynamoDB()
    expect(() => new FakeDynamoDB({ database, maxLagMs: 1 })).toThrow('option "maxLagMs"')
  })
})

describe("the rest of the SDK on a fake client", () => {
  it("waits for tables", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const wait = { client: fake, maxWaitTime: 60 }
    expect(await waitUntilTableExists(wait, { TableName: "events" })).toMatchObject({ state: "SUCCESS" })
    await fake.deleteTable({ TableName: "events" })
    expect(await waitUntilTableNotExists(wait, { TableName: "events" })).toMatchObject({ state: "SUCCESS" })
  })

  it("reads page after page", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    for (let i = 0; i < 5; i++) await fake.putItem({ TableName: "events", Item: item("a", i) })
    const query = {
      TableName: "events",
      KeyConditionExpression: "p = :p",
      ExpressionAttributeValues: { ":p": { S: "a" } },
    }
    const counts = []
    for await (const page of paginateQuery({ client: fake, pageSize: 2 }, query)) counts.push(page.Count)
    expect(counts).toEqual([2, 2, 1])
  })

  it("has documents", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const documents = DynamoDBDocumentClient.from(fake)
    const document = {
      p: "a",
      i: 1,
      tags: new Set(["x"]),
      list: [1, "two", { three: null }],
      bytes: new Uint8Array([3]),
    }
    await documents.send(new PutCommand({ TableName: "events", Item: document }))
    expect((await documents.send(new GetCommand({ TableName: "events", Key: { p: "a", i: 1 } }))).Item).toEqual(
      document,
    )
    const page = await documents.send(
      new QueryCommand({
        TableName: "events",
        KeyConditionExpression: "p = :p",
        ExpressionAttributeValues: { ":p": "a" },
      }),
    )
    expect(page.Items).toEqual([document])
    const taken = documents.send(
      new PutCommand({ TableName: "events", Item: document, ConditionExpression: "attribute_not_exists(p)" }),
    )
    await expect(taken).rejects.toBeInstanceOf(ConditionalCheckFailedException)
  })

  it("runs middleware, of the client and of a command", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const seen: string[] = []
    const command = new GetItemCommand({ TableName: "events", Key: keyOf("a", 1) })
    command.middlewareStack.add(
      (next) => (args) => {
        seen.push("command")
        return next(args)
      },
      { step: "build" },
    )
    await fake.send(command)
    fake.middlewareStack.add(
      (next, context) => (args) => {
        seen.push(String(context.commandName))
        return next(args)
      },
      { step: "initialize" },
    )
    await fake.listTables({})
    expect(seen).toEqual(["command", "ListTablesCommand"])
  })

  it("needs nothing but microtasks, whichever way", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const documents = DynamoDBDocumentClient.from(fake)
    for (const call of [
      () => fake.getItem({ TableName: "events", Key: keyOf("a", 1) }),
      () => documents.send(new GetCommand({ TableName: "events", Key: { p: "a", i: 1 } })),
      () => documents.send(new GetCommand({ TableName: "none", Key: { p: "a", i: 1 } })),
    ]) {
      let isOver = false
      const over = () => {
        isOver = true
      }
      call().then(over, over)
      for (let i = 0; i < 1000 && !isOver; i++) await Promise.resolve()
      expect(isOver).toBe(true)
    }
  })

  it("stops at a signal that is aborted", async () => {
    const fake = new FakeDynamoDB()
    await createEvents(fake)
    const put = fake.putItem({ TableName: "events", Item: item("a", 1) }, { abortSignal: AbortSignal.abort() })
    await expect(put).rejects.toMatchObject({ name: "AbortError" })
    expect(fake.database.dump("events")).toEqual([])
  })
})
