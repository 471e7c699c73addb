import type { Condition, Operand } from "./condition.js"
import type { DocumentPath } from "./document-path.js"
import type { Projection } from "./projection.js"
import type { Update } from "./update.js"

/** The places that an update writes to, a condition looks at, or a projection asks for, as they are written. */
export function pathsOf(expression: Update | Condition | Projection): readonly DocumentPath[] {
  if ("paths" in expression) return expression.paths
  return "actions" in expression ? expression.actions.map((action) => action.path) : pathsOfCondition(expression)
}

function pathsOfCondition(condition: Condition): readonly DocumentPath[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return [...pathsOfCondition(condition.left), ...pathsOfCondition(condition.right)]
    case "not":
      return pathsOfCondition(condition.condition)
    case "comparison":
      return pathsOfOperands(condition.left, condition.right)
    case "between":
      return pathsOfOperands(condition.operand, condition.lower, condition.upper)
    case "in":
      return pathsOfOperands(condition.operand, ...condition.list)
    case "attribute_exists":
    case "attribute_not_exists":
      return [condition.path]
    case "attribute_type":
      return pathsOfOperands(condition.operand)
    case "begins_with":
    case "contains":
      return pathsOfOperands(condition.operand, condition.part)
  }
}

function pathsOfOperands(...operands: readonly Operand[]): readonly DocumentPath[] {
  return operands.flatMap((operand) => {
    if (operand.kind === "path") return [operand.path]
    return operand.kind === "size" ? pathsOfOperands(operand.operand) : []
  })
}
