/** A real store to check on. */
export type LiveStore = LiveMessageDb | LiveDynamoDb

export interface LiveDatabase {
  readonly connectionString: string
  /** The same database on a standby that follows. Default: there is none, and all is read where it is written. */
  readonly standbyConnectionString?: string
  drop(): Promise<void>
}

export interface LiveMessageDb {
  /** Default: this one. */
  readonly kind?: "message-db"
  /** As it appears in results, e.g. `embedded`. */
  readonly name: string
  /** An empty Message DB for one run, which removes it when it is done. */
  fresh(): Promise<LiveDatabase>
}

/** A DynamoDB in which every run makes tables of its own, named `windtunnel-…`, and deletes them when it is done. */
export interface LiveDynamoDb {
  readonly kind: "dynamo-store"
  /** As it appears in results, e.g. `embedded`. */
  readonly name: string
  /** For the clients of the SDK: endpoint, region, credentials. */
  readonly config: object
}
