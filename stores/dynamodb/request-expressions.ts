/** The expressions of a request, parsed together: names and values are shared, and each must be used by one of them. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { assertPlaceholdersAllowed, parseProjection, Placeholders, type Projection } from "./expressions/index.js"

/** The members of a request that expressions take names and values from. */
export interface WithPlaceholders {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined
}

/**
 * The placeholders of a request with the expressions that it may have; the projection is apart since it takes no values.
 * @throws ServiceError ValidationException
 */
export function placeholdersOf(
  request: WithPlaceholders,
  expressions: Parameters<typeof assertPlaceholdersAllowed>[1],
  projection?: string,
): Placeholders {
  assertPlaceholdersAllowed(request, expressions, projection)
  return new Placeholders(request.ExpressionAttributeNames, request.ExpressionAttributeValues)
}

/** The projection of a request that has no other expression. @throws ServiceError ValidationException */
export function projectionOf(
  request: WithPlaceholders & { readonly ProjectionExpression?: string | undefined },
): Projection | undefined {
  const { ProjectionExpression } = request
  const placeholders = placeholdersOf(request, {}, ProjectionExpression)
  const projection =
    ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders)
  placeholders.assertAllUsed()
  return projection
}
