import { type ServiceError, validationError } from "../service-error.js"

/** The parameter of the request that an expression comes in. */
export type ExpressionKind =
  "ConditionExpression" | "FilterExpression" | "KeyConditionExpression" | "UpdateExpression" | "ProjectionExpression"

export function invalidExpression(kind: ExpressionKind, problem: string): ServiceError {
  return validationError(`Invalid ${kind}: ${problem}`)
}
