import type { DynamoClient } from "./dynamo-client.js"

export interface SentRequest {
  readonly operation: keyof DynamoClient
  readonly input: object
}

/** What becomes of a request: it may be lost on the way, its answer may be, or the transport sends it twice. */
export interface Interference {
  readonly lose?: "request" | "reply"
  readonly repeat?: boolean
  /** Answered instead of sending it. */
  readonly fail?: Error
  /** Done before the request is sent. */
  readonly before?: () => unknown
  /** Done after the request, or its first sending, took effect. */
  readonly after?: () => unknown
}

type Request = (input: object) => Promise<object>

/** A client, for tests, that notes what is sent and does to the next requests what it is told to. */
export class ScriptedClient implements DynamoClient {
  readonly requests: SentRequest[] = []
  readonly getItem: DynamoClient["getItem"]
  readonly putItem: DynamoClient["putItem"]
  readonly updateItem: DynamoClient["updateItem"]
  readonly transactWriteItems: DynamoClient["transactWriteItems"]
  readonly query: DynamoClient["query"]
  readonly #script: { readonly operation: keyof DynamoClient; readonly interference: Interference }[] = []

  constructor(client: DynamoClient) {
    const through = (operation: keyof DynamoClient) => (input: object) =>
      this.#send(operation, input, (same) => client[operation](same as never))
    this.getItem = through("getItem") as DynamoClient["getItem"]
    this.putItem = through("putItem") as DynamoClient["putItem"]
    this.updateItem = through("updateItem") as DynamoClient["updateItem"]
    this.transactWriteItems = through("transactWriteItems") as DynamoClient["transactWriteItems"]
    this.query = through("query") as DynamoClient["query"]
  }

  /** The operations sent since the last call of this. */
  sent(): string[] {
    return this.requests.splice(0).map(({ operation }) => operation)
  }

  /** What becomes of the next request of this operation that nothing was said about yet. */
  next(operation: keyof DynamoClient, interference: Interference): void {
    this.#script.push({ operation, interference })
  }

  async #send(operation: keyof DynamoClient, input: object, send: Request): Promise<object> {
    this.requests.push({ operation, input })
    const at = this.#script.findIndex((scripted) => scripted.operation === operation)
    const { lose, repeat, fail, before, after } = at < 0 ? {} : this.#script.splice(at, 1)[0]!.interference
    await before?.()
    if (fail !== undefined) throw fail
    if (lose === "request") throw timeout()
    const output = await send(input)
    await after?.()
    if (lose === "reply") throw timeout()
    return repeat === true ? secondAttempt(send, input) : output
  }
}

const timeout = () => Object.assign(new Error("socket hang up"), { name: "TimeoutError" })

/** An error of the service as the SDK shows it. */
export function serviceFailure(name: string, attempts = 1, fields: object = {}): Error {
  return Object.assign(new Error(name), {
    name,
    $fault: "client",
    $metadata: { attempts, httpStatusCode: 400 },
    ...fields,
  })
}

async function secondAttempt(send: Request, input: object): Promise<object> {
  try {
    return await send(input)
  } catch (error) {
    throw Object.assign(error as Error, { $metadata: { attempts: 2, httpStatusCode: 400 } })
  }
}
