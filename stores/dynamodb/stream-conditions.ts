/** What the service may do of its own accord with streams, under the simulation's control. What is left out never happens. */
export interface StreamConditions {
  /**
   * For how many milliseconds after a write its record cannot be read yet. Asked for each GetRecords. Records become
   * visible in their order within the shard, and nobody gets past one that is not visible. From 0; default 0.
   */
  streamLagMs?(read: { readonly streamArn: string; readonly shardId: string }): number
  /** Whether the request meets LimitExceededException; `operation` is `GetRecords`. */
  throttles?(request: { readonly operation: string; readonly tableName: string | undefined }): boolean
}
