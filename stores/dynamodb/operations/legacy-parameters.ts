/** Parameters from before there were expressions. The fake does not have them; what to use instead is said by name. */
export const legacyProjection = { AttributesToGet: "ProjectionExpression" }

export const legacyCondition = { Expected: "ConditionExpression", ConditionalOperator: "ConditionExpression" }

export const legacyQuery = {
  ...legacyProjection,
  KeyConditions: "KeyConditionExpression",
  QueryFilter: "FilterExpression",
  ConditionalOperator: "FilterExpression",
}

export const legacyScan = {
  ...legacyProjection,
  ScanFilter: "FilterExpression",
  ConditionalOperator: "FilterExpression",
}
