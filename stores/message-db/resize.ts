/*
 * Gives a consumer group another size without loss.
 *
 * Another size deals the streams out anew, so that a stream may come to a member whose checkpoint is past its events.
 * Safe is what no member of the old size had behind it: every member of the new size starts at the lowest position of
 * the old ones, per category. What the faster ones had done since then is repeated.
 *
 * No member may run meanwhile. That cannot be proven from the table, but a running one betrays itself by moving its
 * row: each row is written only if it still is as it was read, and all rows are written in one transaction or none.
 */
import { checkOptions, has, integer, milliseconds, optional, text } from "../../engine/options.js"
import { systemClock, type Clock } from "../../engine/clock.js"
import { checkpointTable, parsePosition } from "./pg-checkpoints.js"
import type { PgClient, PgPool } from "./pg.js"
import { largestGroup } from "./reading-options.js"
import * as v from "valibot"

const selectSql = (table: string) => `select category, position from ${table} where group_name = $1`
const moveSql = (table: string) =>
  `update ${table} set position = $4 where group_name = $1 and category = $2 and position = $3`
const addSql = (table: string) =>
  `insert into ${table} (group_name, category, position) values ($1, $2, $3) on conflict do nothing`
const removeSql = (table: string) => `delete from ${table} where group_name = $1 and category = $2 and position = $3`

export interface ResizeOptions {
  /** The group's name without a member. */
  readonly groupName: string
  /** Old size: an integer from 1 to 32767. */
  readonly from: number
  /** New size: an integer from 1 to 32767. */
  readonly to: number
  /** Default: all for which the group has checkpoints. */
  readonly categories?: readonly string[]
  /** Schema of the checkpoint table. Default `public`. */
  readonly schema?: string
  /**
   * For how long the rows are watched before they are moved, in milliseconds. A running member that has work writes
   * every `checkpointIntervalMs`, so somewhat more than that finds it. Default 0: they are not watched.
   */
  readonly observeForMs?: number
  readonly clock?: Clock
}

export interface ResizedCategory {
  readonly category: string
  /** Where every member of the new size starts. */
  readonly position: bigint
  /**
   * Members of the old size that have no checkpoint. They have read nothing, so far as anybody knows, and count as
   * position 0: the category is then read from its beginning.
   */
  readonly withoutCheckpoint: readonly number[]
}

/** A member's checkpoint moved, appeared or vanished meanwhile: the group is not stopped. Nothing was changed. */
export class GroupIsRunningError extends Error {
  override readonly name = "GroupIsRunningError"
  readonly member: number
  readonly category: string
  constructor(groupName: string, member: number, category: string) {
    super(
      `member ${member} of group "${groupName}" is running: its checkpoint in category "${category}" changed while the ` +
        `group was to be resized. Stop all members and try again; nothing was changed`,
    )
    this.member = member
    this.category = category
  }
}

/** There are checkpoints of members that neither size has: the old size is larger than was said. Nothing was changed. */
export class WrongGroupSizeError extends Error {
  override readonly name = "WrongGroupSizeError"
  constructor(groupName: string, from: number, member: number) {
    super(`group "${groupName}" is said to have ${from} members, but there is a checkpoint of member ${member}`)
  }
}

const size = integer(1, `an integer from 1 to ${largestGroup}`)
const accepted = {
  groupName: text,
  from: v.pipe(size, v.maxValue(largestGroup, `an integer from 1 to ${largestGroup}`)),
  to: v.pipe(size, v.maxValue(largestGroup, `an integer from 1 to ${largestGroup}`)),
  categories: optional(v.array(text, "an array of categories")),
  observeForMs: optional(milliseconds),
  clock: optional(has("sleep")),
}

/** Position by category, of each member. */
type Positions = readonly ReadonlyMap<string, string>[]

/**
 * Moves all checkpoints of a consumer group to the lowest ones, for members of the new size, and removes those of
 * members that there are no more. A repeated call after a lost answer never skips an event; but a shrunken group then
 * lacks the checkpoints of its former members and starts at 0, so look at the rows first.
 * @throws GroupIsRunningError, WrongGroupSizeError, CheckpointFormatError, InvalidOptionError
 */
export async function resizeConsumerGroup(pool: PgPool, options: ResizeOptions): Promise<readonly ResizedCategory[]> {
  const where = "resizeConsumerGroup"
  checkOptions(where, { pool: has("connect") }, { pool })
  checkOptions(where, accepted, options)
  const group = new GroupCheckpoints(checkpointTable(where, options.schema ?? "public"), options)
  const client = await pool.connect()
  try {
    const before = await group.read(client)
    if (options.observeForMs !== undefined) {
      await (options.clock ?? systemClock).sleep(options.observeForMs)
      group.checkUnchanged(before, await group.read(client))
    }
    const plan = group.plan(before)
    await inTransaction(client, () => group.move(client, before, plan))
    client.release()
    return plan
  } catch (error) {
    // Also for a connection that is fine: a resize is too rare for that to matter.
    client.release(true)
    throw error
  }
}

class GroupCheckpoints {
  readonly #table: string
  readonly #options: ResizeOptions

  constructor(table: string, options: ResizeOptions) {
    this.#table = table
    this.#options = options
  }

  async read(client: PgClient): Promise<Positions> {
    const { from, to } = this.#options
    const members: Map<string, string>[] = []
    for (let member = 0; member < Math.max(from, to); member++) members.push(await this.#readMember(client, member))
    const beyond = await this.#readMember(client, members.length)
    if (beyond.size > 0) throw new WrongGroupSizeError(this.#options.groupName, from, members.length)
    return members
  }

  async #readMember(client: PgClient, member: number): Promise<Map<string, string>> {
    const { categories } = this.#options
    const { rows } = await client.query(selectSql(this.#table), [this.#name(member)])
    const all = rows as { category: string; position: string }[]
    const wanted = all.filter(({ category }) => categories === undefined || categories.includes(category))
    return new Map(wanted.map(({ category, position }) => [category, position]))
  }

  checkUnchanged(before: Positions, after: Positions): void {
    for (const [member, positions] of before.entries())
      for (const category of new Set([...positions.keys(), ...after[member]!.keys()]))
        if (positions.get(category) !== after[member]!.get(category)) throw this.#running(member, category)
  }

  plan(positions: Positions): ResizedCategory[] {
    const { groupName, from, categories } = this.#options
    const found = [...new Set(positions.flatMap((member) => [...member.keys()]))]
    return [...(categories ?? found)].sort().map((category) => {
      const stored = positions.flatMap((member, number) => {
        const position = member.get(category)
        return position === undefined ? [] : [parsePosition(position, `${groupName}-${number}`, category)]
      })
      const withoutCheckpoint = [...positions.keys()].filter((m) => m < from && !positions[m]!.has(category))
      const position = withoutCheckpoint.length > 0 ? 0n : stored.reduce((low, other) => (other < low ? other : low))
      return { category, position, withoutCheckpoint }
    })
  }

  async move(client: PgClient, before: Positions, plan: readonly ResizedCategory[]): Promise<void> {
    for (const { category, position } of plan)
      for (const [member, positions] of before.entries()) {
        const changed = await this.#write(client, member, category, positions.get(category), String(position))
        if (!changed) throw this.#running(member, category)
      }
  }

  /** False if the row is no longer as it was read. */
  async #write(
    client: PgClient,
    member: number,
    category: string,
    stored: string | undefined,
    position: string,
  ): Promise<boolean> {
    const key = [this.#name(member), category]
    const stays = member < this.#options.to
    if (stored === undefined && !stays) return true
    const { rowCount } = await (stored === undefined
      ? client.query(addSql(this.#table), [...key, position])
      : stays
        ? client.query(moveSql(this.#table), [...key, stored, position])
        : client.query(removeSql(this.#table), [...key, stored]))
    return rowCount === 1
  }

  #name(member: number): string {
    return `${this.#options.groupName}-${member}`
  }

  #running(member: number, category: string): GroupIsRunningError {
    return new GroupIsRunningError(this.#options.groupName, member, category)
  }
}

async function inTransaction(client: PgClient, work: () => Promise<void>): Promise<void> {
  await client.query("begin")
  try {
    await work()
    await client.query("commit")
  } catch (error) {
    await client.query("rollback").catch(() => {})
    throw error
  }
}
