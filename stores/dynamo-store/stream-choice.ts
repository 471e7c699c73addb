import { InvalidOptionError } from "../../engine/options.js"
import { StreamName } from "../../engine/stream-name.js"

/** Which streams a source hands on. With both given, both must hold. */
export interface StreamChoice {
  /** Streams `{category}-{id}` of these categories: at least one, each once, none empty or with `-`. */
  readonly categories?: readonly string[]
  /** Is given the name as the index has it, also one without `-`. */
  readonly streamFilter?: (stream: StreamName) => boolean
}

/** @throws InvalidOptionError unless at least one of them is given, and rightly. */
export function chosenBy(where: string, { categories, streamFilter }: StreamChoice): (stream: string) => boolean {
  if (categories === undefined && streamFilter === undefined)
    throw new InvalidOptionError(where, "categories", undefined, "given, unless streamFilter is")
  if (streamFilter !== undefined && typeof streamFilter !== "function")
    throw new InvalidOptionError(where, "streamFilter", streamFilter, "a function")
  checkCategories(where, categories)
  const known = categories && new Set(categories)
  return (stream) =>
    (known === undefined || (StreamName.id(stream) !== undefined && known.has(StreamName.category(stream)))) &&
    (streamFilter === undefined || streamFilter(stream as StreamName))
}

function checkCategories(where: string, categories: unknown): void {
  if (categories === undefined) return
  if (!Array.isArray(categories) || categories.length === 0)
    throw new InvalidOptionError(where, "categories", categories, "an array of at least one category")
  categories.forEach((category: unknown, index) => {
    const refuse = (accepted: string) => new InvalidOptionError(where, `categories.${index}`, category, accepted)
    if (typeof category !== "string" || category === "" || category.includes("-"))
      throw refuse(`a non-empty string without "-"`)
    if (categories.indexOf(category) !== index) throw refuse("a category that is not listed before")
  })
}
