/** Where expressions may not name key attributes, or only as a whole. */
import {
  assertKeysAreScalars,
  type Condition,
  type DocumentPath,
  pathsOf,
  type Projection,
  type Update,
} from "./expressions/index.js"
import { invalidParameter, validationError } from "./service-error.js"
import type { Table } from "./table.js"
import { attributesOf, type KeySchema } from "./table-schema.js"

type Expression = Update | Condition | Projection

/** @throws ServiceError ValidationException if the update writes to the key */
export function checkUpdateTargets(table: Table, update: Update): void {
  const paths = pathsOf(update)
  for (const { name } of attributesOf(table.schema)) {
    if (paths.some(([first]) => first === name))
      throw invalidParameter(`Cannot update attribute ${name}. This attribute is part of the key`)
  }
}

/** @throws ServiceError ValidationException if an expression goes into an attribute that is a key of table or index */
export function checkKeyPaths(table: Table, ...expressions: readonly (Expression | undefined)[]): void {
  for (const expression of expressions) {
    const nested = expression === undefined ? [] : allPathsOf(expression).filter((path) => path.length > 1)
    if (nested.length === 0) continue
    assertKeysAreScalars(nested, namesOf(table.schema))
    const indexKeys = table.indexes.flatMap(({ schema }) => namesOf(schema))
    const path = nested.find(([first]) => indexKeys.includes(String(first)))
    if (path === undefined) continue
    throw validationError(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: ${path[0]}`,
    )
  }
}

/** @throws ServiceError ValidationException if the filter names the key that the query is by */
export function checkFilterPaths(schema: KeySchema, filter: Condition | undefined): void {
  if (filter === undefined) return
  const names = new Set(pathsOf(filter).map(([first]) => first))
  const key = namesOf(schema).find((name) => names.has(name))
  if (key === undefined) return
  throw validationError(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key}`)
}

/** The attributes that a projection takes anything of, as they are written. */
export function namesOfProjection(projection: Projection): string[] {
  return [...new Set(pathsOf(projection).map(([first]) => String(first)))]
}

/** Those that are read as well as those that are written. */
function allPathsOf(expression: Expression): readonly DocumentPath[] {
  if (!("actions" in expression)) return pathsOf(expression)
  const read = expression.actions.flatMap((action) => (action.kind === "set" ? pathsOfValue(action.value) : []))
  return [...pathsOf(expression), ...read]
}

type SetValue = Extract<Update["actions"][number], { kind: "set" }>["value"]

function pathsOfValue(value: SetValue): readonly DocumentPath[] {
  switch (value.kind) {
    case "value":
      return []
    case "path":
      return [value.path]
    case "if_not_exists":
      return [value.path, ...pathsOfValue(value.otherwise)]
    case "list_append":
    case "arithmetic":
      return [...pathsOfValue(value.left), ...pathsOfValue(value.right)]
  }
}

function namesOf(schema: KeySchema): string[] {
  return attributesOf(schema).map(({ name }) => name)
}
