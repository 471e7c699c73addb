import type { ICheckpoints } from "../../engine/checkpoints.js"
import { checkOptions, has, InvalidOptionError } from "../../engine/options.js"
import type { PgQueryable } from "./pg.js"

/*
 * Checkpoints in a PostgreSQL table: one row per group (per member, if the group has several) and category.
 *
 * The table is the one of equinox-js, in which a position is text; so every comparison is made between bigints. What is
 * stored never decreases but by `override`: each commit is one statement that compares and writes under the row's lock.
 */

/** Name of the table in a schema, quoted: `"public".eqx_checkpoint`. @throws InvalidOptionError */
export function checkpointTable(where: string, schema: string): string {
  if (typeof schema !== "string" || schema === "" || schema.includes("\0") || Buffer.byteLength(schema) > 63)
    throw new InvalidOptionError(where, "schema", schema, "the name of a schema: 1 to 63 bytes, none of them 0")
  return `"${schema.replaceAll('"', '""')}".eqx_checkpoint`
}

const createSql = (table: string) => `
create table if not exists ${table} (
  group_name text not null,
  category text not null,
  position text not null,
  primary key (group_name, category)
)`
const selectSql = (table: string) => `select position from ${table} where group_name = $1 and category = $2`
const originSql = (table: string) =>
  `insert into ${table} (group_name, category, position) values ($1, $2, $3) on conflict do nothing`
const commitSql = (table: string) => `
insert into ${table} as stored (group_name, category, position) values ($1, $2, $3)
on conflict (group_name, category) do update
set position = greatest(stored.position::bigint, excluded.position::bigint)::text
returning position`
const overrideSql = (table: string) => `
insert into ${table} (group_name, category, position) values ($1, $2, $3)
on conflict (group_name, category) do update set position = excluded.position`

/** A stored position is not a number: somebody else wrote it. */
export class CheckpointFormatError extends Error {
  override readonly name = "CheckpointFormatError"
}

/** No right to create; and the ways in which two who create a table at once collide in PostgreSQL's catalogue. */
const mayBeThere = ["42501", "23505", "42P07", "42710"]

export class PgCheckpoints implements ICheckpoints {
  readonly #pool: PgQueryable
  readonly #table: string

  /**
   * @param schema where the table `eqx_checkpoint` is or will be. Default `public`.
   * @throws InvalidOptionError
   */
  constructor(pool: PgQueryable, schema = "public") {
    checkOptions("PgCheckpoints", { pool: has("query") }, { pool })
    this.#pool = pool
    this.#table = checkpointTable("PgCheckpoints", schema)
  }

  /**
   * Creates the table unless it is there. The role `message_store` may not create in `public`: an owner does it once,
   * with `grant select, insert, update, delete on eqx_checkpoint to message_store`, or through a pool given here.
   */
  async ensureTable(pool: PgQueryable = this.#pool): Promise<void> {
    try {
      await pool.query(createSql(this.#table))
    } catch (error) {
      // PostgreSQL asks for the right to create even when there is nothing to create, and two who create at once may
      // collide in its catalogue. Both are fine if the table can be read.
      const { code } = error as { code?: string }
      if (code === undefined || !mayBeThere.includes(code)) throw error
      await this.#select("", "").catch(() => {
        throw error
      })
    }
  }

  async load(
    groupName: string,
    category: string,
    establishOrigin?: (category: string) => Promise<bigint>,
  ): Promise<bigint> {
    const stored = await this.#select(groupName, category)
    if (stored !== undefined) return stored
    const origin = establishOrigin === undefined ? 0n : await establishOrigin(category)
    await this.#pool.query(originSql(this.#table), [groupName, category, String(origin)])
    const agreed = await this.#select(groupName, category)
    if (agreed === undefined)
      throw new Error(`the checkpoint of group "${groupName}", category "${category}" vanished while it was loaded`)
    return agreed
  }

  /** Answers the position that is stored now: `position`, or a higher one that somebody else stored. */
  async commit(groupName: string, category: string, position: bigint): Promise<bigint> {
    try {
      const { rows } = await this.#pool.query(commitSql(this.#table), [groupName, category, String(position)])
      return parsePosition((rows[0] as { position: string }).position, groupName, category)
    } catch (error) {
      // The stored text could not be compared: reading it says which text that is.
      if ((error as { code?: string }).code === "22P02") await this.#select(groupName, category)
      throw error
    }
  }

  /** Stores `position` whatever is stored: the only way back. No consumer of the group may run meanwhile. */
  async override(groupName: string, category: string, position: bigint): Promise<void> {
    await this.#pool.query(overrideSql(this.#table), [groupName, category, String(position)])
  }

  async #select(groupName: string, category: string): Promise<bigint | undefined> {
    const { rows } = await this.#pool.query(selectSql(this.#table), [groupName, category])
    const row = rows[0] as { position: string } | undefined
    return row && parsePosition(row.position, groupName, category)
  }
}

/** @throws CheckpointFormatError */
export function parsePosition(stored: string, groupName: string, category: string): bigint {
  if (/^-?\d+$/.test(stored)) return BigInt(stored)
  throw new CheckpointFormatError(
    `the checkpoint of group "${groupName}", category "${category}" is not a number: ${JSON.stringify(stored)}`,
  )
}
