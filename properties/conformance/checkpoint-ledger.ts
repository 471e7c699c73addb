import type { Judge } from "./judged.js"

/** Something that a client wanted stored under a key. */
interface Write {
  readonly key: string
  readonly position: bigint
  readonly began: number
  /** When it was answered; undefined: it has not been, and may take effect at any time. */
  acknowledged?: number
}

/** A load that is under way. */
export interface Load {
  readonly key: string
  readonly began: number
  /** What is to be stored if nothing is; undefined: 0. */
  readonly origin: bigint | undefined
}

/** 2^53: numbers of JavaScript are exact below. */
const exactBelow = 2n ** 53n

/**
 * Knows what clients of one store of positions wanted and were told, and judges each answer by it: one that could not
 * have come from a store that keeps what it acknowledges. Positions differ from key to key, so that a mix-up shows. Time
 * is the order of the calls and answers; a write whose answer is outstanding may take effect until it comes.
 */
export class CheckpointLedger {
  readonly #judge: Judge
  readonly #writes: Write[] = []
  /** By key, the highest position that was shown, and when. */
  readonly #shown = new Map<string, { readonly position: bigint; readonly at: number }[]>()
  /** By key: what was loaded first, until somebody commits. */
  readonly #origins = new Map<string, bigint>()
  readonly #committed = new Set<string>()
  /** Keys that somebody has loaded without an origin, so that 0 may be stored. */
  readonly #mayBeZero = new Set<string>()
  #now = 0

  constructor(judge: Judge) {
    this.#judge = judge
  }

  commitBegins(key: string, position: bigint): Write {
    this.#committed.add(key)
    return this.#begin(key, position)
  }

  /** An origin that a client would have stored, if it had been asked for it. */
  originOffered(key: string, position: bigint): void {
    this.#begin(key, position)
  }

  commitAnswered(write: Write): void {
    write.acknowledged = ++this.#now
    this.#show(write.key, write.position)
  }

  loadBegins(key: string, origin: bigint | undefined): Load {
    if (origin === undefined) this.#mayBeZero.add(key)
    return { key, began: ++this.#now, origin }
  }

  loadAnswered({ key, began, origin }: Load, position: bigint): void {
    this.#judgeSource(key, position, began)
    this.#judge("durable", this.#replacement(key, position, began))
    const before = this.#shownBefore(key, began)
    if (before !== undefined)
      this.#judge("monotone", position < before ? `${key}: loaded ${position} after ${before} was shown` : undefined)
    this.#judgeOrigin(key, position)
    if (origin !== undefined && !this.#mayBeZero.has(key))
      this.#judge("origin", position === 0n ? `${key}: loaded 0, and not its origin, ${origin}` : undefined)
    this.#now++
    this.#show(key, position)
  }

  #begin(key: string, position: bigint): Write {
    const write: Write = { key, position, began: ++this.#now }
    this.#writes.push(write)
    return write
  }

  #show(key: string, position: bigint): void {
    const shown = this.#shown.get(key) ?? []
    this.#shown.set(key, shown)
    if (position > (shown.at(-1)?.position ?? -1n)) shown.push({ position, at: this.#now })
  }

  #shownBefore(key: string, began: number): bigint | undefined {
    return this.#shown.get(key)?.findLast(({ at }) => at < began)?.position
  }

  #judgeSource(key: string, position: bigint, began: number): void {
    const wanted = this.#writes.filter((write) => write.key === key)
    if (wanted.length === 0) {
      this.#judge("zero", position === 0n ? undefined : `${key}: loaded ${position}, and nothing was ever stored`)
      return
    }
    const isWanted =
      position === 0n ? this.#mayBeEmpty(key, began) : wanted.some((write) => write.position === position)
    const other = isWanted ? undefined : this.#writes.find((write) => write.position === position)
    this.#judge("apart", other && `${key}: loaded ${position}, which was stored under ${other.key}`)
    const wrong = isWanted || other !== undefined ? undefined : `${key}: loaded ${position}, which nobody stored there`
    this.#judge(position >= exactBelow ? "exact" : "known", wrong)
  }

  /** Nothing was known to be stored when the load began: no write had been answered. */
  #mayBeEmpty(key: string, began: number): boolean {
    return !this.#writes.some((write) => write.key === key && (write.acknowledged ?? Infinity) < began)
  }

  /** What shows that a position cannot be the stored one any more. */
  #replacement(key: string, position: bigint, loadBegan: number): string | undefined {
    const ofKey = this.#writes.filter((write) => write.key === key)
    const sources = ofKey.filter((write) => write.position === position)
    const replaced = ofKey.find(
      ({ position: higher, began, acknowledged = Infinity }) =>
        higher > position &&
        acknowledged < loadBegan &&
        sources.every(({ acknowledged = Infinity }) => acknowledged < began),
    )
    return replaced && `${key}: loaded ${position}, which ${replaced.position} had replaced`
  }

  #judgeOrigin(key: string, position: bigint): void {
    if (this.#committed.has(key)) {
      this.#origins.delete(key)
      return
    }
    const first = this.#origins.get(key)
    if (first === undefined) this.#origins.set(key, position)
    else
      this.#judge(
        "origin",
        position === first ? undefined : `${key}: loaded ${position}, ${first} before, and nobody committed between`,
      )
  }
}
