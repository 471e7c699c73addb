import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { type Item, define } from "../attribute-value.js"
import { type DocumentPath, assertDisjoint, childOf } from "./document-path.js"
import { type PathTree, pathTree } from "./path-tree.js"
import type { Placeholders } from "./placeholders.js"
import { Resolver } from "./resolver.js"
import { inServiceOrder } from "./service-order.js"
import { TokenReader } from "./token-reader.js"

/** Which parts of an item are asked for. */
export interface Projection {
  /** As they are written. */
  readonly paths: readonly DocumentPath[]
  readonly tree: PathTree<true>
}

/** @throws ServiceError ValidationException with the service's text for whatever is wrong with the expression */
export function parseProjection(text: string, placeholders: Placeholders): Projection {
  const reader = new TokenReader("ProjectionExpression", text)
  const syntax = reader.readList(() => reader.readPath())
  reader.finish()
  const resolver = new Resolver("ProjectionExpression", placeholders)
  const paths = inServiceOrder(syntax, (path) => resolver.path(path))
  assertDisjoint("ProjectionExpression", paths)
  return projectionOf(paths)
}

/** The paths must be disjoint. */
export function projectionOf(paths: readonly DocumentPath[]): Projection {
  return { paths, tree: pathTree(paths.map((path) => [path, true])) }
}

/**
 * The parts that the item has, in maps and lists of their own; lists close up around what is left out. The parts
 * themselves are shared with the item.
 */
export function project(projection: Projection, item: Item): Item {
  return part({ M: item }, projection.tree)?.M ?? {}
}

function part(value: AttributeValue, tree: PathTree<true>): AttributeValue | undefined {
  if (tree.kind === "leaf") return value
  if (tree.kind === "elements") {
    const elements = [...tree.children].map(([index, below]) => partOfChild(value, index, below))
    const found = elements.filter((element) => element !== undefined)
    return found.length === 0 ? undefined : { L: found }
  }
  const members: Item = {}
  for (const [name, below] of tree.children) {
    const member = partOfChild(value, name, below)
    if (member !== undefined) define(members, name, member)
  }
  return Object.keys(members).length === 0 ? undefined : { M: members }
}

function partOfChild(value: AttributeValue, step: string | number, below: PathTree<true>): AttributeValue | undefined {
  const child = childOf(value, step)
  return child && part(child, below)
}
