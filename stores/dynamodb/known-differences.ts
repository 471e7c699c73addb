/**
 * For tests: where DynamoDB Local 1.11.478, of the year 2020, answers otherwise than the service does today. In each of
 * these the fake answers as the service does, as far as that is known; where it is not, the reason says so.
 *
 * Three things are not compared at all: consumed capacity, which Local reckons in its own way and answers unasked; how a
 * number is written, which Local keeps as it came and the service makes canonical; and the items and messages inside the
 * reasons of a cancelled transaction, which Local does not give.
 */
import type { Operation } from "./operation-arbitraries.js"
import { canonicalNumber } from "./number-value.js"

interface Refusal {
  readonly error: { readonly name: string; readonly message: string; readonly more: unknown }
}

export type Outcome = { readonly answer: unknown } | Refusal

export interface KnownDifference {
  readonly name: string
  /** What the service does, and why that is thought. */
  readonly reason: string
  matches(fake: Outcome, real: Outcome, operation: Operation): boolean
}

/** What an error says, with its name before it; what was answered is "ok". */
const text = (outcome: Outcome): string =>
  "error" in outcome ? `${outcome.error.name}: ${outcome.error.message}` : "ok"

const pair = (name: string, reason: string, fake: RegExp, real: RegExp): KnownDifference => ({
  name,
  reason,
  matches: (ours, theirs) => fake.test(text(ours)) && real.test(text(theirs)),
})

/** Validation errors in words that only Local has. */
const localWords = [
  /must have some requests set$/,
  /cannot have a null or no requests set$/,
  /^The batch write request list for a table cannot be null or empty/,
  /^The list of keys in RequestItems for BatchGetItem is required/,
  /^Return values set to invalid value$/,
  /^Select must be ALL_ATTRIBUTES, /,
  /^Value \[.*\] at 'transactItems' failed to satisfy constraint/s,
  /^Value null at 'transactItems\./,
  /^The number of conditions on the keys is invalid$/,
  /^One of the required keys was not given a value$/,
  /^Invalid attribute value type$/,
  /^Type mismatch for (attribute to update|Index Key)$/,
  /^This attribute is part of the key$/,
  /cannot be converted into a number/,
  /^DynamoDB only supports precision up to 38 digits$/,
  /^Query condition missed key schema element$/,
  /^Exclusive Start Key must have same size as table's key schema$/,
  /^The provided starting key does not match the range key predicate$/,
  /^Consistent read cannot be true when (scaning|querying) a GSI$/,
  /operator: (ADD|DELETE), operand type: \w+$/,
  /contains duplicates\.?$/,
  /Sets cannot be empty$/,
  /may not have a empty string as a member/,
  /An AttributeValue may not contain (an empty string|a null or empty binary type)/,
  /lower bound operand: \{\w+: .*,\}, upper bound operand: /s,
  /Two document paths overlap with each other/,
  /^Invalid table\/index name\./,
  /^Either the KeyConditions or KeyConditionExpression parameter must be specified/,
]

/** Validation errors of the service. Which of several faults is named first is nobody's promise. */
const serviceWords = [
  /^1 validation error detected: /,
  /^Invalid (Condition|Update|Filter|Projection|KeyCondition)Expression: /,
  /^ExpressionAttribute(Values|Names) (can only be specified|contains invalid|unused|must not be empty)/,
  /^Value provided in ExpressionAttribute(Values|Names) unused/,
  /^One or more parameter values (were invalid|are not valid)/,
  /^The provided (key element does not match|expression refers to|starting key is)/,
  /^The document path provided in the update expression is invalid/,
  /^An operand in the update expression has an incorrect data type/,
  /^The parameter cannot be converted to a numeric value/,
  /^Attempting to store more than 38 significant digits/,
  /^The table does not have the specified index/,
  /^Cannot specify the ProjectionExpression/,
  /^Must specify the AttributesToGet or ProjectionExpression/,
  /^ALL_PROJECTED_ATTRIBUTES can be used only/,
  /^Consistent reads are not supported on global secondary indexes/,
  /^Filter Expression can only contain non-primary key attributes/,
  /^Query (condition missed key schema element|key condition not supported)/,
  /^Key attributes must be scalars/,
  /^ReturnValues can only be/,
  /^Transaction request cannot include multiple operations on one item/,
  /^Provided list of item keys contains duplicates/,
  /^Supplied AttributeValue /,
  /^Type mismatch for key /,
  /^Item size /,
  /^Input collection contains duplicates$/,
  /^Empty attribute name$/,
  /^Invalid (operator used|condition) in KeyConditionExpression: /,
  /^KeyConditionExpressions /,
  /^Limit must be greater than or equal to 1$/,
  /^Number (overflow|underflow)\./,
  /^Either the KeyConditions or KeyConditionExpression parameter must be specified/,
]

const isValidation = (outcome: Outcome): outcome is Refusal =>
  "error" in outcome && outcome.error.name === "ValidationException"

const saysOneOf = (words: readonly RegExp[], outcome: Outcome): boolean =>
  isValidation(outcome) && words.some((word) => word.test(outcome.error.message))

/** A refusal because of what the request is, in any of its forms. */
function isInvalid(outcome: Outcome): boolean {
  if (!("error" in outcome)) return false
  const { name, message } = outcome.error
  if (name === "ValidationException") return true
  return (
    name === "TransactionCanceledException" && [/ValidationError/, ...localWords].some((word) => word.test(message))
  )
}

const hasBytes = (values: unknown): boolean =>
  Object.values(values as Record<string, { B?: Uint8Array }>).some(({ B }) => B !== undefined && B.length > 1)

/** Pages without their counts. */
const emptied = (outcome: Outcome): Outcome =>
  "answer" in outcome && Array.isArray(outcome.answer)
    ? { answer: (outcome.answer as { Items?: unknown }[]).map(({ Items }) => ({ Items })) }
    : outcome

/** Whether all that the first answers stands in the second. */
const isPartOf = (fake: Outcome, real: Outcome): boolean =>
  "answer" in fake && "answer" in real && holds(real.answer, fake.answer)

function holds(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) return Array.isArray(whole) && part.every((one) => whole.some((other) => holds(other, one)))
  if (typeof part !== "object" || part === null) return whole === part
  if (typeof whole !== "object" || whole === null) return false
  return Object.entries(part).every(([name, value]) => holds((whole as Record<string, unknown>)[name], value))
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    name: "words of its own for a request that both refuse",
    reason: "Local was written beside the service, and words many validation errors in its own way",
    matches: (fake, real) => saysOneOf(serviceWords, fake) && saysOneOf(localWords, real),
  },
  {
    name: "another of several faults of one request",
    reason: "each of the two texts is one of the service; which check comes first is not documented",
    matches: (fake, real) => saysOneOf(serviceWords, fake) && saysOneOf(serviceWords, real),
  },
  pair(
    "an update without an expression in a transaction",
    "UpdateExpression is a required member of Update (API reference)",
    /^ValidationException: .*Value null at 'updateExpression'/,
    /^ok|TransactionCanceledException: /,
  ),
  {
    name: "a transaction with an invalid action",
    reason:
      "the service refuses what it can without a look at the items, and cancels the transaction for the rest, naming the " +
      "action by ValidationError (API reference, TransactWriteItems); Local does either for other faults",
    matches: (fake, real, { method }) => method.startsWith("transact") && isInvalid(fake) && isInvalid(real),
  },
  {
    name: "an invalid action of a transaction that Local does not come to",
    reason:
      "the service checks a request by itself before it looks at conditions; Local checks one action after the other",
    matches: (fake, real, { method }) =>
      method === "transactWriteItems" && isValidation(fake) && /^TransactionCanceledException: /.test(text(real)),
  },
  pair("a transaction that Local fails at", "an InternalFailure of Local is no answer", /./s, /^InternalFailure: /),
  pair(
    "two actions of a transaction on one item",
    "the service refuses the request before it looks at conditions (API reference, TransactWriteItems); Local takes one " +
      "number written in two ways for two keys",
    /^ValidationException: Transaction request cannot include multiple operations on one item$/,
    /^ok$|^TransactionCanceledException: |^IdempotentParameterMismatchException: /,
  ),
  pair(
    "empty texts and bytes",
    "they may be stored in attributes that are no keys since May 2020",
    /^ok|ConditionalCheckFailedException|TransactionCanceledException/,
    /^ValidationException: .*(may not contain (an empty string|a null or empty binary type)|may not have a empty (string|binary) as a member)/,
  ),
  pair(
    "a starting key at the end of what is asked for",
    "unsettled: the fake takes a key within the bounds of the condition, Local does not take the last one",
    /^ok$/,
    /^ValidationException: The provided starting key does not match the range key predicate$/,
  ),
  pair(
    "a projection of what a global index has not",
    "the service refuses it (developer guide, global secondary indexes); Local looks only when there is an item",
    /^ValidationException: .*(Global secondary index \w+ does not project|ALL_ATTRIBUTES is not supported for global) /,
    /^ok$/,
  ),
  pair(
    "a filter on what an index has not",
    "unsettled: Local refuses it, no documentation of the service was found that does",
    /^ok$/,
    /^ValidationException: .*does not project one or more filter attributes/,
  ),
  pair(
    "an update of a key, under a condition that fails",
    "the service checks a request by itself before it looks at the item",
    /^ValidationException: (Key attributes must be scalars|.*Cannot update attribute)/,
    /^ConditionalCheckFailedException: /,
  ),
  pair(
    "a path into a key of an index that Local does not come to",
    "keys are scalars, which the service knows before it looks at the item",
    /^ValidationException: Key attributes must be scalars/,
    /^ok$/,
  ),
  pair(
    "size as a name",
    "SIZE is one of the reserved words of the developer guide",
    /reserved keyword: size$/i,
    /^ok$|^ConditionalCheckFailedException: /,
  ),
  pair(
    "an invalid request under a token that was used for another",
    "the service checks a request by itself before it looks for its token",
    /^ValidationException: /,
    /^IdempotentParameterMismatchException: /,
  ),
  pair(
    "a token that was used for another request, without words",
    "the service says what does not match",
    /^IdempotentParameterMismatchException: /,
    /^IdempotentParameterMismatchException: UnknownError$/,
  ),
  {
    name: "an update that gives an index's key another type",
    reason:
      "the service refuses it (API reference, TransactWriteItems: update of an index's key to an unsupported type)",
    matches: (fake, real, { input }) =>
      /Type mismatch for Index Key|ValidationError/.test(text(fake)) &&
      text(real) === "ok" &&
      /(ADD|SET) /.test(JSON.stringify(input)),
  },
  {
    name: "a key that is shorter than what it should begin with",
    reason: "bytes do not begin with more bytes than they have; Local compares as many as there are",
    matches: (fake, real, { method, input }) =>
      method === "query" &&
      /begins_with/.test(String(input["KeyConditionExpression"])) &&
      hasBytes(input["ExpressionAttributeValues"]) &&
      isPartOf(emptied(fake), real),
  },
  {
    name: "a filter of a scan on what an index has not",
    reason: "unsettled: Local filters by the table's items, the fake by what the index has",
    matches: (fake, real, { method, input }) =>
      method === "scan" &&
      input["IndexName"] !== undefined &&
      input["FilterExpression"] !== undefined &&
      text(fake) === "ok" &&
      text(real) === "ok",
  },
  {
    name: "what an update has changed inside of an attribute",
    reason: "UPDATED_OLD and UPDATED_NEW answer what was touched; Local answers the whole attribute",
    matches: (fake, real, { method, input }) =>
      method === "updateItem" &&
      /^UPDATED_/.test(String(input["ReturnValues"])) &&
      text(fake) === "ok" &&
      text(real) === "ok" &&
      isPartOf(fake, real),
  },
  pair(
    "a table that is not there, in other words",
    "the service says that the requested resource was not found",
    /^ResourceNotFoundException: Requested resource not found$/,
    /^ResourceNotFoundException: /,
  ),
  pair(
    "an invalid request to a table that is not there",
    "the service checks a request by itself before it looks for the table; Local the other way round",
    /^ValidationException: /,
    /^ResourceNotFoundException: /,
  ),
  pair(
    "a transaction on a table that is not there, invalid besides",
    "which of two faults is named first is not documented",
    /^ResourceNotFoundException: /,
    /^(ValidationException|TransactionCanceledException): /,
  ),
  pair(
    "one key twice, as numbers that are written differently",
    "numbers are equal by their value",
    /^ValidationException: Provided list of item keys contains duplicates$/,
    /^ok$/,
  ),
]

/** An answer of the fake without what is not compared. */
export const ofFake = (outcome: Outcome): Outcome => compared(outcome, (number) => number)

/** An answer of the real one without what is not compared, its numbers written as the service writes them today. */
export const ofReal = (outcome: Outcome): Outcome => compared(outcome, canonicalNumber)

function compared(outcome: Outcome, written: (number: string) => string): Outcome {
  if ("answer" in outcome) return { answer: plain(outcome.answer, written) }
  const { name, message, more } = outcome.error
  return { error: { name, message, more: codes(more) } }
}

const codes = (more: unknown): unknown => {
  const { reasons } = more as { reasons?: readonly { Code?: unknown }[] }
  return reasons === undefined ? {} : { codes: reasons.map(({ Code }) => Code) }
}

function plain(value: unknown, written: (number: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => plain(one, written))
  if (typeof value !== "object" || value === null) return value
  const members = Object.entries(value).filter(([name]) => name !== "ConsumedCapacity")
  return Object.fromEntries(
    members.map(([name, member]: [string, unknown]): [string, unknown] => {
      if (name === "N" && typeof member === "string") return [name, written(member)]
      if (name === "NS" && Array.isArray(member)) return [name, sorted(member.map((one) => written(one as string)))]
      const inside = plain(member, written)
      return [name, name === "AnyOrder" ? sorted(inside as unknown[]) : inside]
    }),
  )
}

const sorted = (list: readonly unknown[]): unknown[] =>
  list
    .map((one) => [JSON.stringify(one), one] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one)
