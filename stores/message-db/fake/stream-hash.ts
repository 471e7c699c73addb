// A digest of its input and nothing else: the restriction is on the randomness in this module.

import { createHash } from "node:crypto"

/** Message DB's `hash_64`: the first 64 bits of the MD5 of the UTF-8 bytes, as a signed number. */
export function hash64(text: string): bigint {
  return createHash("md5").update(text, "utf8").digest().readBigInt64BE(0)
}

/** Message DB's `category`: up to the first `-`, the whole name if there is none. */
export function categoryOf(streamName: string): string {
  const at = streamName.indexOf("-")
  return at < 0 ? streamName : streamName.slice(0, at)
}

/** Message DB's `id`: after the first `-`, null if there is none. */
export function idOf(streamName: string): string | null {
  const at = streamName.indexOf("-")
  return at < 0 ? null : streamName.slice(at + 1)
}

/** Message DB's `cardinal_id`: the id up to the first `+`. */
export function cardinalIdOf(streamName: string): string | null {
  const id = idOf(streamName)
  if (id === null) return null
  const at = id.indexOf("+")
  return at < 0 ? id : id.slice(0, at)
}

/** `@hash_64(cardinal_id(name))`, of which a consumer group takes the remainder; null: no member gets the stream. */
export function groupHash(streamName: string): bigint | null {
  const cardinalId = cardinalIdOf(streamName)
  if (cardinalId === null) return null
  const hash = hash64(cardinalId)
  return hash < 0n ? -hash : hash
}
