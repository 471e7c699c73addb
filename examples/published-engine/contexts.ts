import { DynamoStoreClient, DynamoStoreContext, QueryOptions, TipOptions } from "@equinox-js/dynamo-store"
import type { DynamoDB } from "@aws-sdk/client-dynamodb"
import * as ours from "equinox-windtunnel/dynamo-store"

/** A table as both know it: the stage makes one context for whatever it uses the table for. */
export class BothContexts extends ours.DynamoStoreContext {
  readonly published: DynamoStoreContext

  constructor(options: ours.DynamoStoreContextOptions) {
    super(options)
    const { client, tableName, tip } = this
    this.published = DynamoStoreContext.create({
      // It calls no other operations than ours does, and looks at no class.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
      client: new DynamoStoreClient(client.primary as DynamoDB),
      tableName,
      tip: TipOptions.create(tip.maxEvents === undefined ? {} : { maxEvents: tip.maxEvents }),
      query: QueryOptions.create({}),
    })
  }
}

/** @throws TypeError for a context that the stage did not make. */
export function published(context: ours.DynamoStoreContext): DynamoStoreContext {
  if (context instanceof BothContexts) return context.published
  throw new TypeError("the context is not one of BothContexts")
}
