import { wrongValue } from "./usage-error.js"

/** The one of the accepted values that an option names. @throws UsageError */
export function oneOf<T extends string>(option: string, text: string, accepted: readonly T[]): T {
  const found = accepted.find((value) => value === text)
  if (found !== undefined) return found
  throw wrongValue(option, text, accepted.map((value) => JSON.stringify(value)).join(" or "))
}
