import {
  InternalServerError,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
  ThrottlingException,
} from "@aws-sdk/client-dynamodb"
import { expect, it } from "vitest"
import { dynamoStoreFailureClass } from "./failure-class.js"

const given = { message: "", $metadata: {} }
const error = (fields: object) => Object.assign(new Error(), fields)

it.each([
  new ProvisionedThroughputExceededException(given),
  new ThrottlingException(given),
  new InternalServerError(given),
  error({ name: "RequestLimitExceeded" }),
  error({ name: "TimeoutError" }),
  error({ code: "ECONNRESET" }),
  error({ code: "ECONNREFUSED" }),
  error({ name: "UnknownError", $metadata: { httpStatusCode: 503 } }),
])("may be gone the next time: %s", (failure) => {
  expect(dynamoStoreFailureClass(failure)).toBe("transient")
})

it.each([
  new ResourceNotFoundException(given),
  error({ name: "AccessDeniedException", $metadata: { httpStatusCode: 400 } }),
  error({ name: "ValidationException", $metadata: { httpStatusCode: 400 } }),
  error({ name: "UnrecognizedClientException" }),
  error({ name: "ExpiredTokenException" }),
  error({ name: "CredentialsProviderError" }),
  error({ name: "UnknownError", $metadata: { httpStatusCode: 403 } }),
  error({ code: "SELF_SIGNED_CERT_IN_CHAIN" }),
])("has to be set right: %s", (failure) => {
  expect(dynamoStoreFailureClass(failure)).toBe("configuration")
})

it.each([
  error({ name: "UnknownError", $metadata: { httpStatusCode: 400 } }),
  new TypeError("x is not a function"),
  "a text",
  undefined,
])("will be there the next time: %s", (failure) => {
  expect(dynamoStoreFailureClass(failure)).toBe("permanent")
})
