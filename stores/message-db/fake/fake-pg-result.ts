import type { Field, StatementResult } from "./plan.js"
import { typeFacts } from "./sql-type.js"
import type { TypeParsers } from "./type-parsers.js"

export interface FakePgField {
  readonly name: string
  readonly tableID: number
  readonly columnID: number
  readonly dataTypeID: number
  readonly dataTypeSize: number
  readonly dataTypeModifier: number
  readonly format: "text"
}

/** The answer to one statement, with the properties of the driver's. */
export interface FakePgResult {
  readonly command: string
  readonly rowCount: number | null
  readonly oid: number | null
  // The driver types its rows as `any`; so callers say what they expect.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly rows: any[]
  readonly fields: FakePgField[]
  readonly rowAsArray: boolean
}

/** Of each field of a plan, which answers as often as its statement is sent. */
const known = new WeakMap<Field, FakePgField>()

function fieldOf(field: Field): FakePgField {
  let made = known.get(field)
  if (made === undefined) known.set(field, (made = toPgField(field)))
  return made
}

function toPgField({ name, type }: Field): FakePgField {
  const { oid, size } = typeFacts(type)
  return { name, tableID: 0, columnID: 0, dataTypeID: oid, dataTypeSize: size, dataTypeModifier: -1, format: "text" }
}

export function toPgResult(result: StatementResult, rowMode: string | undefined, types: TypeParsers): FakePgResult {
  const fields = result.fields.map(fieldOf)
  const parsers = fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID, "text"))
  const rowAsArray = rowMode === "array"
  const rows = result.rows.map((texts) => {
    if (rowAsArray) return texts.map((text, index) => (text === null ? null : parsers[index]!(text)))
    const row: Record<string, unknown> = {}
    for (let index = 0; index < fields.length; index++) {
      const text = texts[index]!
      row[fields[index]!.name] = text === null ? null : parsers[index]!(text)
    }
    return row
  })
  // As the driver's, it has no command for an empty text, whatever the types say.
  const command = result.command as string
  return { command, rowCount: result.rowCount, oid: result.oid, rows, fields, rowAsArray }
}
