import { DatabaseError } from "./database-error.js"
import { typeFacts, type SqlType } from "./sql-type.js"

/** The parameters `$1`, `$2`, … of a statement: each gets its type from where it is used first. */
export interface Parameters {
  /** Undefined as long as it is not known. @throws DatabaseError 42P02 if there is no such parameter */
  typeOf(number: number, at: number): SqlType | undefined
  /** @throws DatabaseError 42P08 */
  decide(number: number, type: SqlType, at: number): void
}

/** Of a statement that is prepared: they are found out while it is analyzed. */
export class InferredParameters implements Parameters {
  private readonly types: (SqlType | undefined)[] = []

  typeOf(number: number): SqlType | undefined {
    while (this.types.length < number) this.types.push(undefined)
    return this.types[number - 1]
  }

  decide(number: number, type: SqlType, at: number): void {
    const known = this.types[number - 1]
    if (known !== undefined && known !== type)
      throw new DatabaseError("42P08", `inconsistent types deduced for parameter $${number}`, {
        detail: `${typeFacts(known).name} versus ${typeFacts(type).name}`,
        position: String(at + 1),
        routine: "variable_coerce_param_hook",
      })
    this.types[number - 1] = type
  }

  /** All of them. @throws DatabaseError 42P18 */
  all(): readonly SqlType[] {
    return Array.from(this.types, (type, index) => {
      if (type) return type
      throw new DatabaseError("42P18", `could not determine data type of parameter $${index + 1}`, {
        routine: "pg_analyze_and_rewrite_varparams",
      })
    })
  }
}

/** Of a text whose parameters are given, or that has none. */
export class GivenParameters implements Parameters {
  private readonly types: readonly SqlType[]

  constructor(types: readonly SqlType[]) {
    this.types = types
  }

  typeOf(number: number, at: number): SqlType {
    const type = this.types[number - 1]
    if (type) return type
    throw new DatabaseError("42P02", `there is no parameter $${number}`, {
      position: String(at + 1),
      routine: "transformParamRef",
    })
  }

  decide(): void {}
}
