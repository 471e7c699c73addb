/** What a reaction has effects on. Every call may be lost, and its process may die before and after it. */
export interface Effects {
  /** Sends a mail; with a key, once for all calls with that key. */
  send(to: string, text: string, key?: string): Promise<void>
  /** What a row holds, and its version, which goes up with every write; 0 for a row that nobody wrote. */
  read(row: string): Promise<{ readonly value: Row | undefined; readonly version: number }>
  write(row: string, value: Row): Promise<void>
  /** Writes if the row has that version; answers whether it had. */
  writeIf(row: string, version: number, value: Row): Promise<boolean>
  /** Takes note of something, as a reaction that wants to know later what it did. */
  note(what: string): Promise<void>
  hasNoted(what: string): Promise<boolean>
}

/** Numbers by name. */
export type Row = Readonly<Record<string, number>>

/** The world outside of a deployment: a mailer and a database. It outlives every process. */
export class Outside {
  readonly #mails: string[] = []
  readonly #keys = new Set<string>()
  readonly #rows = new Map<string, { value: Row; version: number }>()
  readonly #notes = new Set<string>()

  /** What there is to see in the end, in an order that does not depend on when it came about. Notes are nobody's business. */
  get visible(): readonly string[] {
    const rows = [...this.#rows].map(([row, { value }]) => `row ${row} with ${textOf(value)}`)
    return [...rows, ...this.#mails.map((mail) => `mail ${mail}`)].sort()
  }

  /** As a process sees it; `tell` hears of each effect when it comes about. */
  effects(tell: (effect: string, on?: string) => void): Effects {
    const put = (row: string, value: Row) => {
      this.#rows.set(row, { value, version: (this.#rows.get(row)?.version ?? 0) + 1 })
      tell(`writes row ${row} with ${textOf(value)}`, `row ${row}`)
    }
    return {
      send: async (to, text, key) => {
        if (key !== undefined && this.#keys.has(key)) return
        if (key !== undefined) this.#keys.add(key)
        this.#mails.push(`to ${to}: ${text}`)
        tell(`mails to ${to}: ${text}`)
      },
      read: async (row) => this.#rows.get(row) ?? { value: undefined, version: 0 },
      write: async (row, value) => put(row, value),
      writeIf: async (row, version, value) => {
        if ((this.#rows.get(row)?.version ?? 0) !== version) return false
        put(row, value)
        return true
      },
      note: async (what) => {
        this.#notes.add(what)
        tell(`notes ${what}`, `note ${what}`)
      },
      hasNoted: async (what) => this.#notes.has(what),
    }
  }
}

const textOf = (row: Row): string =>
  Object.entries(row)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${value}`)
    .join(", ")
