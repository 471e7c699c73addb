import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { messageDbFailureClass } from "./failure-class.js"
import type { FreshDatabase } from "./fresh-database.js"
import { openPool, type OwnedPool } from "./open-pool.js"
import { freshMessageDb, needsMessageDb } from "./real-database.js"
import { explainingSearchPath } from "./search-path.js"

const error = (fields: object) => Object.assign(new Error(), fields)
const classOf = (fields: object) => messageDbFailureClass(error(fields))

it.each([
  ["08006", "connection failure"],
  ["40001", "serialization failure"],
  ["40P01", "deadlock detected"],
  ["53300", "too many connections"],
  ["55P03", "lock not available"],
  ["57014", "query canceled"],
  ["57P01", "admin shutdown"],
  ["57P03", "cannot connect now"],
  ["25P03", "idle in transaction session timeout"],
  ["ECONNREFUSED", "of Node"],
  ["EAI_AGAIN", "of Node"],
])("may be gone the next time: %s %s", (code) => {
  expect(classOf({ code })).toBe("transient")
})

it.each([
  "Connection terminated unexpectedly",
  "Connection terminated due to connection timeout",
  "timeout expired",
  "timeout exceeded when trying to connect",
  "Query read timeout",
  "Client has encountered a connection error and is not queryable",
])("may be gone the next time: %s", (message) => {
  expect(classOf({ message })).toBe("transient")
})

it("a local server's socket that is not there yet may be there the next time, another file will not", () => {
  expect(classOf({ code: "ENOENT", syscall: "connect" })).toBe("transient")
  expect(classOf({ code: "ENOENT", syscall: "open" })).toBe("permanent")
})

it.each<[object, string]>([
  [{ code: "42501" }, "insufficient privilege"],
  [{ code: "42883" }, "undefined function"],
  [{ code: "42P01" }, "undefined table"],
  [{ code: "28P01" }, "invalid password"],
  [{ code: "3D000" }, "no such database"],
  [{ code: "3F000" }, "no such schema"],
  [{ code: "57P04" }, "database dropped"],
  [{ code: "25006" }, "a standby takes no writes"],
  [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }, "not trusted"],
  [{ code: "ERR_TLS_CERT_ALTNAME_INVALID" }, "another host's certificate"],
  [{ message: "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string" }, "no password"],
  [{ message: "The server does not support SSL connections" }, "no SSL"],
])("has to be set right: %o %s", (fields) => {
  expect(classOf(fields)).toBe("configuration")
})

it("what was explained is what it was before", () => {
  expect(messageDbFailureClass(explainingSearchPath(error({ code: "42883" })))).toBe("configuration")
})

it.each([
  [error({ code: "P0001" })],
  [error({ code: "22P02" })],
  [error({ code: "XX001" })],
  [new TypeError("x is not a function")],
  ["a text"],
  [null],
  [undefined],
])("will be there the next time: %o", (failure) => {
  expect(messageDbFailureClass(failure)).toBe("permanent")
})

describe("errors of a real server and of its driver", needsMessageDb, () => {
  let database: FreshDatabase
  let pool: OwnedPool
  beforeAll(async () => {
    database = await freshMessageDb()
    pool = await openPool(database.connectionString, { max: 2 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  const classOfQuery = (sql: string) => classOfFailure(pool.query(sql))
  const classOfFailure = (work: Promise<unknown>) =>
    work.then(() => expect.unreachable("it succeeded"), messageDbFailureClass)

  it("a statement that takes too long is transient", async () => {
    const client = await pool.connect()
    await client.query("set statement_timeout = 1")
    expect(await classOfFailure(client.query("select pg_sleep(5)"))).toBe("transient")
    client.release(true)
  })

  it("a session that is ended is transient", async () => {
    expect(await classOfQuery("select pg_terminate_backend(pg_backend_pid())")).toBe("transient")
  })

  it("a missing table, a missing function and a missing right are configuration", async () => {
    expect(await classOfQuery("select * from no_such_table")).toBe("configuration")
    expect(await classOfQuery("select no_such_function()")).toBe("configuration")
    expect(await classOfQuery("select * from pg_authid")).toBe("configuration")
  })

  it("arguments that Message DB refuses are permanent", async () => {
    expect(await classOfQuery("select * from get_category_messages('a-1', 0, 10)")).toBe("permanent")
  })

  it("a wrong password and a missing database are configuration, a port where nobody listens is transient", async () => {
    const url = new URL(database.connectionString)
    const changed = async (change: Partial<Record<"password" | "pathname" | "port", string>>) => {
      const { default: pg } = await import("pg")
      const client = new pg.Client({ connectionString: Object.assign(new URL(url), change).href })
      client.on("error", () => undefined)
      return classOfFailure(client.connect())
    }
    expect(await changed({ password: "wrong" })).toBe("configuration")
    expect(await changed({ pathname: "/no_such_database" })).toBe("configuration")
    expect(await changed({ port: "1" })).toBe("transient")
  })

  it("a pool from which no connection comes in time is transient", async () => {
    const { default: pg } = await import("pg")
    const small = new pg.Pool({ connectionString: database.connectionString, max: 1, connectionTimeoutMillis: 50 })
    const client = await small.connect()
    expect(await classOfFailure(small.query("select 1"))).toBe("transient")
    client.release()
    await small.end()
  })
})
