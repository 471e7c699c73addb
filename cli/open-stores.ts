import { StoreUnavailableError } from "../engine/store-unavailable.js"
import type { CheckOptions } from "../properties/check.js"
import { proveDynamoDb } from "../properties/live-dynamodb.js"
import { loadFakeDynamoStore } from "../properties/simulated-run.js"
import { type StoreKind, storeKinds } from "../properties/scenario.js"
import { clientConfig } from "../stores/dynamodb/client-config.js"
import { startDynamoDbContainer } from "../stores/dynamodb/container-server.js"
import { startEmbeddedDynamoDb } from "../stores/dynamodb/embedded-server.js"
import { startMessageDbContainer } from "../stores/message-db/container-server.js"
import { startEmbeddedMessageDb } from "../stores/message-db/embedded-server.js"
import { createFreshDatabase, type DatabaseServer } from "../stores/message-db/fresh-database.js"
import { connectionStringForm, isConnectionString } from "../stores/message-db/open-pool.js"
import type { Channel } from "./output.js"
import type { RunOptions, StoreName } from "./run-options.js"
import { UsageError } from "./usage-error.js"

/** The stores that the scenarios run on, for as long as they do. */
export interface OpenStores {
  readonly byKind: ReadonlyMap<StoreKind, CheckOptions["store"]>
  readonly skipped: readonly Skipped[]
  /** Leaves nothing behind that {@link openStores} has started. */
  close(): Promise<void>
}

/** A store that cannot be had here. */
export interface Skipped {
  readonly on: StoreKind
  readonly reason: string
}

interface OpenStore {
  readonly store: CheckOptions["store"]
  close(): Promise<void>
}

/**
 * Opens the stores that the plan needs. `MDB_CONN_STR` and `DYNAMODB_ENDPOINT` in the environment name servers to use
 * instead of ones that are started. In place of a container that cannot be had there is an embedded server, unless
 * `WINDTUNNEL_REQUIRE` has `containers` in it; an embedded one that cannot be had is left out, as long as there is
 * another store.
 * @throws StoreUnavailableError when a server that was named or required does not answer, or when nothing is left.
 * @throws UsageError when a variable has not the form it needs, or when the login may not do what it takes
 */
export async function openStores(
  { store, plan }: Pick<RunOptions, "store" | "plan">,
  log: Channel,
  env = process.env,
): Promise<OpenStores> {
  // About versions of Node to come; it would stand in the middle of the report.
  env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true"
  const kinds = storeKinds.filter((kind) => plan.some(({ on }) => on === kind))
  const open = (kind: StoreKind) => (store === "fake" ? fakeOf[kind]() : serverOf[kind](store, log, env))
  const opened = new Map<StoreKind, OpenStore>()
  const missing = new Map<StoreKind, StoreUnavailableError>()
  const close = async () => {
    for (const each of opened.values()) await each.close()
  }
  try {
    for (const kind of kinds) {
      const opening = await open(kind)
      if (opening instanceof StoreUnavailableError) missing.set(kind, opening)
      else opened.set(kind, opening)
    }
    const [first] = missing.values()
    if (opened.size === 0 && first !== undefined) throw first
  } catch (error) {
    await close()
    throw error
  }
  return {
    byKind: new Map([...opened].map(([kind, { store: checked }]) => [kind, checked])),
    skipped: [...missing].map(([on, { message, hint }]) => ({ on, reason: `${message}; ${hint}` })),
    close,
  }
}

const fake: OpenStore = { store: "fake", close: async () => {} }

const fakeOf: Readonly<Record<StoreKind, () => Promise<OpenStore | StoreUnavailableError>>> = {
  "message-db": async () => fake,
  "dynamo-store": () => orUnavailable(async () => (await loadFakeDynamoStore(), fake)),
}

type Started = Exclude<StoreName, "fake">

/** Opens the server that is named in the environment, or starts one. An answered error is for that one. */
type Open = (started: Started, log: Channel, env: NodeJS.ProcessEnv) => Promise<OpenStore | StoreUnavailableError>

const serverOf: Readonly<Record<StoreKind, Open>> = {
  "message-db": async (started, log, env) => {
    const given = env["MDB_CONN_STR"]
    if (given === undefined || given === "")
      return start(started, "PostgreSQL with Message DB", log, env, {
        containers: async () => openMessageDb("containers", await startMessageDbContainer()),
        embedded: async () => openMessageDb("embedded", await startEmbeddedMessageDb()),
      })
    if (!isConnectionString(given)) throw new UsageError(`MDB_CONN_STR must be ${connectionStringForm}`)
    log.write("Using the PostgreSQL server of MDB_CONN_STR; every run makes a database of its own and drops it.\n")
    const server = { connectionString: given, superuserConnectionString: given }
    await proveMessageDb(server)
    return openMessageDb(started, { ...server, stop: async () => {} })
  },
  "dynamo-store": async (started, log, env) => {
    const given = env["DYNAMODB_ENDPOINT"]
    if (given === undefined || given === "")
      return start(started, "DynamoDB Local", log, env, {
        containers: async () => openDynamoDb("containers", await startDynamoDbContainer(), env),
        embedded: async () => openDynamoDb("embedded", await startEmbeddedDynamoDb(), env),
      })
    if (!/^https?:\/\/[^/]/.test(given) || !URL.canParse(given))
      throw new UsageError("DYNAMODB_ENDPOINT must be a URL such as http://localhost:8000")
    log.write("Using the DynamoDB of DYNAMODB_ENDPOINT; every run makes tables of its own and deletes them.\n")
    const opened = openDynamoDb(started, { endpoint: given, stop: async () => {} }, env)
    await proveDynamoDb(opened.store)
    return opened
  },
}

async function start(
  started: Started,
  what: string,
  log: Channel,
  env: NodeJS.ProcessEnv,
  how: Readonly<Record<Started, () => Promise<OpenStore>>>,
): Promise<OpenStore | StoreUnavailableError> {
  if (started === "containers") {
    log.write(`Starting ${what} in a container …\n`)
    const container = await orUnavailable(how.containers)
    if (!(container instanceof StoreUnavailableError)) return container
    if (requiresContainers(env)) throw container
    log.write(`No container of ${what}: ${container.message}; ${container.hint}.\n`)
  }
  log.write(`Starting an embedded ${what} …\n`)
  return orUnavailable(how.embedded)
}

/** Whether an embedded server may not take the place of a container that cannot be had. */
export const requiresContainers = (env: NodeJS.ProcessEnv): boolean =>
  (env["WINDTUNNEL_REQUIRE"] ?? "").split(",").some((name) => name.trim() === "containers")

async function orUnavailable<T>(start: () => Promise<T>): Promise<T | StoreUnavailableError> {
  try {
    return await start()
  } catch (error) {
    if (error instanceof StoreUnavailableError) return error
    throw error
  }
}

/** Makes a database and drops it: what every run is going to do. */
async function proveMessageDb(server: DatabaseServer): Promise<void> {
  try {
    await (await createFreshDatabase(server)).drop()
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    throw new UsageError(
      `the login of MDB_CONN_STR must be able to create databases and to install Message DB: ${(error as Error).message}`,
    )
  }
}

interface Stoppable {
  stop(): Promise<void>
}

const openMessageDb = (name: Started, server: DatabaseServer & Stoppable): OpenStore => ({
  store: { kind: "message-db", name, fresh: () => createFreshDatabase(server) },
  close: () => server.stop(),
})

const openDynamoDb = (name: Started, server: { readonly endpoint: string } & Stoppable, env: NodeJS.ProcessEnv) => ({
  store: { kind: "dynamo-store", name, config: clientConfig(server.endpoint, env) } as const,
  close: () => server.stop(),
})
