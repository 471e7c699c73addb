/*
 * One shard of a stream: the entries of the partition keys whose hashes it is responsible for, ascending by sequence
 * number, from its birth until it is closed. Entries leave at the front when they are too old, and `trimmedTo` says how
 * far that went, so that whoever asks for what is gone can be told. Adding and trimming an entry cost a constant each,
 * finding a place the logarithm of their number.
 */
import type { Shard } from "@aws-sdk/client-dynamodb-streams"
import { sequenceText } from "./sequence-numbers.js"
import type { StreamEntry } from "./stream-record.js"

/** From `from` inclusive to `to` exclusive, of 0 to 2^32. */
export interface HashRange {
  readonly from: number
  readonly to: number
}

export interface ReadLimits {
  readonly entries: number
  readonly bytes: number
  /** Later entries are not visible yet. Milliseconds since the Unix epoch. */
  readonly until: number
}

export interface ShardPage {
  readonly entries: readonly StreamEntry[]
  /** The sequence number to go on from; undefined at the end of a closed shard. */
  readonly next: number | undefined
}

export class StreamShard {
  readonly id: string
  readonly parentId: string | undefined
  readonly hashes: HashRange
  readonly starting: number
  #ending: number | undefined
  #closedAt: number | undefined
  #entries: StreamEntry[] = []
  #head = 0
  #trimmedTo = 0

  constructor(birth: { id: string; parentId: string | undefined; hashes: HashRange; starting: number }) {
    this.id = birth.id
    this.parentId = birth.parentId
    this.hashes = birth.hashes
    this.starting = birth.starting
  }

  /** Set when the shard was closed. */
  get ending(): number | undefined {
    return this.#ending
  }

  /** The sequence number of the newest entry that was trimmed; 0 if none was. */
  get trimmedTo(): number {
    return this.#trimmedTo
  }

  /** The lowest sequence number from which on nothing is missing. */
  get horizon(): number {
    return Math.max(this.starting, this.#trimmedTo + 1)
  }

  add(entry: StreamEntry): void {
    this.#entries.push(entry)
  }

  close(ending: number, at: number): void {
    this.#ending = ending
    this.#closedAt = at
  }

  /** Forgets the entries that are older than `before`. */
  trim(before: number): void {
    for (; this.#head < this.#entries.length; this.#head++) {
      const oldest = this.#entries[this.#head]!
      if (oldest.at >= before) break
      this.#trimmedTo = oldest.sequence
    }
    if (this.#head * 2 <= this.#entries.length) return
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }

  /** Whether it was closed before `before`: nothing in it can be younger. */
  isGone(before: number): boolean {
    return this.#closedAt !== undefined && this.#closedAt < before
  }

  /** What follows from the sequence number `from` on: at least one entry if one is visible, however large it is. */
  read(from: number, limits: ReadLimits): ShardPage {
    const first = this.#indexOf(from)
    let end = first
    for (let bytes = 0; end < this.#entries.length && end - first < limits.entries; end++) {
      const { at, sizeBytes } = this.#entries[end]!
      bytes += sizeBytes
      if (at > limits.until || (bytes > limits.bytes && end > first)) break
    }
    const entries = this.#entries.slice(first, end)
    const isEnd = this.#ending !== undefined && end === this.#entries.length
    return { entries, next: isEnd ? undefined : (entries.at(-1)?.sequence ?? from - 1) + 1 }
  }

  describe(): Shard {
    return {
      ShardId: this.id,
      SequenceNumberRange: {
        StartingSequenceNumber: sequenceText(this.starting),
        ...(this.#ending !== undefined && { EndingSequenceNumber: sequenceText(this.#ending) }),
      },
      ...(this.parentId !== undefined && { ParentShardId: this.parentId }),
    }
  }

  /** Where the first entry is that has at least this number. */
  #indexOf(sequence: number): number {
    let [low, high] = [this.#head, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#entries[middle]!.sequence < sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
