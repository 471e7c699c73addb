import { DatabaseError } from "./database-error.js"

// Sixteen bytes in hexadecimal; a hyphen may follow every second of them, braces may surround the whole.
const form = /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i

/** A uuid as PostgreSQL reads it, in the form in which it prints it. @throws DatabaseError 22P02 */
export function parseUuid(text: string): string {
  const inner = text.startsWith("{") && text.endsWith("}") && text.length > 1 ? text.slice(1, -1) : text
  if (!form.test(inner))
    throw new DatabaseError("22P02", `invalid input syntax for type uuid: "${text}"`, { routine: "string_to_uuid" })
  const digits = inner.replaceAll("-", "").toLowerCase()
  const parts = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)]
  return parts.join("-")
}
