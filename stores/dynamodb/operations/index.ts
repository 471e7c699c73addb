import type { DatabaseState } from "../database-state.js"
import { UnsupportedByFakeError } from "../request-validation.js"
import { batchGetItem, batchWriteItem } from "./batches.js"
import { deleteItem, getItem, putItem, updateItem } from "./item-operations.js"
import { query } from "./query.js"
import { scan } from "./scan.js"
import {
  createTable,
  deleteTable,
  describeTable,
  describeTimeToLive,
  listTables,
  updateTable,
  updateTimeToLive,
} from "./table-operations.js"
import { transactGetItems } from "./transactions.js"

export { prepareTransaction } from "./transactions.js"

/** An operation on the input that its name says. */
type Operation = (state: DatabaseState, input: never) => object

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["BatchGetItem", batchGetItem],
  ["BatchWriteItem", batchWriteItem],
  ["CreateTable", createTable],
  ["DeleteItem", deleteItem],
  ["DeleteTable", deleteTable],
  ["DescribeTable", describeTable],
  ["DescribeTimeToLive", describeTimeToLive],
  ["GetItem", getItem],
  ["ListTables", listTables],
  ["PutItem", putItem],
  ["Query", query],
  ["Scan", scan],
  ["TransactGetItems", transactGetItems],
  ["UpdateItem", updateItem],
  ["UpdateTable", updateTable],
  ["UpdateTimeToLive", updateTimeToLive],
])

/** All but TransactWriteItems, which may take time. @throws UnsupportedByFakeError for an operation that is none of them */
export function operation(name: string): Operation {
  const found = operations.get(name)
  if (found === undefined) throw new UnsupportedByFakeError(`the operation ${name}`)
  return found
}
