/** What PostgreSQL says besides code and message. */
export interface ErrorFields {
  readonly detail?: string
  readonly hint?: string
  readonly position?: string
  readonly where?: string
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
  readonly routine?: string
}

/** An error as the `pg` driver hands it out: name `error`, SQLSTATE in `code`, no prefix in the message. */
export class DatabaseError extends Error {
  override name = "error"
  readonly length: number
  readonly severity: string = "ERROR"
  readonly code: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly position: string | undefined
  readonly internalPosition: string | undefined = undefined
  readonly internalQuery: string | undefined = undefined
  readonly where: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly dataType: string | undefined = undefined
  readonly constraint: string | undefined
  readonly file: string | undefined = undefined
  readonly line: string | undefined = undefined
  readonly routine: string | undefined

  constructor(code: string, message: string, fields: ErrorFields = {}) {
    super(message)
    this.length = message.length
    this.code = code
    this.detail = fields.detail
    this.hint = fields.hint
    this.position = fields.position
    this.where = fields.where
    this.schema = fields.schema
    this.table = fields.table
    this.column = fields.column
    this.constraint = fields.constraint
    this.routine = fields.routine
  }

  /** The same error with one more line of context: PostgreSQL lists the innermost first. */
  within(context: string): DatabaseError {
    const where = this.where === undefined ? context : `${this.where}\n${context}`
    return this.with({ where })
  }

  /** The same error with these fields in place of its own. */
  with(fields: ErrorFields): DatabaseError {
    return new DatabaseError(this.code, this.message, { ...fieldsOf(this), ...fields })
  }

  /** The same error, told at an offset of the statement's text unless it is told at one already. */
  at(offset: number): DatabaseError {
    return this.position === undefined ? this.with({ position: String(offset + 1) }) : this
  }
}

function fieldsOf(error: DatabaseError): ErrorFields {
  const { detail, hint, position, where, schema, table, column, constraint, routine } = error
  const fields = { detail, hint, position, where, schema, table, column, constraint, routine }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** Runs `work`; an error of the database gets one more line of context. */
export function inContext<T>(context: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof DatabaseError ? error.within(context) : error
  }
}

/** The text is SQL, but not of the kind that the fake knows; a real server may well accept it. */
export function notUnderstood(what: string, statement: string): DatabaseError {
  return new DatabaseError("0A000", `the Message DB fake does not understand ${what} in: ${statement}`, {
    hint: "It may be fine on a real server. The fake knows Message DB's functions, tables of its clients and little more.",
  })
}
