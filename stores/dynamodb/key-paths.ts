/** Where expressions may not name key attributes. */
import { type Condition, type DocumentPath, pathsOf, type Projection, type Update } from "./expressions/index.js"
import { invalidParameter, validationError } from "./service-error.js"
import type { Table } from "./table.js"
import { attributesOf, type KeySchema } from "./table-schema.js"

/** @throws ServiceError ValidationException if the update writes to the key */
export function checkUpdateTargets(table: Table, update: Update): void {
  const paths = pathsOf(update)
  for (const { name } of attributesOf(table.schema)) {
    const path = paths.find(([first]) => first === name)
    if (path === undefined) continue
    throw invalidParameter(`Cannot update attribute ${name}. This attribute is part of the key`)
  }
  const indexKeys = table.indexes.flatMap(({ schema }) => attributesOf(schema))
  for (const { name } of indexKeys) {
    if (!paths.some((path) => path.length > 1 && path[0] === name)) continue
    throw validationError(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: ${name}`,
    )
  }
}

/** @throws ServiceError ValidationException if the filter names the key that the query is by */
export function checkFilterPaths(schema: KeySchema, filter: Condition | undefined): void {
  if (filter === undefined) return
  const names = new Set(pathsOfCondition(filter).map(([first]) => first))
  for (const { name } of attributesOf(schema)) {
    if (names.has(name))
      throw validationError(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      )
  }
}

/** The attributes that a projection takes anything of, as they are written. */
export function namesOfProjection({ paths }: Projection): string[] {
  return [...new Set(paths.map(([first]) => String(first)))]
}

type Operand = Extract<Condition, { kind: "attribute_type" }>["operand"]

function pathsOfCondition(condition: Condition): DocumentPath[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return [...pathsOfCondition(condition.left), ...pathsOfCondition(condition.right)]
    case "not":
      return pathsOfCondition(condition.condition)
    case "comparison":
      return pathsOfOperands([condition.left, condition.right])
    case "between":
      return pathsOfOperands([condition.operand, condition.lower, condition.upper])
    case "in":
      return pathsOfOperands([condition.operand, ...condition.list])
    case "attribute_exists":
    case "attribute_not_exists":
      return [condition.path]
    case "attribute_type":
      return pathsOfOperands([condition.operand])
    case "begins_with":
    case "contains":
      return pathsOfOperands([condition.operand, condition.part])
  }
}

function pathsOfOperands(operands: readonly Operand[]): DocumentPath[] {
  return operands.flatMap((operand) => {
    if (operand.kind === "path") return [operand.path]
    return operand.kind === "size" ? pathsOfOperands([operand.operand]) : []
  })
}
