import type { DocumentPath } from "./document-path.js"

type Entry<T> = readonly [DocumentPath, T]

/** Paths that are disjoint, by their common steps: either something stands at a node, or below it. */
export type PathTree<T> =
  | { readonly kind: "leaf"; readonly value: T }
  | { readonly kind: "members"; readonly children: ReadonlyMap<string, PathTree<T>> }
  /** In the order of the indexes. */
  | { readonly kind: "elements"; readonly children: ReadonlyMap<number, PathTree<T>> }

/** The paths must be disjoint, and each of them have a step. */
export function pathTree<T>(entries: readonly Entry<T>[], depth = 0): PathTree<T> {
  const [first] = entries
  if (first?.[0].length === depth) return { kind: "leaf", value: first[1] }
  const names = new Map<string, PathTree<T>>()
  const indexes: [number, PathTree<T>][] = []
  for (const [step, group] of groupByStep(entries, depth)) {
    const child = pathTree(group, depth + 1)
    if (typeof step === "string") names.set(step, child)
    else indexes.push([step, child])
  }
  if (indexes.length === 0) return { kind: "members", children: names }
  return { kind: "elements", children: new Map(indexes.sort(([a], [b]) => a - b)) }
}

function groupByStep<T>(entries: readonly Entry<T>[], depth: number): Map<string | number, Entry<T>[]> {
  const groups = new Map<string | number, Entry<T>[]>()
  for (const entry of entries) {
    const step = entry[0][depth]!
    const group = groups.get(step)
    if (group) group.push(entry)
    else groups.set(step, [entry])
  }
  return groups
}
