import {
  InternalServerError,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionConflictException,
} from "@aws-sdk/client-dynamodb"
import { failsAfterwardsWith, failsWith, type Failure } from "../sim/failure.js"
import { writeOperations } from "./dynamodb-call.js"

const status = (httpStatusCode: number) => ({ httpStatusCode, attempts: 1 })

const throttled = failsWith(
  () =>
    new ProvisionedThroughputExceededException({
      message: "The level of configured provisioned throughput for the table was exceeded.",
      $metadata: status(400),
    }),
)

const conflict = { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" }

const denied = failsWith(() =>
  Object.assign(new Error("User is not authorized to perform the operation on the resource"), {
    name: "AccessDeniedException",
    $fault: "client",
    $metadata: status(400),
  }),
)

/**
 * What the service can do to a request, for the port of a client, with the SDK's own errors.
 *
 * - `throttled`: the request has no effect.
 * - `transactionConflict`: a write meets a transaction of somebody else, and has no effect.
 * - `accessDenied`: a right was taken away; the request has no effect.
 * - `internalError`: the service breaks down over it; what it asked for has been done.
 */
export const dynamoDbFailures: Readonly<Record<string, Failure>> = {
  throttled,
  transactionConflict: {
    befalls: ({ operation }) => writeOperations.includes(operation),
    strike: ({ operation, args: [input] }) => {
      if (operation !== "transactWriteItems")
        throw new TransactionConflictException({ message: conflict.Message, $metadata: status(400) })
      const { TransactItems = [] } = input as { readonly TransactItems?: readonly unknown[] }
      const reasons = TransactItems.map((_, n) => (n === 0 ? conflict : { Code: "None" }))
      throw new TransactionCanceledException({
        message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
        CancellationReasons: reasons,
        $metadata: status(400),
      })
    },
  },
  accessDenied: denied,
  internalError: failsAfterwardsWith(
    () => new InternalServerError({ message: "Internal server error", $metadata: status(500) }),
  ),
}

/** The same for the port of a client of the tables' streams, which only reads. */
export const streamsFailures: Readonly<Record<string, Failure>> = {
  throttled,
  internalError: dynamoDbFailures["internalError"]!,
}
