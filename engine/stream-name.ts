import { InvalidOptionError } from "./options.js"

/** `{category}-{id}`: the category holds no `-` and is not empty; the id is everything after the first `-`. */
export type StreamName = string & { readonly __brand: "StreamName" }

const separator = "-"

export const StreamName = {
  /** @throws InvalidOptionError when the category is empty or holds a `-`, or the id is empty. */
  create(category: string, id: string): StreamName {
    if (category === "" || category.includes(separator))
      throw new InvalidOptionError("StreamName.create", "category", category, `a non-empty string without "-"`)
    if (id === "") throw new InvalidOptionError("StreamName.create", "id", id, "a non-empty string")
    return `${category}${separator}${id}` as StreamName
  },
  /** Takes a name as a store gave it. @throws InvalidOptionError when it has no category or no id. */
  parse(name: string): StreamName {
    const at = name.indexOf(separator)
    if (at < 1 || at === name.length - 1)
      throw new InvalidOptionError("StreamName.parse", "name", name, "{category}-{id}, neither of them empty")
    return name as StreamName
  },
  /** Up to the first `-`; the whole name if there is none, as Message DB's `category`. */
  category(name: string): string {
    const at = name.indexOf(separator)
    return at < 0 ? name : name.slice(0, at)
  },
  /** After the first `-`; undefined if there is none, as Message DB's `id`. */
  id(name: string): string | undefined {
    const at = name.indexOf(separator)
    return at < 0 ? undefined : name.slice(at + 1)
  },
}
