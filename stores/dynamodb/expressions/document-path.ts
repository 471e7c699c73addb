import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Item } from "../attribute-value.js"
import { validationError } from "../service-error.js"
import { type ExpressionKind, invalidExpression } from "./expression-kind.js"

/** A place in an item: names of attributes and of members of maps, and indexes in lists. The first step is a name. */
export type DocumentPath = readonly (string | number)[]

/** What stands there, if anything does. */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item }
  for (const step of path) {
    value = childOf(value, step)
    if (value === undefined) return undefined
  }
  return value
}

/** The member of that name of a map, or the element at that index of a list. */
export function childOf(value: AttributeValue, step: string | number): AttributeValue | undefined {
  if (typeof step === "number") return value.L?.[step]
  return value.M !== undefined && Object.hasOwn(value.M, step) ? value.M[step] : undefined
}

export function samePath(a: DocumentPath, b: DocumentPath): boolean {
  return a.length === b.length && a.every((step, at) => step === b[at])
}

/** As the service's errors spell it. */
export function printPath(path: DocumentPath): string {
  return `[${path.map((step) => (typeof step === "number" ? `[${step}]` : step)).join(", ")}]`
}

/**
 * @throws ServiceError ValidationException if one path is at or below another, or if two of them take the same place for
 *   a map and for a list
 */
export function assertDisjoint(kind: ExpressionKind, paths: readonly DocumentPath[]): void {
  for (const [at, two] of paths.entries()) {
    for (const one of paths.slice(0, at)) {
      const relation = relationOf(one, two)
      if (relation === undefined) continue
      const remedy = "must remove or rewrite one of these paths"
      const which = `path one: ${printPath(one)}, path two: ${printPath(two)}`
      throw invalidExpression(kind, `Two document paths ${relation} with each other; ${remedy}; ${which}`)
    }
  }
}

/**
 * For the paths of each expression of a request, which may refer to key attributes as a whole only.
 * @param keys - names of the attributes of the key
 * @throws ServiceError ValidationException
 */
export function assertKeysAreScalars(paths: readonly DocumentPath[], keys: readonly string[]): void {
  const nested = paths.find((path) => path.length > 1 && keys.includes(String(path[0])))
  if (nested === undefined) return
  const refused = "list random access '[]' and map lookup '.' are not allowed"
  throw validationError(`Key attributes must be scalars; ${refused}: Key: ${nested[0]}`)
}

function relationOf(one: DocumentPath, two: DocumentPath): "overlap" | "conflict" | undefined {
  const shorter = Math.min(one.length, two.length)
  for (let at = 0; at < shorter; at++) {
    if (one[at] === two[at]) continue
    return typeof one[at] === typeof two[at] ? undefined : "conflict"
  }
  return "overlap"
}
