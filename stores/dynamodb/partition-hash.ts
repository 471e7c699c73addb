import type { KeySchemaElement } from "@aws-sdk/client-dynamodb"
import type { Item } from "./attribute-value.js"

/** How many values `partitionHash` has. */
export const hashValues = 2 ** 32

/** Which place an item's partition key has among the shards: an integer from 0, below `hashValues`, evenly spread. */
export function partitionHash(key: Item, keySchema: readonly KeySchemaElement[]): number {
  const { AttributeName: name } = keySchema.find(({ KeyType }) => KeyType === "HASH")!
  const { S, N, B } = key[name!]!
  return hash(S !== undefined || N !== undefined ? Buffer.from(S ?? N, "utf8") : B!)
}

/** FNV-1a, and a last mixing step, since shards are told apart by the upper bits. */
function hash(bytes: Uint8Array): number {
  let mixed = 0x811c9dc5
  for (const byte of bytes) mixed = Math.imul(mixed ^ byte, 0x01000193)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
