import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startEmbeddedMessageDb, type EmbeddedServer } from "./embedded-server.js"
import { installMessageDb } from "./install.js"
import { openPool } from "./open-pool.js"
import { needsEmbeddedMessageDb } from "./real-database.js"
import { StoreUnavailableError } from "../../engine/store-unavailable.js"

/** A program that starts a server in `folder`, says on which port, and then waits. */
const host = (folder: string) => `
  import { startEmbeddedMessageDb } from ${JSON.stringify(new URL("./embedded-server.ts", import.meta.url).href)}
  const server = await startEmbeddedMessageDb({ dataDir: ${JSON.stringify(folder)} })
  console.log(server.connectionString)
  setInterval(() => {}, 1000)`

/** Open to every user, as the system's temporary folder is: for root, PostgreSQL runs as another one. */
async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "windtunnel-test-"))
  await chmod(folder, 0o1777)
  return folder
}

describe("an embedded Message DB", needsEmbeddedMessageDb, () => {
  let folder: string
  let server: EmbeddedServer
  const log: string[] = []

  beforeAll(async () => {
    folder = await openFolder()
    server = await startEmbeddedMessageDb({ dataDir: folder, log: (line) => log.push(line) })
  })
  afterAll(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })

  it("listens on 127.0.0.1 alone, in UTF8 and with bytewise order", async () => {
    const pool = await openPool(server.superuserConnectionString)
    const { rows } = await pool.query(`
      select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
        current_setting('server_encoding') as encoding, datcollate as collation
      from pg_database where datname = current_database()`)
    expect(rows).toEqual([{ addresses: "127.0.0.1", sockets: "", encoding: "UTF8", collation: "C" }])
    await pool.end()
  })

  it("lets both logins call Message DB, and the role make a table in public", async () => {
    for (const login of [server.connectionString, server.superuserConnectionString]) {
      const pool = await openPool(login)
      await pool.query("select write_message(gen_random_uuid()::text, 'account-1', 'Opened', '{}')")
      await pool.query("create table public.probe (a int); drop table public.probe")
      await pool.end()
    }
  })

  it("says which port is taken", async () => {
    await expect(startEmbeddedMessageDb({ port: server.port, dataDir: folder })).rejects.toThrow(
      `port ${server.port} on 127.0.0.1 is in use`,
    )
  })

  it.runIf(process.getuid?.() === 0)("says which folder the unprivileged user cannot enter", async () => {
    const closed = await mkdtemp(join(tmpdir(), "windtunnel-test-"))
    await expect(startEmbeddedMessageDb({ dataDir: closed })).rejects.toThrow(`${closed} is not open to the user`)
    expect(await readdir(closed)).toEqual([])
    await rm(closed, { recursive: true })
  })

  it("never echoes a password: not when it is wrong, not in the log", async () => {
    const url = new URL(server.connectionString)
    const right = url.password
    url.password = "wrong-secret"
    const error = await openPool(url.href).catch((e: unknown) => e as StoreUnavailableError)
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain("wrong-secret")
    expect((error as Error).message).toContain("password authentication failed")
    expect(log.join("\n")).toContain("password authentication failed")
    expect(log.join("\n")).not.toContain(right)
  })

  it("takes a password with any characters for the role", async () => {
    const password = `it's \\ "quoted" 'and' %`
    const admin = await openPool(server.superuserConnectionString)
    await installMessageDb(admin, { password })
    const url = new URL(server.connectionString)
    const before = url.password
    url.password = encodeURIComponent(password)
    const login = await openPool(url.href)
    expect((await login.query("select message_store_version() as version")).rows).toEqual([{ version: "1.3.0" }])
    await login.end()
    await installMessageDb(admin, { password: before })
    await admin.end()
  })

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("is gone after its program died by %s", async (signal) => {
    const own = await openFolder()
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", host(own)], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const [connectionString] = (await once(createInterface({ input: child.stdout }), "line")) as [string]
    await (await openPool(connectionString)).end()
    child.kill(signal)
    await once(child, "exit")
    await expect.poll(() => readdir(own), { timeout: 10_000 }).toEqual([])
    await expect(openPool(connectionString)).rejects.toThrow("ECONNREFUSED")
    await rm(own, { recursive: true })
  })

  it("does not keep its program alive", async () => {
    const own = await openFolder()
    const program = host(own).replace(/setInterval.*$/, "")
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      stdio: "ignore",
    })
    expect(await once(child, "exit")).toEqual([0, null])
    await expect.poll(() => readdir(own), { timeout: 10_000 }).toEqual([])
    await rm(own, { recursive: true })
  })

  it("leaves nothing in its folder when it is stopped, and may be stopped twice", async () => {
    const own = await openFolder()
    const second = await startEmbeddedMessageDb({ dataDir: own })
    await Promise.all([second.stop(), second.stop()])
    await second.stop()
    expect(await readdir(own)).toEqual([])
    await rm(own, { recursive: true })
  })
})

describe("openPool", () => {
  it("names host, port, database and user of a server that does not answer, and not the password", async () => {
    await expect(openPool("postgres://me:secret@127.0.0.1:1/store")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StoreUnavailableError: PostgreSQL at 127.0.0.1:1/store as me could not be reached: connect ECONNREFUSED 127.0.0.1:1]`,
    )
  })
  it("does not echo what is no connection string", async () => {
    await expect(openPool("host=localhost password=secret")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StoreUnavailableError: the connection string of the PostgreSQL server is not one]`,
    )
  })
})
