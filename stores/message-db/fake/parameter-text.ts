/** How the `pg` driver turns a JavaScript value into the text of a parameter. */

/** Null for null and undefined. @throws what JSON.stringify throws, e.g. for an object that contains itself */
export function parameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === "string") return wellFormed(value)
  if (typeof value !== "object") return (value as number | bigint | boolean).toString()
  if (ArrayBuffer.isView(value)) return bytesText(value)
  if (value instanceof Date) return dateText(value)
  if (Array.isArray(value)) return arrayText(value)
  const { toPostgres } = value as { toPostgres?: (prepare: typeof parameterText) => unknown }
  if (typeof toPostgres === "function") return parameterText(toPostgres.call(value, parameterText))
  return wellFormed(JSON.stringify(value))
}

const surrogate = /\p{Surrogate}/u

/** A lone surrogate has no UTF-8 form: the driver sends U+FFFD for it. */
function wellFormed(text: string): string {
  return surrogate.test(text) ? Buffer.from(text, "utf8").toString("utf8") : text
}

function bytesText(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("utf8")
}

function arrayText(items: readonly unknown[]): string {
  const elements = items.map((item) => {
    if (item === null || item === undefined) return "NULL"
    if (Array.isArray(item)) return arrayText(item)
    if (ArrayBuffer.isView(item))
      return `\\\\x${Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString("hex")}`
    const text = parameterText(item) ?? ""
    return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`
  })
  return `{${elements.join(",")}}`
}

/** Local time with its offset from UTC. */
function dateText(date: Date): string {
  const two = (part: number) => String(part).padStart(2, "0")
  const isBeforeChrist = date.getFullYear() < 1
  const year = isBeforeChrist ? 1 - date.getFullYear() : date.getFullYear()
  const day = `${String(year).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  const offset = -date.getTimezoneOffset()
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0")
  return `${day}T${seconds}.${milliseconds}${zone}${isBeforeChrist ? " BC" : ""}`
}
