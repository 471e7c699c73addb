import { failsWith, type Failure } from "../sim/failure.js"
import type { PgClient, PgPool } from "../stores/message-db/pg.js"
import type { ProcessConnections } from "./message-db-backend.js"
import { isWrite, messageDbCall } from "./message-db-call.js"

/** An error of PostgreSQL as the driver hands it out. */
const pgError = (code: string, message: string) =>
  Object.assign(new Error(message), { name: "error", code, severity: "ERROR" })

/** The statement and what its transaction has done before it are undone, and the transaction takes nothing but its end. */
const undone =
  (pool: PgPool, code: string, message: string): Failure["strike"] =>
  async ({ object }) => {
    if (object !== pool) await brokenTransaction(object as PgClient)
    throw pgError(code, message)
  }

/** There is no other way to make a server break a transaction than to give it a reason. */
const brokenTransaction = (client: PgClient) => client.query("select 1/0").catch(() => undefined)

/**
 * What a PostgreSQL server and the driver's pool can do to a call, for the port of a process's pool. Codes and messages are
 * those of PostgreSQL 18 (appendix A of its manual) and of `pg-pool` 3.
 *
 * - `deadlock`: a write is chosen to give way, 40P01.
 * - `rolledBack`: a commit, or a write by itself, is rolled back, 40001.
 * - `statementTimeout`: a query takes too long, 57014.
 * - `poolExhausted`: no connection becomes free in time.
 * - `permissionDenied`: a right was taken away, 42501.
 * - `connectionLost`: the connection was cut since it was used last; for a call on the pool, all of its connections were.
 */
export function messageDbFailures({ pool, cut, terminate }: ProcessConnections): Readonly<Record<string, Failure>> {
  return {
    deadlock: {
      befalls: ({ operation, args }) => isWrite(operation, args),
      strike: undone(pool, "40P01", "deadlock detected"),
    },
    rolledBack: {
      befalls: ({ object, operation, args }) =>
        messageDbCall(operation, args)?.what === "commit" || (object === pool && isWrite(operation, args)),
      strike: async ({ object }) => {
        if (object !== pool) await (object as PgClient).query("rollback")
        throw pgError("40001", "could not serialize access due to concurrent update")
      },
    },
    statementTimeout: {
      befalls: ({ operation, args }) => operation === "query" && messageDbCall(operation, args)?.what !== "rollback",
      strike: undone(pool, "57014", "canceling statement due to statement timeout"),
    },
    poolExhausted: failsWith(
      () => new Error("timeout exceeded when trying to connect"),
      ({ object }) => object === pool,
    ),
    permissionDenied: {
      befalls: ({ operation, args }) => operation === "query" && messageDbCall(operation, args)?.what !== "rollback",
      strike: undone(pool, "42501", "permission denied for table messages"),
    },
    connectionLost: {
      befalls: ({ operation }) => operation === "query" || operation === "connect",
      strike: ({ object, perform }) => {
        if (object === pool) terminate()
        else cut(object)
        return perform()
      },
    },
  }
}
