/*
 * The service's JSON protocol, as far as a client of the SDK sees it: requests with the operation in a header, times as
 * seconds, binary values as base64. A text, or a list of texts, under the name B or BS can be nothing but a binary value
 * or a set of them: what users name themselves has objects under it, and placeholders begin with another character.
 */
import type { ServiceError } from "./service-error.js"

/** A request's body as the SDK's input. */
export function decodeRequest(body: string): object {
  return (body === "" ? {} : JSON.parse(body, decodeMember)) as object
}

/** An output of an operation as the body of an answer. */
export function encodeAnswer(answer: object): string {
  return JSON.stringify(encoded(answer))
}

/** An error as the body of an answer. */
export function encodeError({ name, message, fields }: ServiceError): string {
  return encodeAnswer({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message, ...fields })
}

function decodeMember(name: string, value: unknown): unknown {
  if (name === "B" && typeof value === "string") return bytes(value)
  const isSet = name === "BS" && Array.isArray(value) && value.every((member) => typeof member === "string")
  return isSet ? value.map(bytes) : value
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, "base64"))
}

function encoded(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64")
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(encoded)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, encoded(member)]))
}
