/*
 * The short way through a client of the SDK: a command goes straight to the service, and its answer straight back.
 *
 * That is possible only where nobody could see the difference. So a command that the short way does not know, one with
 * middleware or options, and every command once the client has middleware of its own, take the SDK's whole way, at whose
 * end a `ProtocolHandler` stands where the network would be.
 */
import type { AnswerMetadata } from "./answer-metadata.js"
import { answerMetadata } from "./answer-metadata.js"
import { ProtocolHandler, type RequestTarget } from "./protocol-handler.js"
import { ServiceError } from "./service-error.js"

interface Command {
  readonly input: object
  readonly middlewareStack: { identify(): string[] }
}

type Callback = (error: unknown, output?: object) => void

type Send = (command: Command, options?: object) => Promise<object>

interface Client {
  send: unknown
  readonly middlewareStack: object
}

export interface DirectSend {
  readonly target: RequestTarget
  /** The operations that the SDK's commands ask for, by the commands' classes. */
  readonly operations: ReadonlyMap<unknown, string>
  /** The error as the SDK would throw it. */
  readonly sdkError: (error: ServiceError, metadata: AnswerMetadata) => Error
}

/** Gives a client of the SDK a `send` that takes the short way where it can. */
export function sendDirectly(client: Client, { target, operations, sdkError }: DirectSend): void {
  const wholeWay = (client.send as Send).bind(client)
  const hasMiddleware = middlewareWatch(client)

  const straight = async (operation: string, input: object): Promise<object> => {
    try {
      const output = await target.request(operation, input)
      return { $metadata: answerMetadata(200, target.random), ...output }
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      throw sdkError(error, answerMetadata(400, target.random))
    }
  }

  const answer = (command: Command, options: object | undefined): Promise<object> => {
    const operation = operations.get(command.constructor)
    const isPlain =
      operation !== undefined &&
      !hasMiddleware() &&
      (options === undefined || Object.keys(options).length === 0) &&
      command.middlewareStack.identify().length === 0
    return isPlain ? straight(operation, command.input) : wholeWay(command, options)
  }

  const send = (command: Command, optionsOrCallback?: object | Callback, callback?: Callback) => {
    const [options, tell] =
      typeof optionsOrCallback === "function"
        ? [undefined, optionsOrCallback as Callback]
        : [optionsOrCallback, callback]
    const answered = answer(command, options)
    if (tell === undefined) return answered
    answered.then(
      (output) => tell(null, output),
      (error: unknown) => tell(error),
    )
    return undefined
  }
  Object.defineProperty(client, "send", { value: send, writable: true, configurable: true })
}

/** Middleware that is added or taken away must be seen to have an effect: from then on everything goes the whole way. */
function middlewareWatch(client: Client): () => boolean {
  let hasMiddleware = false
  const stack = client.middlewareStack as Record<string, (...args: unknown[]) => unknown>
  for (const name of ["add", "addRelativeTo", "use", "remove", "removeByTag"]) {
    const change = stack[name]!
    stack[name] = (...args) => {
      hasMiddleware = true
      return change(...args)
    }
  }
  return () => hasMiddleware
}

/** All that the SDK would look for in the environment, in files and on the network is said here. */
export function offlineConfig(target: RequestTarget): object {
  return {
    region: "us-east-1",
    endpoint: "http://dynamodb.invalid",
    credentials: { accessKeyId: "fake", secretAccessKey: "fake" },
    signer: { sign: async (request: unknown) => request },
    requestHandler: new ProtocolHandler(target),
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    accountIdEndpointMode: "disabled",
    authSchemePreference: [],
    endpointDiscoveryEnabled: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: "",
  }
}
