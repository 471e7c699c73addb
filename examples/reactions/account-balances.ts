/*
 * Balances of accounts in DynamoDB. An amount is added under the condition that the item is at an older version, in the
 * same write that moves the version on: an event that was counted does not meet the condition any more. That one error is
 * no failure; all others are.
 */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb"
import { FakeDynamoDB } from "equinox-windtunnel/dynamodb-fake"
import type { EventHandler, ITimelineEvent } from "equinox-windtunnel/propeller"
import { example } from "./example.js"

/** What of the client is needed. */
type Client = Pick<FakeDynamoDB, "updateItem" | "getItem" | "putItem">

const TableName = "balances"

const amountOf = ({ data }: ITimelineEvent) => (JSON.parse(data!) as { amount: number }).amount

const keyOf = (stream: string) => ({ id: { S: stream } })

/** One event, or several at once. */
const added = (stream: string, amount: number, version: bigint) => ({
  TableName,
  Key: keyOf(stream),
  UpdateExpression: "ADD balance :amount SET version = :version",
  ExpressionAttributeValues: { ":amount": { N: String(amount) }, ":version": { N: String(version) } },
})

const ConditionExpression = "attribute_not_exists(id) OR version < :version"

const ignoreWhatWasCounted = (error: unknown) => {
  if (!(error instanceof ConditionalCheckFailedException)) throw error
}

const keepBalances =
  (db: Client): EventHandler =>
  async (stream, events) => {
    for (const event of events)
      await db
        .updateItem({ ...added(stream, amountOf(event), event.index), ConditionExpression })
        .catch(ignoreWhatWasCounted)
  }

const keepUnconditionally =
  (db: Client): EventHandler =>
  async (stream, events) => {
    for (const event of events) await db.updateItem(added(stream, amountOf(event), event.index))
  }

const keepIgnoringErrors =
  (db: Client): EventHandler =>
  async (stream, events) => {
    for (const event of events)
      await db
        .updateItem({ ...added(stream, amountOf(event), event.index), ConditionExpression })
        .catch(() => undefined)
  }

/** One write for a call: its last event is news, so all of them count. */
const keepBySpan =
  (db: Client): EventHandler =>
  async (stream, events) => {
    const sum = events.reduce((total, event) => total + amountOf(event), 0)
    await db
      .updateItem({ ...added(stream, sum, events.at(-1)!.index), ConditionExpression })
      .catch(ignoreWhatWasCounted)
  }

const keepReadingFirst =
  (db: Client): EventHandler =>
  async (stream, events) => {
    for (const event of events) {
      const { Item } = await db.getItem({ TableName, Key: keyOf(stream), ConsistentRead: true })
      if (Item !== undefined && BigInt(Item["version"]!.N!) >= event.index) continue
      const balance = Number(Item?.["balance"]?.N ?? 0) + amountOf(event)
      const version = { N: String(event.index) }
      await db.putItem({ TableName, Item: { ...keyOf(stream), balance: { N: String(balance) }, version } })
    }
  }

async function tables() {
  const db = new FakeDynamoDB()
  await db.createTable({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  })
  return db
}

async function balances(db: FakeDynamoDB) {
  const { Items = [] } = await db.scan({ TableName })
  return Object.fromEntries(Items.map(({ id, balance }) => [id!.S!, balance!.N!]))
}

const deposited = (amount: number) => ({ type: "Deposited", data: { amount } })

export const accountBalances = example({
  name: "DynamoDB projection with conditional writes",
  events: {
    "account-1": [deposited(1), deposited(2), deposited(4)],
    "account-2": [deposited(8), deposited(16)],
  },
  outside: tables,
  observe: balances,
  right: (world, db) => keepBalances(world.port("db", db)),
  wrong: [
    {
      flaw: "no condition",
      axis: "redelivery",
      hint: /db\.updateItem is called again with the same arguments/,
      reaction: (world, db) => keepUnconditionally(world.port("db", db)),
    },
    {
      flaw: "every error is taken for the one that is none",
      axis: "request lost",
      hint: /its error is swallowed/,
      reaction: (world, db) => keepIgnoringErrors(world.port("db", db)),
    },
    {
      flaw: "a span whose last event is news is counted whole",
      axis: "rewound",
      hint: /Old events come again after newer ones/,
      reaction: (world, db) => keepBySpan(world.port("db", db)),
    },
    {
      flaw: "a check before the write, not by it",
      axis: "zombie",
      hint: /a check that comes before it is out of date/,
      reaction: (world, db) => keepReadingFirst(world.port("db", db)),
    },
  ],
})
