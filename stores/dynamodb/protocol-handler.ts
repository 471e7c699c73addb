import type { Random } from "../../engine/random.js"
import { answerMetadata } from "./answer-metadata.js"
import { ServiceError } from "./service-error.js"
import { decodeRequest, encodeAnswer, encodeError } from "./wire.js"

interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface HttpResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

interface HandlerOptions {
  readonly abortSignal?: { readonly aborted: boolean }
}

/** What answers requests: a database, or what is at its side. */
export interface RequestTarget {
  readonly random: Random
  /** Answers an operation's input with its output. @throws ServiceError */
  request(operation: string, input: object): Promise<object>
}

/** What stands in the SDK's client where the network would be: requests in the service's protocol go to a target. */
export class ProtocolHandler {
  readonly metadata = { handlerProtocol: "http/1.1" }
  readonly #target: RequestTarget

  constructor(target: RequestTarget) {
    this.#target = target
  }

  /** @throws what the target throws, unless the service would have answered it */
  async handle(request: HttpRequest, options: HandlerOptions = {}): Promise<{ response: HttpResponse }> {
    if (options.abortSignal?.aborted) throw abortError()
    const operation = request.headers["x-amz-target"]!.split(".")[1]!
    try {
      const output = await this.#target.request(operation, decodeRequest(textOf(request.body)))
      return this.#response(200, encodeAnswer(output))
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      return this.#response(400, encodeError(error))
    }
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {}
  }

  destroy(): void {}

  #response(statusCode: number, body: string): { response: HttpResponse } {
    const { requestId } = answerMetadata(statusCode, this.#target.random)
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": requestId }
    return { response: { statusCode, headers, body: Buffer.from(body) } }
  }
}

/** As the SDK's own handlers reject when the caller's signal is aborted. */
function abortError(): Error {
  return Object.assign(new Error("Request aborted"), { name: "AbortError" })
}

function textOf(body: unknown): string {
  if (typeof body === "string") return body
  if (!(body instanceof Uint8Array)) return ""
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8")
}
