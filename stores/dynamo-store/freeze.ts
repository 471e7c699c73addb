/** Freezes plain objects and arrays, and what they hold; stops at what is frozen already, so a state that shares most of
 * the one before costs what is new in it. */
export function freeze(value: unknown): void {
  if (!isPlain(value) || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
