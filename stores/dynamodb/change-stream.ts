/*
 * One stream of one table: shards that follow one another.
 *
 * At any moment the open shards divide the hashes of partition keys among them without gap or overlap, and an open shard
 * is closed in the same step in which those come into being that take over its hashes. So the changes of one item are in
 * one line of shards, parent before child, and in order within each.
 */
import type { ItemChange } from "./item-change.js"
import { hashValues, partitionHash } from "./partition-hash.js"
import type { SequenceNumbers } from "./sequence-numbers.js"
import { entryOf } from "./stream-record.js"
import { StreamShard, type HashRange } from "./stream-shard.js"
import type { TableStream } from "./table-stream.js"

const everyHash: HashRange = { from: 0, to: hashValues }

export class ChangeStream {
  readonly table: TableStream
  readonly #numbers: SequenceNumbers
  #disabledAt: number | undefined
  /** In the order of their birth, which is also that of their ids. */
  #shards: StreamShard[] = []
  /** By their hashes, ascending; none once the stream is disabled. */
  #open: StreamShard[] = []

  constructor(table: TableStream, numbers: SequenceNumbers) {
    this.table = table
    this.#numbers = numbers
    this.#open = [this.#openShard(everyHash, undefined, table.enabledAt)]
  }

  get shards(): readonly StreamShard[] {
    return this.#shards
  }

  get openShards(): readonly StreamShard[] {
    return this.#open
  }

  get isEnabled(): boolean {
    return this.#disabledAt === undefined
  }

  shard(id: string): StreamShard | undefined {
    return this.#shards.find((shard) => shard.id === id)
  }

  /** Forgets what is older than `before` in the shard that gets it. */
  append(change: ItemChange, before: number): void {
    const entry = entryOf(change, this.table, () => this.#numbers.next())
    if (entry === undefined) return
    const shard = this.#responsible(change)
    shard.add(entry)
    shard.trim(before)
  }

  /** Closes the shard; as many as given take over equal parts of its hashes. Returns their ids. */
  replace(shard: StreamShard, children: 1 | 2, at: number): string[] {
    const { from, to } = shard.hashes
    if (children === 2 && to - from < 2) throw new RangeError(`shard ${shard.id} has a single hash: nothing to split`)
    shard.close(this.#numbers.next(), at)
    const middle = Math.floor((from + to) / 2)
    const ranges = children === 1 ? [shard.hashes] : [{ from, to: middle } as const, { from: middle, to } as const]
    const born = ranges.map((hashes) => this.#openShard(hashes, shard.id, at))
    this.#open.splice(this.#open.indexOf(shard), 1, ...born)
    return born.map(({ id }) => id)
  }

  disable(at: number): void {
    this.#disabledAt = at
    for (const shard of this.#open) shard.close(this.#numbers.next(), at)
    this.#open = []
  }

  /** Forgets what is older than `before`: entries, and shards that were closed then. */
  trim(before: number): void {
    if (this.#shards.some((shard) => shard.isGone(before)))
      this.#shards = this.#shards.filter((shard) => !shard.isGone(before))
    for (const shard of this.#shards) shard.trim(before)
  }

  /** Whether it was disabled before `before`: nothing of it is left. */
  isGone(before: number): boolean {
    return this.#disabledAt !== undefined && this.#disabledAt < before
  }

  #responsible({ key }: ItemChange): StreamShard {
    if (this.#open.length === 1) return this.#open[0]!
    const hash = partitionHash(key, this.table.keySchema)
    let [low, high] = [0, this.#open.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#open[middle]!.hashes.from <= hash) low = middle
      else high = middle - 1
    }
    return this.#open[low]!
  }

  #openShard(hashes: HashRange, parentId: string | undefined, at: number): StreamShard {
    const starting = this.#numbers.next()
    const id = `shardId-${digits(at, 10, 20)}-${digits(starting, 16, 8)}`
    const shard = new StreamShard({ id, parentId, hashes, starting })
    this.#shards.push(shard)
    return shard
  }
}

function digits(value: number, radix: number, length: number): string {
  return Math.floor(value).toString(radix).padStart(length, "0")
}
