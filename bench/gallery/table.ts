/** A table as Markdown has it, its columns as wide as what is in them. */
export class Table {
  readonly #rows: (readonly string[])[] = []

  constructor(...heads: readonly string[]) {
    this.#rows.push(heads)
  }

  add(...cells: readonly string[]): void {
    this.#rows.push(cells)
  }

  get lines(): readonly string[] {
    const [heads, ...rows] = this.#rows
    const widths = heads!.map((_, n) => Math.max(3, ...this.#rows.map((row) => row[n]!.length)))
    const line = (cells: readonly string[]) => `| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(" | ")} |`
    return [line(heads!), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)]
  }
}
