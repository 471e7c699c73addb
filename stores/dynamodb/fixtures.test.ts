/** What the service was seen to do (11), and the requests that the published packages were seen to send (10). */
import { readFileSync } from "node:fs"
import type { AttributeValue, CreateTableInput } from "@aws-sdk/client-dynamodb"
import { describe, expect, it } from "vitest"
import { FakeDynamoDB } from "./index.js"

interface Expected {
  readonly name: string
  readonly message: string
  readonly CancellationReasons?: readonly object[]
}

interface Operation {
  readonly label: string
  readonly op: string
  readonly input: Readonly<Record<string, unknown>>
  readonly output?: object
  readonly error?: Expected
}

type Call = (input: object) => Promise<object>

const keySchema: Omit<CreateTableInput, "TableName"> = {
  KeySchema: [
    { AttributeName: "p", KeyType: "HASH" },
    { AttributeName: "i", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "p", AttributeType: "S" },
    { AttributeName: "i", AttributeType: "N" },
  ],
  BillingMode: "PAY_PER_REQUEST",
}

/** Binary values stand as base64 in the fixtures. */
function read(file: string): unknown {
  const revive = (name: string, value: unknown) =>
    name === "B" && typeof value === "string" ? Uint8Array.from(Buffer.from(value, "base64")) : value
  return JSON.parse(readFileSync(new URL(`./fixtures/${file}`, import.meta.url), "utf8"), revive)
}

async function tableIn(fake: FakeDynamoDB, name: string): Promise<void> {
  await fake.createTable({ TableName: name, ...keySchema })
}

function call(fake: FakeDynamoDB, operation: string, input: object): Promise<object> {
  const method = operation[0]!.toLowerCase() + operation.slice(1)
  return (fake as unknown as Record<string, Call>)[method]!(input)
}

const { seed, operations } = read("11-service-behaviour.json") as {
  readonly seed: readonly Record<string, AttributeValue>[]
  readonly operations: readonly Operation[]
}
const { requests } = read("10-requests.json") as {
  readonly requests: readonly { readonly label: string; readonly op: string; readonly input: object }[]
}

/** The fixture leaves the name of the table out, and says in words what is too long to be written. */
function inputOf({ op, input }: Operation): object {
  if (op === "transactWriteItems") return input
  if (typeof input["Item"] !== "string") return { TableName: "TABLE", ...input }
  return { TableName: "TABLE", Item: { p: { S: "A-1" }, i: { N: "10" }, x: { S: "x".repeat(420_000) } } }
}

describe("the fake behaves as the service was seen to", async () => {
  const fake = new FakeDynamoDB()
  await tableIn(fake, "TABLE")
  for (const Item of seed) await fake.putItem({ TableName: "TABLE", Item })

  it.each(operations)("$label", async (operation) => {
    const answer = await call(fake, operation.op, inputOf(operation)).catch((error: unknown) => error as Expected)
    if (operation.error) expect(answer).toMatchObject(operation.error)
    else expect({ ...answer, $metadata: undefined }).toEqual(operation.output)
  })
})

describe("the fake accepts what the published packages send", async () => {
  const fake = new FakeDynamoDB()
  await tableIn(fake, "TABLE")
  const understood = ["ConditionalCheckFailedException", "TransactionCanceledException"]

  it.each(requests.map((request, index) => ({ ...request, index })))("$index $op: $label", async ({ op, input }) => {
    const answer = await call(fake, op, input).catch((error: unknown) => error as Error)
    if (answer instanceof Error) expect(understood).toContain(answer.name)
    else expect(answer).toHaveProperty("ConsumedCapacity")
  })
})
