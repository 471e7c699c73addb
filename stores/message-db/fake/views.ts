/** Message DB's six views: how many messages there are by stream, type or category, and their share of all. */
import type { Column } from "./analyzed.js"
import { compareBytes } from "./byte-order.js"
import type { MessageRow } from "./message-rows.js"
import type { SqlType, Value } from "./sql-type.js"

export interface View {
  readonly columns: readonly Column[]
  rows(messages: Iterable<MessageRow>): Value[][]
}

const keys = {
  stream_name: { type: "text", of: (row: MessageRow) => row.stream.name },
  type: { type: "text", of: (row: MessageRow) => row.type },
  category: { type: "varchar", of: (row: MessageRow) => row.stream.category },
} as const

export const views: ReadonlyMap<string, View> = new Map([
  ["stream_summary", summary("stream_name")],
  ["type_summary", summary("type")],
  ["stream_type_summary", summary("stream_name", "type")],
  ["type_stream_summary", summary("type", "stream_name")],
  ["category_type_summary", summary("category", "type")],
  ["type_category_summary", summary("type", "category")],
])

function summary(...names: (keyof typeof keys)[]): View {
  const columns: [string, SqlType][] = [
    ...names.map((name): [string, SqlType] => [name, keys[name].type]),
    ["message_count", "int8"],
    ["percent", "numeric"],
  ]
  return {
    columns: columns.map(([name, type], index) => ({ name, type, get: (row) => (row as Value[])[index]! })),
    rows: (messages) => count(messages, (row) => names.map((name) => keys[name].of(row))),
  }
}

function count(messages: Iterable<MessageRow>, keyOf: (row: MessageRow) => string[]): Value[][] {
  const groups = new Map<string, { key: string[]; count: bigint }>()
  let total = 0n
  for (const row of messages) {
    const key = keyOf(row)
    const name = JSON.stringify(key)
    const group = groups.get(name) ?? { key, count: 0n }
    group.count++
    groups.set(name, group)
    total++
  }
  return [...groups.values()]
    .sort((a, b) => a.key.map((part, index) => compareBytes(part, b.key[index]!)).find((order) => order !== 0) ?? 0)
    .map(({ key, count }) => [...key, count, percent(count, total)])
}

/**
 * `round((count / total) * 100, 2)`: the quotient of two numerics has 20 digits after the point here, more than enough
 * for the rounding to be that of the exact value, halves upwards.
 */
function percent(count: bigint, total: bigint): string {
  const scale = 10n ** 20n
  const quotient = (count * scale * 2n + total) / (total * 2n)
  const hundredths = (quotient * 10_000n * 2n + scale) / (scale * 2n)
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}`
}
