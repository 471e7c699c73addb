/** What follows from a text alone, such as that of a statement, worked out once. It forgets what came in first. */
export class ByText<T> {
  readonly #read: (text: string) => T
  readonly #known = new Map<string, { readonly value: T }>()

  constructor(read: (text: string) => T) {
    this.#read = read
  }

  of(text: string): T {
    const known = this.#known.get(text)
    if (known !== undefined) return known.value
    const value = this.#read(text)
    if (this.#known.size >= most) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(text, { value })
    return value
  }
}

const most = 1_000
