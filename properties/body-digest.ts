/**
 * A short name for an event's type and body, to tell two events for one index apart: FNV-1a, 32 bits, in hexadecimal.
 * Not for protection against anybody; equal bodies have equal digests, different ones nearly always different ones.
 */
export function bodyDigest(type: string, data: string | null | undefined): string {
  let hash = 0x811c9dc5
  const mix = (text: string) => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  mix(type)
  mix(data === null || data === undefined ? "\u0000" : `\u0001${data}`)
  return (hash >>> 0).toString(16).padStart(8, "0")
}
