import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  ProvisionedThroughputExceededException,
  ResourceInUseException,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from "@aws-sdk/client-dynamodb"
import type { AnswerMetadata } from "./answer-metadata.js"
import type { ServiceError } from "./service-error.js"

/** The errors that have a class of their own in the SDK; all others are of the class that these extend. */
const exceptions: ReadonlyMap<string, new (options: never) => DynamoDBServiceException> = new Map(
  Object.entries({
    ConditionalCheckFailedException,
    IdempotentParameterMismatchException,
    ProvisionedThroughputExceededException,
    ResourceInUseException,
    ResourceNotFoundException,
    TransactionCanceledException,
    TransactionConflictException,
    TransactionInProgressException,
  }),
)

/** The error as the SDK would throw it for the same answer of the service. */
export function sdkError({ name, message, fields }: ServiceError, $metadata: AnswerMetadata): DynamoDBServiceException {
  const Exception = exceptions.get(name) ?? DynamoDBServiceException
  const error = new Exception({ name, $fault: "client", $metadata, message } as never)
  return Object.assign(error, fields)
}
