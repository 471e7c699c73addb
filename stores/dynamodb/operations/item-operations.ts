/** Reads and writes of one item. */
import type {
  DeleteItemInput,
  DeleteItemOutput,
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  PutItemOutput,
  ReturnValue,
  UpdateItemInput,
  UpdateItemOutput,
} from "@aws-sdk/client-dynamodb"
import { type Item } from "../attribute-value.js"
import { Consumption, readUnits } from "../consumed-capacity.js"
import type { DatabaseState } from "../database-state.js"
import { project, touched } from "../expressions/index.js"
import { copyItem } from "../item-copy.js"
import { carryOut, deleteOf, putOf, readKey, updateOf } from "../item-write.js"
import { checkKeyPaths } from "../key-paths.js"
import { projectionOf } from "../request-expressions.js"
import { checkEnum, refuse, requireMember } from "../request-validation.js"
import { validationError } from "../service-error.js"
import { checkKey } from "../table-schema.js"
import { refuseMetrics } from "./collection-metrics.js"
import { legacyCondition, legacyProjection } from "./legacy-parameters.js"

const returnValues = ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"]

export function getItem(state: DatabaseState, input: GetItemInput): GetItemOutput {
  refuse("GetItem", input, legacyProjection)
  requireMember("tableName", input.TableName)
  const key = readKey(input.Key)
  const projection = projectionOf(input)
  const table = state.table(input.TableName)
  checkKey(table.schema, key)
  checkKeyPaths(table, projection)
  state.checkThroughput("GetItem", table.name)
  const stored = table.rows.get(table.placeOf(key), state.asOf("GetItem", table, input.ConsistentRead))
  const consumption = new Consumption()
  consumption.read(table, readUnits(stored?.size ?? 0, input.ConsistentRead === true))
  return {
    ...(stored && { Item: copyItem(projection ? project(projection, stored.item) : stored.item) }),
    ...consumption.one(input.ReturnConsumedCapacity),
  }
}

export function putItem(state: DatabaseState, input: PutItemInput): PutItemOutput {
  refuse("PutItem", input, legacyCondition)
  checkOldOrNone(input.ReturnValues)
  const write = putOf(input).on(state)
  refuseMetrics("PutItem", input, write.table)
  state.checkThroughput("PutItem", write.table.name)
  const written = carryOut(state, write)
  const consumption = new Consumption()
  consumption.write(written)
  return {
    ...attributes(input.ReturnValues === "ALL_OLD" ? written.before?.item : undefined),
    ...consumption.one(input.ReturnConsumedCapacity),
  }
}

export function deleteItem(state: DatabaseState, input: DeleteItemInput): DeleteItemOutput {
  refuse("DeleteItem", input, legacyCondition)
  checkOldOrNone(input.ReturnValues)
  const write = deleteOf(input).on(state)
  refuseMetrics("DeleteItem", input, write.table)
  state.checkThroughput("DeleteItem", write.table.name)
  const written = carryOut(state, write)
  const consumption = new Consumption()
  consumption.write(written)
  return {
    ...attributes(input.ReturnValues === "ALL_OLD" ? written.before?.item : undefined),
    ...consumption.one(input.ReturnConsumedCapacity),
  }
}

export function updateItem(state: DatabaseState, input: UpdateItemInput): UpdateItemOutput {
  refuse("UpdateItem", input, { ...legacyCondition, AttributeUpdates: "UpdateExpression" })
  checkEnum("returnValues", input.ReturnValues, returnValues)
  const write = updateOf(input).on(state)
  refuseMetrics("UpdateItem", input, write.table)
  state.checkThroughput("UpdateItem", write.table.name)
  const written = carryOut(state, write)
  const consumption = new Consumption()
  consumption.write(written)
  const [before, after] = [written.before?.item, written.after?.item]
  const part = (item: Item | undefined) => item && write.update && touched(write.update, item)
  const returned = {
    NONE: () => undefined,
    ALL_OLD: () => before,
    ALL_NEW: () => after,
    UPDATED_OLD: () => part(before),
    UPDATED_NEW: () => part(after),
  }[input.ReturnValues ?? "NONE"]()
  return { ...attributes(returned), ...consumption.one(input.ReturnConsumedCapacity) }
}

function checkOldOrNone(value: ReturnValue | undefined): void {
  checkEnum("returnValues", value, returnValues)
  if (value !== undefined && value !== "ALL_OLD" && value !== "NONE")
    throw validationError("ReturnValues can only be ALL_OLD or NONE")
}

function attributes(item: Item | undefined): { Attributes?: Item } {
  return item && Object.keys(item).length > 0 ? { Attributes: copyItem(item) } : {}
}
