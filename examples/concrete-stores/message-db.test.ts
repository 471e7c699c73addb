import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FreshDatabase } from "../../stores/message-db/fresh-database.js"
import { openPool, type OwnedPool } from "../../stores/message-db/open-pool.js"
import { freshMessageDb, needsMessageDb } from "../../stores/message-db/real-database.js"

/*
 * The programs of this folder, as processes, on a real Message DB. The pools of the programs keep their connections
 * for ten seconds, which is how long a program takes to end after it has stopped; so the tests run side by side.
 */
describe.concurrent(
  "the program of the Concrete stores page on Message DB",
  { ...needsMessageDb, timeout: 60_000 },
  () => {
    let database: FreshDatabase
    let pool: OwnedPool
    const children = new Set<ChildProcess>()

    beforeAll(async () => {
      database = await freshMessageDb()
      pool = await openPool(database.superuserConnectionString)
    })
    afterAll(async () => {
      for (const child of children) child.kill("SIGKILL")
      await pool.end()
      await database.drop()
    })

    const run = (program: string, env: Record<string, string>) => {
      const child = spawn(process.execPath, ["--import", "tsx", fileURLToPath(new URL(program, import.meta.url))], {
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        env: { ...process.env, MDB_CONN_STR: database.connectionString, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      })
      children.add(child)
      const handled: string[] = []
      createInterface({ input: child.stdout }).on("line", (line) => handled.push(line))
      let errors = ""
      child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()))
      const exited = once(child, "close").then(([code, signal]: unknown[]) => {
        children.delete(child)
        return { code, signal, errors }
      })
      return { handled, exited, kill: (signal: NodeJS.Signals) => child.kill(signal) }
    }
    const cleanly = { code: 0, signal: null, errors: "" }

    const write = async (category: string, streams: number, events: number) => {
      const env = { CATEGORY: category, STREAMS: String(streams), EVENTS: String(events) }
      expect(await run("write-events.ts", env).exited).toEqual(cleanly)
    }
    /** What is in the store, as the handler prints it, in the order of the store. */
    const written = async (category: string): Promise<string[]> => {
      const { rows } = await pool.query(
        "select stream_name, position, id from messages where category(stream_name) = $1 order by global_position",
        [category],
      )
      const messages = rows as { stream_name: string; position: string; id: string }[]
      return messages.map((message) => `handled ${message.stream_name} ${message.position} ${message.id}`)
    }
    const byStream = (lines: readonly string[]) => {
      const streams: Record<string, string[]> = {}
      for (const line of lines) (streams[line.split(" ")[1]!] ??= []).push(line)
      return streams
    }
    const storedPosition = async (category: string) => {
      const { rows } = await pool.query("select position from public.eqx_checkpoint where category = $1", [category])
      return (rows as { position: string }[]).map((row) => row.position)
    }
    const nextPosition = async (category: string) => {
      const { rows } = await pool.query(
        "select (max(global_position) + 1)::text as next from messages where category(stream_name) = $1",
        [category],
      )
      return (rows[0] as { next: string }).next
    }

    it("delivers what a second process writes, ends with Ctrl-C, and goes on with what is new", async ({ expect }) => {
      const category = "account"
      const first = run("message-db.ts", { CATEGORY: category })
      await write(category, 7, 100)
      await expect.poll(() => first.handled.length, { timeout: 20_000 }).toBe(100)
      first.kill("SIGINT")
      expect(await first.exited).toEqual(cleanly)
      expect(byStream(first.handled)).toEqual(byStream(await written(category)))
      expect(await storedPosition(category)).toEqual([await nextPosition(category)])

      await write(category, 9, 20)
      const second = run("message-db.ts", { CATEGORY: category })
      await expect.poll(() => second.handled.length, { timeout: 20_000 }).toBe(20)
      expect(byStream(second.handled)).toEqual(byStream((await written(category)).slice(100)))
    })

    it("loses nothing when it is killed", async ({ expect }) => {
      const category = "order"
      const first = run("message-db.ts", { CATEGORY: category })
      await write(category, 5, 100)
      // Killed after a checkpoint is stored, so that the second start has something to skip and something to repeat.
      await expect.poll(() => storedPosition(category), { timeout: 20_000 }).toEqual([await nextPosition(category)])
      const writing = write(category, 5, 300)
      await expect.poll(() => first.handled.length, { timeout: 20_000 }).toBeGreaterThan(150)
      first.kill("SIGKILL")
      expect(await first.exited).toMatchObject({ signal: "SIGKILL" })
      await writing

      const second = run("message-db.ts", { CATEGORY: category })
      const all = await written(category)
      const missing = () => all.filter((line) => !first.handled.includes(line) && !second.handled.includes(line))
      await expect.poll(missing, { timeout: 20_000 }).toEqual([])
      second.kill("SIGKILL")
      await second.exited
      expect(second.handled.filter((line) => all.indexOf(line) < 100)).toEqual([])
      // Each run by itself has every stream in order and without a hole.
      for (const { handled } of [first, second])
        for (const [stream, lines] of Object.entries(byStream(handled))) {
          const ofStream = byStream(all)[stream]!
          const from = ofStream.indexOf(lines[0]!)
          expect(lines).toEqual(ofStream.slice(from, from + lines.length))
        }
    })

    it("shares a category among the members of a group: disjoint, complete, each with a checkpoint", async ({
      expect,
    }) => {
      const category = "basket"
      const members = ["0", "1"].map((MEMBER) =>
        run("message-db-consumer-group.ts", { CATEGORY: category, MEMBER, SIZE: "2" }),
      )
      await write(category, 12, 120)
      const count = () => members.reduce((sum, { handled }) => sum + handled.length, 0)
      await expect.poll(count, { timeout: 20_000 }).toBe(120)
      for (const member of members) member.kill("SIGTERM")
      for (const member of members) expect(await member.exited).toEqual(cleanly)
      const shares = members.map(({ handled }) => byStream(handled))
      for (const share of shares) expect(Object.keys(share).length).toBeGreaterThan(0)
      expect(Object.keys(shares[0]!).filter((stream) => stream in shares[1]!)).toEqual([])
      expect({ ...shares[0], ...shares[1] }).toEqual(byStream(await written(category)))
      expect(await storedPosition(category)).toEqual(Array(2).fill(await nextPosition(category)))
    })
  },
)
