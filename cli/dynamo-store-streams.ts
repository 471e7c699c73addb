import type { ITimelineEvent } from "../engine/timeline-event.js"
import { DynamoStoreClient } from "../stores/dynamo-store/dynamo-store-client.js"
import type { DynamoClient } from "../stores/dynamo-store/dynamo-client.js"
import { DynamoStoreContext } from "../stores/dynamo-store/dynamo-store-context.js"
import { EventsContext } from "../stores/dynamo-store/events-context.js"
import { type ScanningClient, streamNames } from "../stores/dynamo-store/stream-names.js"

/**
 * Streams of a category of a DynamoStore's table, at most so many, each with all its events and without its unfolds. Reads
 * the table from its beginning on, until it has found that many.
 * @throws MissingEventsError for a stream whose first events were deleted; UnreadableItemError; what the client throws
 */
export async function dynamoStoreStreams(
  client: DynamoClient & ScanningClient,
  tableName: string,
  category: string,
  most: number,
): Promise<ReadonlyMap<string, readonly ITimelineEvent[]>> {
  const events = new EventsContext(new DynamoStoreContext({ client: new DynamoStoreClient(client), tableName }))
  const streams = new Map<string, readonly ITimelineEvent[]>()
  for await (const name of streamNames(client, tableName, category)) {
    const some = await events.read(name, 0n, { consistent: true })
    // A stream may consist of unfolds alone.
    if (some.length > 0) streams.set(name, some)
    if (streams.size === most) break
  }
  return streams
}
