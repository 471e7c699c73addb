/**
 * The real stores of a test run: one PostgreSQL for all test files, in which each file makes databases of its own, and
 * one DynamoDB, in which each file makes tables of its own. Each is the one that MDB_CONN_STR or DYNAMODB_ENDPOINT names,
 * or else a container where there is a container engine, or else an embedded one.
 *
 * A store that cannot be had here is no failure: the tests that need it are left out, and the run says at its end how
 * many and why. What was asked for must be there, by its variable or in WINDTUNNEL_REQUIRE, which lists names such as
 * "message-db,dynamodb", and "containers" for both of them in containers.
 */
import { DynamoDB } from "@aws-sdk/client-dynamodb"
import type { TestOptions } from "vitest"
import type { TestProject } from "vitest/node"
import { InvalidOptionError } from "./engine/options.js"
import { StoreUnavailableError } from "./engine/store-unavailable.js"
import { clientConfig } from "./stores/dynamodb/client-config.js"
import { startDynamoDbContainer } from "./stores/dynamodb/container-server.js"
import { startEmbeddedDynamoDb } from "./stores/dynamodb/embedded-server.js"
import { startMessageDbContainer } from "./stores/message-db/container-server.js"
import { startEmbeddedMessageDb } from "./stores/message-db/embedded-server.js"
import { createFreshDatabase, type DatabaseServer } from "./stores/message-db/fresh-database.js"
import { openPool } from "./stores/message-db/open-pool.js"

const storeNames = ["message-db", "dynamodb"] as const
type StoreName = (typeof storeNames)[number]

const requirable = [...storeNames, "containers"] as const
type Requirement = (typeof requirable)[number]

interface Unavailable {
  readonly unavailable: string
  readonly hint: string
}

interface DynamoDbServer {
  readonly endpoint: string
  readonly isEmbedded: boolean
}

declare module "vitest" {
  interface ProvidedContext {
    messageDb: DatabaseServer | Unavailable
    dynamoDb: DynamoDbServer | Unavailable
    needs: Readonly<Record<StoreName | `embedded ${StoreName}` | "containers", TestOptions>>
  }
  interface TaskMeta {
    /** Why the test is left out. */
    leftOut?: string
  }
}

interface Store<Server> {
  readonly name: StoreName
  readonly label: string
  /** Names a server to use instead of one that is started. */
  readonly variable: string
  useNamed(given: string): Promise<Started<Server>>
  startContainer(): Promise<Started<Server>>
  startEmbedded(): Promise<Started<Server>>
}

interface Started<Server> {
  readonly server: Server
  /** What it is, in a few words. */
  readonly met: string
  stop(): Promise<void>
}

interface Opened<Server> extends Started<Server | Unavailable> {
  /** Options for tests that need the store: empty when it is there. */
  readonly needed: TestOptions
  /** Likewise for tests that start servers of their own. */
  readonly embeddedNeeded: TestOptions
  readonly containersNeeded: TestOptions
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const required = requirements(process.env["WINDTUNNEL_REQUIRE"])
  const [messageDb, dynamoDb] = await allOrNone([opened(messageDbStore, required), opened(dynamoDbStore, required)])
  project.provide("messageDb", messageDb.server)
  project.provide("dynamoDb", dynamoDb.server)
  project.provide("needs", {
    "message-db": messageDb.needed,
    "embedded message-db": messageDb.embeddedNeeded,
    dynamodb: dynamoDb.needed,
    "embedded dynamodb": dynamoDb.embeddedNeeded,
    containers: { ...messageDb.containersNeeded, ...dynamoDb.containersNeeded },
  })
  return async () => {
    await Promise.all([messageDb.stop(), dynamoDb.stop()])
    console.log(`real stores met: ${messageDb.met}; ${dynamoDb.met}`)
    for (const [reason, tests] of leftOut(project))
      console.log(`left out: ${tests} ${tests === 1 ? "test" : "tests"}: ${reason}`)
  }
}

function requirements(list = ""): ReadonlySet<Requirement> {
  const required = new Set<Requirement>()
  for (const name of list.split(",").map((each) => each.trim())) {
    if (name === "") continue
    const accepted = `a comma-separated list of ${requirable.join(", ")}`
    if (!isRequirement(name)) throw new InvalidOptionError("the tests", "WINDTUNNEL_REQUIRE", list, accepted)
    required.add(name)
  }
  return required
}

const isRequirement = (name: string): name is Requirement => (requirable as readonly string[]).includes(name)

/** Leaves none running when one fails. */
async function allOrNone<A, B>(opening: [Promise<Opened<A>>, Promise<Opened<B>>]): Promise<[Opened<A>, Opened<B>]> {
  try {
    return await Promise.all(opening)
  } catch (error) {
    for (const one of await Promise.allSettled(opening)) if (one.status === "fulfilled") await one.value.stop()
    throw error
  }
}

async function opened<Server>(store: Store<Server>, required: ReadonlySet<Requirement>): Promise<Opened<Server>> {
  const given = process.env[store.variable] ?? ""
  if (given !== "") return named(store, given, required)
  const container = await orUnavailable(store.startContainer())
  if (!(container instanceof StoreUnavailableError))
    return { ...container, needed: {}, embeddedNeeded: await embeddedNeeds(store), containersNeeded: {} }
  if (required.has("containers")) throw asked(store, container, "WINDTUNNEL_REQUIRE asks for containers")

  const embedded = await orUnavailable(store.startEmbedded())
  const without = `no container: ${container.message}`
  const containersNeeded = leftOutFor(`${without} (${container.hint})`)
  if (!(embedded instanceof StoreUnavailableError))
    return { ...embedded, met: `${embedded.met}, ${without}`, needed: {}, embeddedNeeded: {}, containersNeeded }
  if (required.has(store.name)) throw asked(store, embedded, "WINDTUNNEL_REQUIRE asks for it")
  const need = leftOutFor(reasonOf(store, embedded))
  const server = { unavailable: embedded.message, hint: embedded.hint }
  const needs = { needed: need, embeddedNeeded: need, containersNeeded }
  return { server, met: `no ${store.label}, ${without}`, stop: async () => {}, ...needs }
}

async function named<Server>(
  store: Store<Server>,
  given: string,
  required: ReadonlySet<Requirement>,
): Promise<Opened<Server>> {
  const { label, variable } = store
  if (required.has("containers"))
    throw new Error(`WINDTUNNEL_REQUIRE asks for containers, and ${variable} names another ${label}`)
  const server = await orUnavailable(store.useNamed(given))
  if (server instanceof StoreUnavailableError) throw asked(store, server, `${variable} names it`)
  const other = leftOutFor(`no ${label} of our own: ${variable} names another`)
  return { ...server, needed: {}, embeddedNeeded: other, containersNeeded: other }
}

/** Tests of embedded servers start their own: whether they can is found out by trying. */
async function embeddedNeeds<Server>(store: Store<Server>): Promise<TestOptions> {
  const embedded = await orUnavailable(store.startEmbedded())
  if (embedded instanceof StoreUnavailableError) return leftOutFor(reasonOf(store, embedded))
  await embedded.stop()
  return {}
}

async function orUnavailable<T>(starting: Promise<T>): Promise<T | StoreUnavailableError> {
  try {
    return await starting
  } catch (error) {
    if (error instanceof StoreUnavailableError) return error
    throw error
  }
}

const reasonOf = ({ label }: Store<unknown>, { message, hint }: StoreUnavailableError) =>
  `no ${label}: ${message} (${hint})`

const asked = (store: Store<unknown>, cause: StoreUnavailableError, who: string) =>
  new Error(`${reasonOf(store, cause)}; ${who}`, { cause })

const leftOutFor = (reason: string): TestOptions => ({ skip: true, meta: { leftOut: reason } })

/** How many tests were left out, by reason. */
function leftOut(project: TestProject): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const file of project.vitest.state.getTestModules())
    for (const test of file.children.allTests("skipped")) {
      const { leftOut: reason } = test.meta()
      if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    }
  return counts
}

const messageDbStore: Store<DatabaseServer> = {
  name: "message-db",
  label: "Message DB",
  variable: "MDB_CONN_STR",
  useNamed: async (given) => {
    const server = { connectionString: given, superuserConnectionString: given }
    return { server, met: await describeMessageDb(server, "MDB_CONN_STR"), stop: async () => {} }
  },
  startContainer: async () => {
    const { image, stop, connectionString, superuserConnectionString } = await startMessageDbContainer()
    const server = { connectionString, superuserConnectionString }
    return { server, met: await describeMessageDb(server, `container of ${image}`), stop }
  },
  startEmbedded: async () => {
    const embedded = await startEmbeddedMessageDb()
    const { connectionString, superuserConnectionString } = embedded
    const server = { connectionString, superuserConnectionString }
    return { server, met: await describeMessageDb(server, "embedded"), stop: () => embedded.stop() }
  },
}

/** Proves that databases can be made there, and says what they are. */
async function describeMessageDb(server: DatabaseServer, origin: string): Promise<string> {
  const database = await createFreshDatabase(server)
  const pool = await openPool(database.connectionString, { max: 1 })
  try {
    const { rows } = await pool.query(
      "select current_setting('server_version') as postgres, message_store_version() as message_db",
    )
    const { postgres, message_db } = rows[0] as { postgres: string; message_db: string }
    return `PostgreSQL ${postgres} (${origin}) with Message DB ${message_db}`
  } finally {
    await pool.end()
    await database.drop()
  }
}

const dynamoDbStore: Store<DynamoDbServer> = {
  name: "dynamodb",
  label: "DynamoDB",
  variable: "DYNAMODB_ENDPOINT",
  useNamed: async (given) => {
    await proveDynamoDb(given)
    const met = `DynamoDB at ${new URL(given).host} (DYNAMODB_ENDPOINT)`
    return { server: { endpoint: given, isEmbedded: false }, met, stop: async () => {} }
  },
  startContainer: async () => {
    const { endpoint, image, stop } = await startDynamoDbContainer()
    await proveDynamoDb(endpoint)
    return { server: { endpoint, isEmbedded: false }, met: `DynamoDB Local (container of ${image})`, stop }
  },
  startEmbedded: async () => {
    const { endpoint, version, stop } = await startEmbeddedDynamoDb()
    const met = `DynamoDB Local ${version ?? "of DYNAMODB_LOCAL_HOME"} (embedded)`
    return { server: { endpoint, isEmbedded: version !== undefined }, met, stop }
  },
}

async function proveDynamoDb(endpoint: string): Promise<void> {
  const hint =
    "DYNAMODB_ENDPOINT must be the URL of a DynamoDB or DynamoDB Local, with AWS_REGION and credentials as the AWS SDK takes them"
  if (!URL.canParse(endpoint)) throw new StoreUnavailableError("DYNAMODB_ENDPOINT is not a URL", hint)
  const client = new DynamoDB({ ...clientConfig(endpoint), maxAttempts: 1 })
  await client.listTables({ Limit: 1 }).catch((cause: unknown) => {
    const { name, message } = cause as Error
    const host = new URL(endpoint).host
    throw new StoreUnavailableError(`DynamoDB at ${host} could not be used: ${name}: ${message}`, hint, { cause })
  })
  client.destroy()
}
