import * as v from "valibot"
import { checkOptions } from "../../../engine/options.js"
import { DynamoStoreContext } from "../dynamo-store-context.js"

/** Where the shards of streams are to be read on by pumps that start again. */
export interface ShardPlaces {
  /** The sequence number of the last record that was handled; undefined when none is stored. */
  load(streamArn: string, shardId: string): Promise<string | undefined>
  /** Everything in the shard up to the record with this sequence number is handled. */
  store(streamArn: string, shardId: string, sequenceNumber: string): Promise<void>
}

const accepted = {
  context: v.custom<DynamoStoreContext>((x) => x instanceof DynamoStoreContext, "a DynamoStoreContext"),
}

/**
 * Places in the table of an index, one item for each shard: `p` is `$ShardPlace-`, the stream's ARN, `/` and the shard, `i` is 0,
 * `s` the sequence number. Readers of an index do not meet these items. They stay when DynamoDB has dropped the shard, which
 * it does after a day.
 */
export class DynamoShardPlaces implements ShardPlaces {
  /**
   * @param context that of the index, as the indexer has it
   * @throws InvalidOptionError
   */
  static create(context: DynamoStoreContext): DynamoShardPlaces {
    checkOptions("DynamoShardPlaces.create", accepted, { context })
    return new DynamoShardPlaces(context)
  }

  readonly #context: DynamoStoreContext

  private constructor(context: DynamoStoreContext) {
    this.#context = context
  }

  async load(streamArn: string, shardId: string): Promise<string | undefined> {
    const { client, tableName } = this.#context
    const { Item } = await client.primary.getItem({
      TableName: tableName,
      Key: keyOf(streamArn, shardId),
      ConsistentRead: true,
    })
    return Item?.["s"]?.S
  }

  async store(streamArn: string, shardId: string, sequenceNumber: string): Promise<void> {
    const { client, tableName } = this.#context
    await client.primary.putItem({
      TableName: tableName,
      Item: { ...keyOf(streamArn, shardId), s: { S: sequenceNumber } },
    })
  }
}

const keyOf = (streamArn: string, shardId: string) => ({
  p: { S: `$ShardPlace-${streamArn}/${shardId}` },
  i: { N: "0" },
})
