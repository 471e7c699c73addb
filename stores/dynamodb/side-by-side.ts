/**
 * For tests: the same requests to the fake and to a real DynamoDB, and where their answers differ.
 *
 * What nobody promises is not compared: ids and times, the order of a scan, of a query's items with equal keys in a
 * global index, of a set's elements and of a batch's answers. Where the order is free, so is where a page ends: such
 * pages are read to the end on both sides, and all of them together are compared.
 */
import type { DynamoDB } from "@aws-sdk/client-dynamodb"
import { isDeepStrictEqual } from "node:util"
import type { FakeDynamoDB } from "./fake-dynamodb.js"
import { knownDifferences, ofFake, ofReal, type Outcome } from "./known-differences.js"
import { onTablesOf, tables, type Operation } from "./operation-arbitraries.js"

export interface Difference {
  readonly operation: Operation
  readonly fake: Outcome
  readonly real: Outcome
}

type Output = Record<string, unknown>

export class SideBySide {
  readonly #fakes: readonly DynamoDB[]
  readonly #real: DynamoDB
  readonly #prefix: string
  #histories = 0
  /** Requests that both sides were sent. */
  operations = 0
  /** How often each known difference was met. */
  readonly known = new Map<string, number>()
  /** How often each method was answered, by the error's name or "ok". */
  readonly answers = new Map<string, number>()

  /** @param fakes Clients of one database, which take turns: each way through the SDK has to give the same. */
  constructor(fakes: readonly FakeDynamoDB[], real: DynamoDB, prefix: string) {
    this.#fakes = fakes
    this.#real = real
    this.#prefix = prefix
  }

  async createTables(): Promise<void> {
    for (const table of tables(this.#prefix)) {
      await this.#fakes[0]!.createTable(table)
      await this.#real.createTable(table)
    }
  }

  async deleteTables(): Promise<void> {
    for (const { TableName } of tables(this.#prefix)) {
      await this.#real.deleteTable({ TableName })
      await this.#fakes[0]!.deleteTable({ TableName })
    }
  }

  /**
   * Sends one request after another, until only one of the two refuses a request: from there on they may hold different
   * items. Leaves the tables empty.
   */
  async differences(history: readonly Operation[]): Promise<Difference[]> {
    this.#histories++
    const found: Difference[] = []
    try {
      for (const drawn of history) {
        const operation = this.#withOwnToken(onTablesOf(this.#prefix, drawn))
        const [fake, real] = await this.#both(operation)
        this.#count(operation, fake)
        if (isDeepStrictEqual(fake, real)) continue
        const known = knownDifferences.find((one) => one.matches(fake, real, operation))
        if (known === undefined) found.push({ operation, fake, real })
        else this.known.set(known.name, (this.known.get(known.name) ?? 0) + 1)
        if ("error" in fake !== "error" in real) return found
      }
      return [...found, ...(await this.#differencesOfContents())]
    } finally {
      await this.#empty()
    }
  }

  async #both(operation: Operation): Promise<[Outcome, Outcome]> {
    const fake = this.#fakes[this.operations % this.#fakes.length]!
    const [ours, theirs] = await Promise.all([send(fake, operation), send(this.#real, operation)])
    return [ofFake(ours), ofReal(theirs)]
  }

  #count({ method }: Operation, fake: Outcome): void {
    this.operations++
    const answer = `${method} ${"error" in fake ? fake.error.name : "ok"}`
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1)
  }

  /** A token is remembered longer than a history lasts. */
  #withOwnToken(operation: Operation): Operation {
    const { ClientRequestToken: token } = operation.input
    if (typeof token !== "string") return operation
    const own = `${token}-${this.#prefix.slice(-15)}${this.#histories}`
    return { ...operation, input: { ...operation.input, ClientRequestToken: own.slice(0, 36) } }
  }

  async #differencesOfContents(): Promise<Difference[]> {
    const found: Difference[] = []
    for (const { TableName } of tables(this.#prefix)) {
      const operation: Operation = { method: "scan", input: { TableName } }
      const [fake, real] = await this.#both(operation)
      if (!isDeepStrictEqual(fake, real)) found.push({ operation, fake, real })
    }
    return found
  }

  async #empty(): Promise<void> {
    for (const client of [this.#fakes[0]!, this.#real])
      for (const { TableName, KeySchema } of tables(this.#prefix)) {
        const names = KeySchema!.map(({ AttributeName }) => AttributeName!)
        for (;;) {
          const { Items = [] } = await client.scan({ TableName: TableName!, Limit: 25 })
          const requests = Items.map((item) => ({
            DeleteRequest: { Key: Object.fromEntries(names.map((name) => [name, item[name]!])) },
          }))
          if (requests.length === 0) break
          await client.batchWriteItem({ RequestItems: { [TableName!]: requests } })
        }
      }
  }
}

type Call = (request: object) => Promise<Output>

async function send(client: DynamoDB, { method, input }: Operation): Promise<Outcome> {
  const call: Call = (request) => (client[method] as unknown as Call).call(client, request)
  try {
    if (method === "scan" || method === "query") return { answer: await allPages(call, method, input) }
    return { answer: comparable(await call(input)) }
  } catch (error) {
    return { error: comparableError(error as Error) }
  }
}

async function allPages(call: Call, method: string, input: Operation["input"]) {
  const pages: Output[] = []
  let start = input["ExclusiveStartKey"]
  do {
    const page = await call({ ...input, ...(start !== undefined && { ExclusiveStartKey: start }) })
    pages.push(page)
    start = page["LastEvaluatedKey"]
  } while (start !== undefined && pages.length < 100)
  const isFree = method === "scan" || input["IndexName"] !== undefined
  return isFree ? together(pages) : withoutEmptyEnd(pages).map((page) => comparable(page))
}

/** Whether a page that ends with the last item knows it is nobody's promise: another page may follow, with nothing in it. */
function withoutEmptyEnd(pages: readonly Output[]): readonly Output[] {
  const last = pages.at(-1)!
  if (pages.length === 1 || last["ScannedCount"] !== 0) return pages
  const { LastEvaluatedKey: _, ...before } = pages.at(-2)!
  return [...pages.slice(0, -2), before]
}

/** Pages whose items come in an order of the service's own. */
function together(pages: readonly Output[]): unknown {
  const sum = (name: string) => pages.reduce((total, page) => total + (page[name] as number), 0)
  const items = pages.flatMap((page) => (page["Items"] as unknown[] | undefined) ?? [])
  const hasItems = pages[0]!["Items"] !== undefined
  return comparable({ Count: sum("Count"), ScannedCount: sum("ScannedCount"), ...(hasItems && { AnyOrder: items }) })
}

const unordered = new Set(["SS", "NS", "BS", "AnyOrder"])

/** The same for answers that say the same. */
function comparable(of: unknown, name = ""): unknown {
  if (of instanceof Uint8Array) return `bytes ${Buffer.from(of).toString("hex")}`
  if (Array.isArray(of)) {
    const list = of.map((one) => comparable(one))
    return unordered.has(name) ? sorted(list) : list
  }
  if (typeof of !== "object" || of === null) return of
  return Object.fromEntries(
    Object.entries(of)
      .filter(([member, value]) => value !== undefined && member !== "$metadata")
      .map(([member, value]: [string, unknown]): [string, unknown] => [
        member,
        member === "Responses" && !Array.isArray(value) ? responses(value as object) : comparable(value, member),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

const responses = (byTable: object) =>
  comparable(
    Object.fromEntries(Object.entries(byTable).map(([table, items]) => [table, { AnyOrder: items as unknown }])),
  )

const sorted = (list: readonly unknown[]) =>
  list
    .map((one) => [JSON.stringify(one), one] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one)

function comparableError(error: Error): { readonly name: string; readonly message: string; readonly more: unknown } {
  const { CancellationReasons: reasons, Item: item } = error as unknown as Output
  return { name: error.name, message: error.message, more: comparable({ reasons, item }) }
}
