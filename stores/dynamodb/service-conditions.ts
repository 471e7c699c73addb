import type { StreamConditions } from "./stream-conditions.js"

/**
 * What the service may do of its own accord, under the simulation's control. Everything is optional and drawn once per
 * request; what is left out never happens.
 */
export interface ServiceConditions extends Pick<StreamConditions, "streamLagMs"> {
  /**
   * An eventually consistent read sees the table as it was that many milliseconds ago. 0 to the database's `maxLagMs`.
   * Without it every read sees the newest state, and no old versions are kept.
   */
  lagMs?(read: { readonly operation: string; readonly tableName: string }): number
  /**
   * Whether the request meets ProvisionedThroughputExceededException. Asked for each request that reads or writes items;
   * a transaction over several tables has no table name. BatchGetItem and BatchWriteItem ask for each item: the ones that
   * are throttled stay unprocessed, and only if all are is it an error.
   */
  throttles?(request: { readonly operation: string; readonly tableName: string | undefined }): boolean
  /**
   * For how many milliseconds TransactWriteItems holds its items between its decision and its effect. Meanwhile other
   * writes of them are refused with TransactionConflictException or the cancellation reason TransactionConflict, and
   * reads see the items as they were before. 0 is atomic at once.
   */
  transactionMs?(): number
}
