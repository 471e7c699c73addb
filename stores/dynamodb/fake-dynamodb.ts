import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDB,
  type DynamoDBClientConfig,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb"
import { checkOptions, InvalidOptionError } from "../../engine/options.js"
import { answerMetadata } from "./answer-metadata.js"
import { Database, type DatabaseOptions } from "./database.js"
import { ProtocolHandler } from "./protocol-handler.js"
import { sdkError } from "./sdk-errors.js"
import { ServiceError } from "./service-error.js"

/** Either what a new database takes, or a database that there is: then this is one more client of it. */
export type FakeDynamoDBOptions = DatabaseOptions | { readonly database: Database }

/** The SDK's own commands that go straight to the database. Others take the whole way through the SDK. */
const operations: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [BatchGetItemCommand, "BatchGetItem"],
  [BatchWriteItemCommand, "BatchWriteItem"],
  [CreateTableCommand, "CreateTable"],
  [DeleteItemCommand, "DeleteItem"],
  [DeleteTableCommand, "DeleteTable"],
  [DescribeTableCommand, "DescribeTable"],
  [DescribeTimeToLiveCommand, "DescribeTimeToLive"],
  [GetItemCommand, "GetItem"],
  [ListTablesCommand, "ListTables"],
  [PutItemCommand, "PutItem"],
  [QueryCommand, "Query"],
  [ScanCommand, "Scan"],
  [TransactGetItemsCommand, "TransactGetItems"],
  [TransactWriteItemsCommand, "TransactWriteItems"],
  [UpdateItemCommand, "UpdateItem"],
  [UpdateTableCommand, "UpdateTable"],
  [UpdateTimeToLiveCommand, "UpdateTimeToLive"],
])

interface Command {
  readonly input: object
  readonly middlewareStack: { identify(): string[] }
}

type Callback = (error: unknown, output?: object) => void

type Send = (command: Command, options?: object) => Promise<object>

/**
 * What would be a `DynamoDB` of `@aws-sdk/client-dynamodb`, over a database in memory: the same methods and commands, the
 * same errors of the same classes; waiters, paginators, middleware and the document client work. There is no network, and
 * nothing is tried again. What the fake does not have it refuses with UnsupportedByFakeError.
 */
export class FakeDynamoDB extends DynamoDB {
  readonly database: Database
  readonly #wholeWay: Send
  #hasMiddleware = false

  /** @throws InvalidOptionError */
  constructor(options: FakeDynamoDBOptions = {}) {
    const database = databaseOf(options)
    super(clientConfig(database))
    this.database = database
    this.#wholeWay = super.send.bind(this) as unknown as Send
    Object.defineProperty(this, "send", { value: this.#send.bind(this), writable: true, configurable: true })
    this.#watchMiddleware()
  }

  #send(command: Command, optionsOrCallback?: object | Callback, callback?: Callback): Promise<object> | undefined {
    const [options, tell] =
      typeof optionsOrCallback === "function"
        ? [undefined, optionsOrCallback as Callback]
        : [optionsOrCallback, callback]
    const answer = this.#answer(command, options)
    if (tell === undefined) return answer
    answer.then(
      (output) => tell(null, output),
      (error: unknown) => tell(error),
    )
    return undefined
  }

  #answer(command: Command, options: object | undefined): Promise<object> {
    const operation = operations.get(command.constructor)
    const isPlain =
      operation !== undefined &&
      !this.#hasMiddleware &&
      (options === undefined || Object.keys(options).length === 0) &&
      command.middlewareStack.identify().length === 0
    return isPlain ? this.#straight(operation, command.input) : this.#wholeWay(command, options)
  }

  async #straight(operation: string, input: object): Promise<object> {
    const { database } = this
    try {
      const output = await database.request(operation, input)
      return { $metadata: answerMetadata(200, database.random), ...output }
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      throw sdkError(error, answerMetadata(400, database.random))
    }
  }

  /** Middleware that is added or taken away must be seen to have an effect: from then on everything goes the whole way. */
  #watchMiddleware(): void {
    const stack = this.middlewareStack as unknown as Record<string, (...args: unknown[]) => unknown>
    for (const name of ["add", "addRelativeTo", "use", "remove", "removeByTag"]) {
      const change = stack[name]!
      stack[name] = (...args) => {
        this.#hasMiddleware = true
        return change(...args)
      }
    }
  }
}

function databaseOf(options: FakeDynamoDBOptions): Database {
  checkOptions("FakeDynamoDB", {}, options)
  if (!("database" in options)) return new Database(options)
  const { database, ...others } = options
  if (!(database instanceof Database))
    throw new InvalidOptionError("FakeDynamoDB", "database", database, "the database of another FakeDynamoDB")
  const [other] = Object.entries(others)
  if (other !== undefined)
    throw new InvalidOptionError("FakeDynamoDB", other[0], other[1], "left out where a database is given")
  return database
}

/** All that the SDK would look for in the environment, in files and on the network is said here. */
function clientConfig(database: Database): DynamoDBClientConfig {
  return {
    region: "us-east-1",
    endpoint: "http://dynamodb.invalid",
    credentials: { accessKeyId: "fake", secretAccessKey: "fake" },
    signer: { sign: async (request: unknown) => request },
    requestHandler: new ProtocolHandler(database),
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    accountIdEndpointMode: "disabled",
    authSchemePreference: [],
    endpointDiscoveryEnabled: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: "",
  } as unknown as DynamoDBClientConfig
}
