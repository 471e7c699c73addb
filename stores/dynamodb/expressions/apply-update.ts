import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { type Item, assertFits, compareBytes, compareText, define } from "../attribute-value.js"
import { addNumbers, compareNumbers, subtractNumbers } from "../number-value.js"
import { validationError } from "../service-error.js"
import { type DocumentPath, childOf, valueAt } from "./document-path.js"
import { type PathTree, pathTree } from "./path-tree.js"
import { inServiceOrder } from "./service-order.js"
import type { Action, SetValue, Update } from "./update.js"

/*
 * All actions see the item as it was before the update: first each of them is worked out against it, then the outcomes
 * are written, each container once. Containers on the way to a change are copied, everything else is shared with the item
 * before. Indexes of a list mean the elements before the update: elements set beyond its end are appended in the order of
 * their indexes, and removed elements leave last.
 */

/** What becomes of a place. */
type Outcome =
  { readonly kind: "set"; readonly value: AttributeValue } | { readonly kind: "remove" } | { readonly kind: "keep" }

const incorrectType = () => validationError("An operand in the update expression has an incorrect data type")
const missingAttribute = () =>
  validationError("The provided expression refers to an attribute that does not exist in the item")
const invalidPath = () => validationError("The document path provided in the update expression is invalid for update")

/**
 * The item after the update; the one before stays as it is, and shares with the new one what has not changed.
 * @throws ServiceError ValidationException if the update does not fit the item
 */
export function applyUpdate(update: Update, item: Item): Item {
  const outcomes = inServiceOrder(update.actions, (action) => [action.path, outcomeOf(action, item)] as const)
  return write({ M: item }, pathTree(outcomes)).M!
}

function outcomeOf(action: Action, item: Item): Outcome {
  switch (action.kind) {
    case "set":
      return newValue(evaluate(action.value, item), action.path)
    case "remove":
      return { kind: "remove" }
    case "add":
      return { kind: "set", value: sum(valueAt(item, action.path), action.value) }
    case "delete":
      return difference(valueAt(item, action.path), action.value)
  }
}

function newValue(value: AttributeValue, path: DocumentPath): Outcome {
  assertFits(value, path.length)
  return { kind: "set", value }
}

function evaluate(value: SetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case "value":
      return value.value
    case "path": {
      const found = valueAt(item, value.path)
      if (found === undefined) throw missingAttribute()
      return found
    }
    case "if_not_exists": {
      // Worked out in any case: what it refers to must exist even if it is not used.
      const otherwise = evaluate(value.otherwise, item)
      return valueAt(item, value.path) ?? otherwise
    }
    case "list_append":
      return { L: [...listAt(value.left, item), ...listAt(value.right, item)] }
    case "arithmetic": {
      const calculate = value.operator === "+" ? addNumbers : subtractNumbers
      return { N: calculate(numberAt(value.left, item), numberAt(value.right, item)) }
    }
  }
}

function listAt(value: SetValue, item: Item): readonly AttributeValue[] {
  const { L: list } = evaluate(value, item)
  if (list === undefined) throw incorrectType()
  return list
}

function numberAt(value: SetValue, item: Item): string {
  const { N: number } = evaluate(value, item)
  if (number === undefined) throw incorrectType()
  return number
}

function sum(before: AttributeValue | undefined, added: AttributeValue): AttributeValue {
  if (before === undefined) return added
  if (before.N !== undefined && added.N !== undefined) return { N: addNumbers(before.N, added.N) }
  if (before.SS !== undefined && added.SS !== undefined) return { SS: union(before.SS, added.SS, compareText) }
  if (before.NS !== undefined && added.NS !== undefined) return { NS: union(before.NS, added.NS, compareNumbers) }
  if (before.BS !== undefined && added.BS !== undefined) return { BS: union(before.BS, added.BS, compareBytes) }
  throw incorrectType()
}

function difference(before: AttributeValue | undefined, taken: AttributeValue): Outcome {
  if (before === undefined) return { kind: "keep" }
  if (before.SS !== undefined && taken.SS !== undefined) {
    return left(without(before.SS, taken.SS, compareText), (SS) => ({ SS }))
  }
  if (before.NS !== undefined && taken.NS !== undefined) {
    return left(without(before.NS, taken.NS, compareNumbers), (NS) => ({ NS }))
  }
  if (before.BS !== undefined && taken.BS !== undefined) {
    return left(without(before.BS, taken.BS, compareBytes), (BS) => ({ BS }))
  }
  throw incorrectType()
}

/** There are no empty sets: the attribute goes with its last member. */
function left<T>(members: T[], value: (members: T[]) => AttributeValue): Outcome {
  return members.length === 0 ? { kind: "remove" } : { kind: "set", value: value(members) }
}

type Order<T> = (a: T, b: T) => number

function union<T>(before: readonly T[], added: readonly T[], order: Order<T>): T[] {
  return [...before, ...without(added, before, order)].sort(order)
}

function without<T>(members: readonly T[], taken: readonly T[], order: Order<T>): T[] {
  return members.filter((member) => !taken.some((other) => order(member, other) === 0))
}

function write(container: AttributeValue | undefined, tree: PathTree<Outcome>): AttributeValue {
  if (tree.kind === "members" && container?.M !== undefined) return { M: writeMembers(container.M, tree.children) }
  if (tree.kind === "elements" && container?.L !== undefined) return { L: writeElements(container.L, tree.children) }
  throw invalidPath()
}

function writeMembers(before: Item, changes: ReadonlyMap<string, PathTree<Outcome>>): Item {
  const after = { ...before }
  for (const [name, change] of changes) {
    const outcome = outcomeBelow(childOf({ M: before }, name), change)
    if (outcome.kind === "set") define(after, name, outcome.value)
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- attributes are named by the data
    else if (outcome.kind === "remove") delete after[name]
  }
  return after
}

function writeElements(
  before: readonly AttributeValue[],
  changes: ReadonlyMap<number, PathTree<Outcome>>,
): AttributeValue[] {
  const after: (AttributeValue | undefined)[] = [...before]
  for (const [index, change] of changes) {
    const outcome = outcomeBelow(before[index], change)
    if (outcome.kind === "set") after[Math.min(index, after.length)] = outcome.value
    else if (outcome.kind === "remove" && index < before.length) after[index] = undefined
  }
  return after.filter((element) => element !== undefined)
}

function outcomeBelow(value: AttributeValue | undefined, tree: PathTree<Outcome>): Outcome {
  return tree.kind === "leaf" ? tree.value : { kind: "set", value: write(value, tree) }
}
