import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it, vi } from "vitest"
import { DynamoCheckpoints } from "../../stores/dynamo-store/dynamo-store-source.js"
import {
  type DynamoClient,
  DynamoStoreClient,
  DynamoStoreContext,
  EventsContext,
  QueryOptions,
  TipOptions,
} from "../../stores/dynamo-store/index.js"
import { readTailPosition } from "../../stores/dynamo-store/index/epoch-reader.js"
import { FakeDynamoDB, FakeDynamoDBStreams } from "../../stores/dynamodb/index.js"
import { needsDynamoDb, realDynamoDb } from "../../stores/dynamodb/real-dynamodb.js"

/*
 * The program of the Concrete stores page on DynamoStore, with a writer and an indexer beside it: as processes on a real
 * DynamoDB, and unchanged on the fake.
 */

const contextOf = (client: DynamoClient, tableName: string) =>
  new DynamoStoreContext({
    client: new DynamoStoreClient(client),
    tableName,
    tip: TipOptions.create({}),
    query: QueryOptions.create({}),
  })

/** What the handler prints of each event, in the order of each stream. */
async function written(client: DynamoClient, tableName: string, streams: number): Promise<Record<string, string[]>> {
  const events = new EventsContext(contextOf(client, tableName))
  const lines: Record<string, string[]> = {}
  for (let i = 0; i < streams; i++) {
    const stream = `account-${i}`
    const stored = await events.read(stream, 0n, { consistent: true })
    lines[stream] = stored.map(({ index, data }) => `handled ${stream} ${index} ${data}`)
  }
  return lines
}

function byStream(lines: readonly string[]): Record<string, string[]> {
  const streams: Record<string, string[]> = {}
  for (const line of lines) (streams[line.split(" ")[1]!] ??= []).push(line)
  return streams
}

const indexOf = (line: string) => Number(line.split(" ")[2])

describe("the program of the Concrete stores page on DynamoStore", needsDynamoDb, () => {
  const real = realDynamoDb()
  const [tableName, indexTableName] = [real.tableName("events"), real.tableName("index")]
  const children = new Set<ChildProcess>()
  const streams = 6

  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL")
    await real.close()
  })

  function run(program: string, env: Record<string, string> = {}) {
    const child = spawn(process.execPath, ["--import", "tsx", fileURLToPath(new URL(program, import.meta.url))], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: {
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        ...process.env,
        AWS_ENDPOINT_URL_DYNAMODB: real.endpoint,
        AWS_ENDPOINT_URL_DYNAMODB_STREAMS: real.endpoint,
        TABLE_NAME: tableName,
        INDEX_TABLE_NAME: indexTableName,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    })
    children.add(child)
    const handled: string[] = []
    createInterface({ input: child.stdout }).on("line", (line) => handled.push(line))
    let errors = ""
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()))
    const exited = once(child, "close").then(([code, signal]: unknown[]) => {
      children.delete(child)
      return { code, signal, errors }
    })
    return { handled, exited, kill: (signal: NodeJS.Signals) => child.kill(signal) }
  }
  const write = (events: number) =>
    run("dynamo-store-write-events.ts", { STREAMS: String(streams), EVENTS: String(events) })
  const cleanly = { code: 0, signal: null, errors: "" }
  const killed = { signal: "SIGKILL" }
  const patience = { timeout: 40_000, interval: 100 }
  const countWritten = async () =>
    Object.values(await written(real.client, tableName, streams)).reduce((sum, lines) => sum + lines.length, 0)

  it(
    "loses nothing and keeps the order while writer, indexer and source are killed in turn",
    { timeout: 120_000 },
    async () => {
      expect(await write(30).exited).toEqual(cleanly)
      const indexer = run("dynamo-store-indexer.ts")
      const source = run("dynamo-store.ts")
      await expect.poll(() => source.handled.length, patience).toBe(30)

      const writer = write(400)
      await expect.poll(countWritten, patience).toBeGreaterThan(60)
      writer.kill("SIGKILL")
      expect(await writer.exited).toMatchObject(killed)
      const cut = await countWritten()
      expect(cut).toBeLessThan(400)

      const rest = write(400)
      await expect.poll(countWritten, patience).toBeGreaterThan(cut)
      indexer.kill("SIGKILL")
      expect(await indexer.exited).toMatchObject(killed)
      const secondIndexer = run("dynamo-store-indexer.ts")

      await expect.poll(() => source.handled.length, patience).toBeGreaterThan(60)
      source.kill("SIGKILL")
      expect(await source.exited).toMatchObject(killed)
      const secondSource = run("dynamo-store.ts")

      expect(await rest.exited).toEqual(cleanly)
      const all = await written(real.client, tableName, streams)
      expect(Object.values(all).flat()).toHaveLength(400)
      const missing = () => {
        const seen = new Set([...source.handled, ...secondSource.handled])
        return Object.values(all)
          .flat()
          .filter((line) => !seen.has(line))
      }
      await expect.poll(missing, patience).toEqual([])

      for (const { handled } of [source, secondSource])
        for (const [stream, lines] of Object.entries(byStream(handled)))
          expect(lines).toEqual(all[stream]!.slice(indexOf(lines[0]!), indexOf(lines[0]!) + lines.length))

      secondSource.kill("SIGINT")
      expect(await secondSource.exited).toEqual(cleanly)
      secondIndexer.kill("SIGTERM")
      expect(await secondIndexer.exited).toEqual(cleanly)
      const indexContext = contextOf(real.client, indexTableName)
      const stored = await DynamoCheckpoints.create(indexContext, undefined, 300).load("MessageNotifications", "0")
      expect(stored).toBe(await readTailPosition(indexContext, "0"))
    },
  )
})

describe("the same programs on the fake", () => {
  it("handle what is written, and end on SIGINT", { timeout: 30_000 }, async () => {
    const ddb = new FakeDynamoDB()
    const { database } = ddb
    vi.doMock("@aws-sdk/client-dynamodb", () => ({
      DynamoDB: class extends FakeDynamoDB {
        constructor() {
          super({ database })
        }
      },
    }))
    vi.doMock("@aws-sdk/client-dynamodb-streams", () => ({
      DynamoDBStreams: class extends FakeDynamoDBStreams {
        constructor() {
          super({ database })
        }
      },
    }))
    const handled: string[] = []
    const print = vi.spyOn(console, "log").mockImplementation((line: string) => void handled.push(line))
    try {
      vi.stubEnv("EVENTS", "50")
      await import("./dynamo-store-write-events.js")
      const programs = Promise.all([import("./dynamo-store-indexer.js"), import("./dynamo-store.js")])
      await expect.poll(() => handled.length, { timeout: 20_000 }).toBe(50)
      process.emit("SIGINT")
      await programs
    } finally {
      print.mockRestore()
      vi.unstubAllEnvs()
      vi.doUnmock("@aws-sdk/client-dynamodb")
      vi.doUnmock("@aws-sdk/client-dynamodb-streams")
    }
    expect(byStream(handled)).toEqual(await written(ddb, "events", 5))
  })
})
