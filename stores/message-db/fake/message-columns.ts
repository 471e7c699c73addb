import type { Column } from "./analyzed.js"
import type { MessageRow } from "./message-rows.js"
import type { SqlType, Value } from "./sql-type.js"

type Name = "id" | "stream_name" | "type" | "position" | "global_position" | "data" | "metadata" | "time"

const texts: Readonly<Record<Name, (row: MessageRow) => string | null>> = {
  id: (row) => row.id,
  stream_name: (row) => row.stream.name,
  type: (row) => row.type,
  position: (row) => String(row.position),
  global_position: (row) => String(row.globalPosition),
  data: (row) => row.data,
  metadata: (row) => row.metadata,
  time: (row) => row.time,
}

function column(name: Name, type: SqlType): Column {
  const text = texts[name] as (row: unknown) => string | null
  const get: (row: unknown) => Value =
    name === "position"
      ? (row) => BigInt((row as MessageRow).position)
      : name === "global_position"
        ? (row) => BigInt((row as MessageRow).globalPosition)
        : text
  return { name, type, get, text }
}

/** Of the table `messages`. */
export const tableColumns: readonly Column[] = [
  column("global_position", "int8"),
  column("position", "int8"),
  column("time", "timestamp"),
  column("stream_name", "text"),
  column("type", "text"),
  column("data", "jsonb"),
  column("metadata", "jsonb"),
  column("id", "uuid"),
]

/** Of the type `message`, which the reading functions return. */
export const messageColumns: readonly Column[] = [
  column("id", "varchar"),
  column("stream_name", "varchar"),
  column("type", "varchar"),
  column("position", "int8"),
  column("global_position", "int8"),
  column("data", "varchar"),
  column("metadata", "varchar"),
  column("time", "timestamp"),
]
