import { describe, expect, it } from "vitest"
import { serviceFailure } from "./scripted-client.js"
import { writeFailureOf } from "./write-failure.js"

const cancelled = (...codes: string[]) =>
  serviceFailure("TransactionCanceledException", 1, { CancellationReasons: codes.map((Code) => ({ Code })) })

describe("what an error says of a write", () => {
  it.each([
    ["conflict", "another write was first", serviceFailure("ConditionalCheckFailedException")],
    ["conflict", "a transaction holds the item", serviceFailure("TransactionConflictException")],
    ["conflict", "both items of a transaction", cancelled("ConditionalCheckFailed", "ConditionalCheckFailed")],
    ["conflict", "the second item of a transaction", cancelled("None", "ConditionalCheckFailed")],
    ["conflict", "a transaction that met another one", cancelled("None", "TransactionConflict")],
    ["refused", "a transaction for another reason", cancelled("None", "ValidationError")],
    ["refused", "a transaction for another reason too", cancelled("ConditionalCheckFailed", "ThrottlingError")],
    ["refused", "a transaction without reasons", serviceFailure("TransactionCanceledException")],
    ["refused", "throttled at the first attempt", serviceFailure("ProvisionedThroughputExceededException")],
    [
      "open",
      "throttled after an attempt of which nothing is known",
      serviceFailure("ProvisionedThroughputExceededException", 2),
    ],
    ["open", "the same transaction still runs", serviceFailure("TransactionInProgressException")],
    [
      "open",
      "the service failed",
      Object.assign(new Error("InternalServerError"), { $metadata: { httpStatusCode: 500 } }),
    ],
    ["open", "the connection broke", Object.assign(new Error("ECONNRESET"), { code: "ECONNRESET" })],
    ["open", "not even an error", "gone"],
    ["refused", "an error of the client without a status", Object.assign(new Error("x"), { $fault: "client" })],
  ])("%s: %s", (failure, _, error) => {
    expect(writeFailureOf(error)).toBe(failure)
  })
})
