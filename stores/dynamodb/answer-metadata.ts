import type { Random } from "../../engine/random.js"

/** What the SDK says of an answer beside the answer. */
export interface AnswerMetadata {
  readonly httpStatusCode: number
  readonly requestId: string
  readonly extendedRequestId: undefined
  readonly cfId: undefined
  readonly attempts: number
  /** Milliseconds. */
  readonly totalRetryDelay: number
}

/** Of an answer that came at the first attempt. */
export function answerMetadata(httpStatusCode: number, random: Random): AnswerMetadata {
  return {
    httpStatusCode,
    requestId: requestId(random),
    extendedRequestId: undefined,
    cfId: undefined,
    attempts: 1,
    totalRetryDelay: 0,
  }
}

/** The service's look: 52 capital letters and digits. */
export function requestId(random: Random): string {
  const text = (random.uuid() + random.uuid()).replaceAll("-", "")
  return text.toUpperCase().slice(0, 52)
}
