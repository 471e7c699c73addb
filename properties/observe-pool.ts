import type { ItemRef } from "../sim/trace.js"
import { messageDbFailureClass } from "../stores/message-db/failure-class.js"
import type { PgPool, PgQuery, PgResult } from "../stores/message-db/pg.js"
import { bodyDigest } from "./body-digest.js"
import { ByText } from "./by-text.js"
import type { ConsumerTrace } from "./consumer-trace.js"

/*
 * What a consumer reads of a Message DB, seen at its connection pool, whatever reader it has. Two statements count:
 * the page (`get_category_messages`), and the question for a category's highest position. A reader that asked for that
 * one before a page, and finds the page not full, knows that the category is read up to it; one that finds nothing
 * beyond its own position knows that it is at the tail, and need not ask for a page.
 */

/** A pool whose reads of categories appear in the trace, as their client sees them: when their reply has come. */
export function observePool(pool: PgPool, trace: ConsumerTrace): PgPool {
  const reads = new CategoryReads(trace)
  return {
    connect: () => pool.connect(),
    query: async (query: string | PgQuery, values?: unknown[]) => {
      const asked = typeof query === "string" ? { text: query, values: values ?? [] } : query
      try {
        const result = await (typeof query === "string" ? pool.query(query, values) : pool.query(query))
        reads.answered(asked.text, asked.values ?? [], result)
        return result
      } catch (error) {
        reads.failed(asked.text, asked.values ?? [], error)
        throw error
      }
    },
  }
}

class CategoryReads {
  readonly #trace: ConsumerTrace
  /** The highest position of each category, when it was asked for since its last page. */
  readonly #ends = new Map<string, bigint>()

  constructor(trace: ConsumerTrace) {
    this.#trace = trace
  }

  answered(text: string, values: readonly unknown[], result: PgResult): void {
    const { page, asksForHighest } = statements.of(text)
    if (page !== undefined) this.#page(text, page(values), result)
    else if (asksForHighest) this.#highest(String(values[0]), result)
  }

  failed(text: string, values: readonly unknown[], error: unknown): void {
    const { page, asksForHighest } = statements.of(text)
    const category = page === undefined ? values[0] : page(values)[0]
    if (page === undefined && !asksForHighest) return
    this.#trace.readFailed(String(category), "page", error, messageDbFailureClass(error))
  }

  #page(text: string, [category, position, limit]: readonly unknown[], result: PgResult): void {
    const tranche = String(category)
    const from = position === undefined || position === null ? 0n : BigInt(position as string)
    const rows = result.rows.map(reader(text, result))
    const last = rows.at(-1)?.globalPosition
    const read = last === undefined ? from : last + 1n
    const end = this.#ends.get(tranche)
    this.#ends.delete(tranche)
    const short = rows.length < Number(limit ?? 1000)
    const checkpoint = short && end !== undefined && end >= read ? end + 1n : read
    this.#trace.pageRead(tranche, { from, checkpoint, isTail: rows.length === 0, items: rows.map(({ item }) => item) })
  }

  #highest(tranche: string, result: PgResult): void {
    const from = this.#trace.positionOf(tranche)
    if (from === undefined) return
    const answer: unknown = Object.values(result.rows[0] as object)[0]
    const end = answer === null ? -1n : BigInt(answer as string)
    if (end >= from) this.#ends.set(tranche, end)
    else this.#trace.pageRead(tranche, { from, checkpoint: from, isTail: true, items: [] })
  }
}

type Arguments = (values: readonly unknown[]) => readonly unknown[]

const statements = new ByText((text) => ({
  page: argumentsOf(text),
  asksForHighest: /max\s*\(\s*global_position\s*\)/i.test(text),
}))

/** The arguments of the call of `get_category_messages` in a statement, in the order of its parameters. */
function argumentsOf(text: string): Arguments | undefined {
  const call = /\bget_category_messages\s*\(([^()]*)\)/i.exec(text)
  const finders = call?.[1]?.split(",").map((argument) => {
    const placeholder = /\$(\d+)/.exec(argument)
    if (placeholder !== null) return (values: readonly unknown[]) => values[Number(placeholder[1]) - 1]
    const value = literal(argument.replace(/::\s*\w+/, "").trim())
    return () => value
  })
  return finders && ((values) => finders.map((find) => find(values)))
}

const literal = (text: string): unknown =>
  text.toLowerCase() === "null" ? null : text.replace(/^'(.*)'$/, (_, inner: string) => inner.replaceAll("''", "'"))

interface ReadRow {
  readonly item: ItemRef
  readonly globalPosition: bigint
}

/** The columns of the type that `get_category_messages` answers, for `select *`. */
const allColumns = ["id", "stream_name", "type", "position", "global_position", "data", "metadata", "time"]

/** Finds the columns of a row, which is an object or an array as the query asked for. */
function reader(text: string, result: PgResult): (row: unknown) => ReadRow {
  const columns = columnsOf(text, result)
  return (row) => {
    const column = (name: string): unknown =>
      Array.isArray(row) ? (row as unknown[])[columns.indexOf(name)] : (row as Record<string, unknown>)[name]
    const data = column("data")
    return {
      item: {
        stream: String(column("stream_name")),
        index: Number(column("position")),
        body: bodyDigest(String(column("type")), data as string | null | undefined),
      },
      globalPosition: BigInt(String(column("global_position"))),
    }
  }
}

/** As the driver tells them, or else as the statement names them. */
function columnsOf(text: string, result: PgResult): readonly string[] {
  const { fields } = result as { fields?: readonly { readonly name: string }[] }
  if (fields !== undefined) return fields.map(({ name }) => name)
  const selected = /^\s*select\s+(.*?)\s+from\b/is.exec(text)?.[1]
  return selected === undefined || selected.trim() === "*" ? allColumns : selected.split(",").map((name) => name.trim())
}
