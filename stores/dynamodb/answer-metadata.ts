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
    requestId: random.uuid(),
    extendedRequestId: undefined,
    cfId: undefined,
    attempts: 1,
    totalRetryDelay: 0,
  }
}
