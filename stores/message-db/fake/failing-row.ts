const mostBytes = 64

/** A column of a row in the detail `Failing row contains (…)`: cut after 64 bytes, between characters. */
export function shorten(value: string | number | bigint | null): string {
  if (value === null) return "null"
  const text = String(value)
  if (Buffer.byteLength(text) <= mostBytes) return text
  let kept = ""
  let bytes = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > mostBytes) break
    kept += character
  }
  return `${kept}...`
}
