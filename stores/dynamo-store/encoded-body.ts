/*
 * Bodies of events as they are stored: text as UTF-8, or compressed.
 *
 * Written are 0 (as it is) and 2 (brotli); what is compressed, and how, is what the published packages do. Read are
 * these, and 1: raw deflate, which older writers ended with a flush and no final block, so that a missing end is no
 * error. Any other encoding is taken for text, as the published packages take it.
 */
import { brotliCompressSync, brotliDecompressSync, constants, inflateRawSync } from "node:zlib"

export interface EncodedBody {
  readonly encoding: number
  readonly body: Uint8Array
}

const raw = 0
const deflate = 1
const brotli = 2

/** Texts of up to this many UTF-16 units are never compressed. */
const shortest = 48

/** Undefined for an empty text: there is no body then. */
export function encodeBody(text: string): EncodedBody | undefined {
  if (text === "") return undefined
  const body = Buffer.from(text, "utf8")
  if (text.length <= shortest) return { encoding: raw, body }
  const compressed = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })
  return compressed.length < text.length ? { encoding: brotli, body: compressed } : { encoding: raw, body }
}

/** @throws Error when the bytes are not what the encoding says. */
export function decodeBody({ encoding, body }: EncodedBody): string {
  return decompress(encoding, body).toString("utf8")
}

function decompress(encoding: number, body: Uint8Array): Buffer {
  if (encoding === deflate) return inflateRawSync(body, { finishFlush: constants.Z_SYNC_FLUSH })
  if (encoding === brotli) return brotliDecompressSync(body)
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}
