// A digest of its input and nothing else: the restriction is on the randomness in this module.

import { hash } from "node:crypto"

/** Message DB's `hash_64`: the first 64 bits of the MD5 of the UTF-8 bytes, as a signed number. */
export function hash64(text: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${hash("md5", text, "hex").slice(0, 16)}`))
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
  const signed = hash64(cardinalId)
  return signed < 0n ? -signed : signed
}
