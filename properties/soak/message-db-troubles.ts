import { StreamName } from "../../engine/stream-name.js"
import { systemRandom } from "../../engine/random.js"
import type { ServerControl } from "../../stores/container.js"
import type { PgPool } from "../../stores/message-db/pg.js"
import { containerTroubles, fault, storeTrouble, type Trouble } from "./chaos.js"

const nothingLong = [0, 0] as const

/**
 * What a PostgreSQL does to those who use it.
 * @param admin A superuser's connections to the database of the soak.
 * @param control What can be done to its container. Absent: the server goes on, whatever happens.
 */
export function messageDbTroubles(
  admin: PgPool,
  categories: readonly string[],
  control: ServerControl | undefined,
): readonly Trouble[] {
  const query = async (sql: string) => {
    await admin.query(sql)
  }
  const others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
  const terminated = `select pg_terminate_backend(pid) ${others}`
  const setTimeoutTo = (ms: number | undefined) => async () => {
    const { rows } = await admin.query("select quote_ident(current_database()) as name")
    const { name } = rows[0] as { name: string }
    await query(
      `alter database ${name} ${ms === undefined ? "reset statement_timeout" : `set statement_timeout = ${ms}`}`,
    )
    // Sessions keep the settings that they began with.
    await query(terminated)
  }
  return [
    storeTrouble("backend terminated", 6, nothingLong, () =>
      query(`select pg_terminate_backend(pid) from (select pid ${others} order by random() limit 1) as one`),
    ),
    storeTrouble("all backends terminated", 2, nothingLong, () => query(terminated)),
    storeTrouble("statement timeout", 1, [500, 3_000], setTimeoutTo(2), setTimeoutTo(undefined)),
    longTransaction(admin, categories),
    ...(control === undefined
      ? []
      : [storeTrouble("server restarted", 1, nothingLong, () => control.restart()), ...containerTroubles(control)]),
  ]
}

/** A writer that holds a transaction open over several categories: positions come into view out of order. */
const longTransaction = (admin: PgPool, categories: readonly string[]): Trouble => ({
  name: "long transaction",
  weight: 4,
  strike: async ({ random, sleep, tell }) => {
    const client = await admin.connect()
    const ms = random.integer(200, 2_000)
    tell(fault("long transaction", "writer", ms))
    try {
      await client.query("begin")
      for (const category of categories) {
        const stream = StreamName.create(category, `held-${random.integer(0, 9)}`)
        await client.query("select write_message($1, $2, 'Happened', '{}')", [systemRandom.uuid(), stream])
        await sleep(ms)
      }
      await client.query("commit")
      client.release()
    } catch (error) {
      client.release(error as Error)
      throw error
    }
  },
})
