import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { define, type Item } from "./attribute-value.js"

/** A copy of an item of the model that shares nothing with it. */
export function copyItem(item: Item): Item {
  const copy: Item = {}
  for (const name in item) define(copy, name, copyValue(item[name]!))
  return copy
}

function copyValue(value: AttributeValue): AttributeValue {
  if (value.S !== undefined) return { S: value.S }
  if (value.N !== undefined) return { N: value.N }
  if (value.L !== undefined) return { L: value.L.map(copyValue) }
  if (value.M !== undefined) return { M: copyItem(value.M) }
  if (value.B !== undefined) return { B: Uint8Array.from(value.B) }
  if (value.BOOL !== undefined) return { BOOL: value.BOOL }
  if (value.SS !== undefined) return { SS: [...value.SS] }
  if (value.NS !== undefined) return { NS: [...value.NS] }
  if (value.BS !== undefined) return { BS: value.BS.map((bytes) => Uint8Array.from(bytes)) }
  return { NULL: true }
}
