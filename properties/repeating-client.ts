import type { Clock } from "../engine/clock.js"
import type { Random } from "../engine/random.js"
import type { DynamoClient } from "../stores/dynamo-store/dynamo-client.js"
import { isTransientFailure } from "../stores/dynamo-store/failure-class.js"

const pauseMs = 2

/**
 * A client that repeats a request whose answer it did not get, as the transport of the SDK does: with the same token of a
 * transaction, and without knowing whether the first one took effect.
 */
export function repeatingClient(client: DynamoClient, attempts: number, clock: Clock, random: Random): DynamoClient {
  async function repeat<T>(send: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        if (attempt >= attempts || !isTransientFailure(error)) throw counted(error, attempt)
        await clock.sleep(pauseMs)
      }
    }
  }
  return {
    getItem: (input) => repeat(() => client.getItem(input)),
    query: (input) => repeat(() => client.query(input)),
    putItem: (input) => repeat(() => client.putItem(input)),
    updateItem: (input) => repeat(() => client.updateItem(input)),
    transactWriteItems: (input) => {
      const marked = { ClientRequestToken: random.uuid(), ...input }
      return repeat(() => client.transactWriteItems(marked))
    },
  }
}

/** The SDK notes on an error how often it had sent the request: who sees it can tell that an earlier one may have worked. */
function counted(error: unknown, attempts: number): unknown {
  const failure = error as { $metadata?: object }
  failure.$metadata = { ...failure.$metadata, attempts }
  return failure
}
