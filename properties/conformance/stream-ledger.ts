import { isDeepStrictEqual } from "node:util"
import type { Appended, NewEvent, StoredEvent } from "./adapter.js"
import type { Judge } from "./judged.js"

/** An append in all its attempts. */
export interface Write {
  readonly stream: string
  readonly events: readonly NewEvent[]
  readonly expected: number | "any"
  attempts: number
  /** When it was answered, and what. */
  answered?: { readonly at: number; readonly appended: Appended }
}

/** A read that is under way. */
interface Read {
  readonly stream: string
  readonly began: number
}

/** Knows what was appended and what was read, and judges each answer by it. Time is the order of calls and answers. */
export class StreamLedger {
  readonly #judge: Judge
  readonly #writes: Write[] = []
  readonly #reads: { readonly stream: string; readonly at: number; readonly ids: readonly string[] }[] = []
  #now = 0

  constructor(judge: Judge) {
    this.#judge = judge
  }

  appendBegins(stream: string, events: readonly NewEvent[], expected: number | "any"): Write {
    const write: Write = { stream, events, expected, attempts: 0 }
    this.#writes.push(write)
    return write
  }

  appendAnswered(write: Write, appended: Appended): void {
    write.answered = { at: ++this.#now, appended }
    if (appended.kind === "conflict" || write.expected === "any") return
    const { stream, expected } = write
    const { index } = appended
    this.#judge(
      "expected",
      index === expected ? undefined : `${stream}: an append that expected ${expected} events began at index ${index}`,
    )
  }

  readBegins(stream: string): Read {
    return { stream, began: ++this.#now }
  }

  readAnswered({ stream, began }: Read, events: readonly StoredEvent[]): void {
    const ids = events.map(({ id }) => id.toLowerCase())
    const holes = events.findIndex(({ index }, n) => index !== n)
    const place = `${stream}: the event at place ${holes}`
    this.#judge("consecutive", holes < 0 ? undefined : `${place} has the index ${events[holes]!.index}`)
    this.#judgeBodies(stream, events)
    for (const write of this.#writes) if (write.stream === stream) this.#judgeWrite(write, ids, began)
    const earlier = this.#reads.filter((read) => read.stream === stream && read.at < began)
    const changed = earlier.find((read) => read.ids.some((id, n) => ids[n] !== id))
    this.#judge("monotone", changed && `${stream}: a read shows other events than one before it`)
    this.#reads.push({ stream, at: ++this.#now, ids })
  }

  #judgeBodies(stream: string, events: readonly StoredEvent[]): void {
    const known = new Map(this.#writes.flatMap(({ events }) => events.map((event) => [event.id, event] as const)))
    const wrong = events.find(({ id, type, data }) => {
      const given = known.get(id.toLowerCase())
      return given?.type !== type || !isDeepStrictEqual(JSON.parse(given.data), JSON.parse(data))
    })
    this.#judge("whole", wrong && `${stream}: the event at index ${wrong.index} is none that was appended`)
  }

  #judgeWrite({ stream, events, attempts, answered }: Write, ids: readonly string[], began: number): void {
    const wanted = events.map(({ id }) => id)
    const places = wanted.map((id) => ids.indexOf(id))
    const first = places[0]!
    const isThere = places.every((place, n) => place === first + n && place >= 0)
    const isAbsent = places.every((place) => place < 0)
    this.#judge(
      "atomic",
      isThere || isAbsent ? undefined : `${stream}: of an append of ${wanted.length} there is a part`,
    )
    if (attempts > 1) {
      const times = ids.filter((id) => id === wanted[0]).length
      this.#judge(
        "once",
        times <= 1 ? undefined : `${stream}: an append of ${attempts} attempts is there ${times} times`,
      )
    }
    if (answered === undefined || answered.at >= began) return
    if (answered.appended.kind === "conflict") {
      this.#judge(
        "no effect",
        isAbsent ? undefined : `${stream}: what was answered with a conflict is at index ${first}`,
      )
      return
    }
    const { index } = answered.appended
    const where = isAbsent ? "is not there" : `is at ${first}`
    this.#judge("durable", isThere && first === index ? undefined : `${stream}: what was appended at ${index} ${where}`)
  }
}
