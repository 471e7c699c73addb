import type { Touch } from "../sim/world.js"
import { commitCheckpoint, messageDbCall } from "./message-db-call.js"

/**
 * What a statement uses of a Message DB, for exploration: reading events and storing positions have nothing to do with one
 * another, and neither have the positions of two groups. `undefined`: it may use all of it.
 */
export function touchesOfMessageDb(operation: string, args: readonly unknown[]): readonly Touch[] | undefined {
  const call = messageDbCall(operation, args)
  const position = `position of ${call?.of ?? ""}`
  switch (call?.what) {
    case "get_category_messages":
    case "highest position":
      return [{ part: "messages", changes: false }]
    case "loadCheckpoint":
      return [{ part: position, changes: false }]
    case "establishCheckpoint":
    case commitCheckpoint:
      return [{ part: position, changes: true }]
    default:
      return undefined
  }
}
