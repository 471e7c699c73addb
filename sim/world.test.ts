import { EventEmitter } from "node:events"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { failsAfterwardsWith, failsWith } from "./failure.js"
import { liveWorld } from "./live-world.js"
import { simulate } from "./simulate.js"
import type { Happening, TraceEvent } from "./trace.js"
import type { FaultPlan, ProcessContext, World } from "./world.js"

/** What a scenario can rely on in either world. */
const worlds = [
  {
    kind: "simulated",
    inWorld: async (main: (world: World) => Promise<void>, seed: number | string = 1) => {
      const { outcome } = await simulate(seed, main)
      if (outcome.kind === "failed") throw outcome.error
    },
  },
  {
    kind: "real",
    inWorld: async (main: (world: World) => Promise<void>, seed: number | string = 1) => {
      const world = liveWorld({ seed })
      try {
        await main(world)
      } finally {
        world.close()
      }
    },
  },
] as const

/** A mailer as somebody else would write it: a class with private state, promises and an own event. */
class Mailer extends EventEmitter {
  readonly sent: string[] = []
  readonly settings = { sender: "shop" }
  #connected = true

  async send(text: string): Promise<number> {
    if (!this.#connected) throw new Error("not connected")
    this.sent.push(text)
    return this.sent.length
  }

  disconnect(): void {
    this.#connected = false
  }
}

const collect = (world: World) => {
  const events: TraceEvent[] = []
  world.trace.subscribe((event) => events.push(event))
  return (kind: Happening["kind"]) => events.filter((event) => event.kind === kind)
}

/** Resolves after everything that is under way had ample time to arrive. */
const aWhile = (world: World) => world.clock.sleep(20)

describe.each(worlds)("in a $kind world", ({ kind, inWorld }) => {
  it("says which kind it is", () =>
    inWorld(async (world) => {
      expect(world.kind).toBe(kind)
    }))

  describe("a port", () => {
    it("passes calls to the object, with the object itself as this, and results back by reference", () =>
      inWorld(async (world) => {
        const reply = { rows: [] }
        class Store {
          readonly #secret = reply
          async read() {
            return this.#secret
          }
          readAtOnce() {
            return this.#secret
          }
        }
        const store = world.port("store", new Store())
        expect(await store.read()).toBe(reply)
        // Through a port every method is asynchronous.
        await expect(store.readAtOnce() as unknown).resolves.toBe(reply)
      }))

    it("passes errors on, thrown and rejected ones", () =>
      inWorld(async (world) => {
        const error = new Error("out of paper")
        const port = world.port("printer", {
          thrown: (): Promise<void> => {
            throw error
          },
          rejected: () => Promise.reject(error),
        })
        await expect(port.thrown()).rejects.toBe(error)
        await expect(port.rejected()).rejects.toBe(error)
      }))

    it("shows plain properties as they are, and is an instance of the object's class", () =>
      inWorld(async (world) => {
        const mailer = new Mailer()
        const port = world.port("mailer", mailer)
        expect(port.settings).toBe(mailer.settings)
        expect(port).toBeInstanceOf(Mailer)
        expect(Object.keys(port)).toEqual(Object.keys(mailer))
        expect("send" in port).toBe(true)
        Object.assign(port, { added: 1 })
        expect(mailer).toHaveProperty("added", 1)
        expect(Reflect.get(port, "send")).toBe(Reflect.get(port, "send"))
      }))

    it("wraps frozen objects", () =>
      inWorld(async (world) => {
        const port = world.port("frozen", Object.freeze({ answer: async () => 42 }))
        expect(await port.answer()).toBe(42)
      }))

    it("lets methods that answer at once pass straight through: those named, and those of an EventEmitter", () =>
      inWorld(async (world) => {
        const mailer = new Mailer()
        const port = world.port("mailer", mailer, { sync: ["disconnect"] })
        const heard: string[] = []
        const listener = (text: string) => void heard.push(text)
        expect(port.on("bounced", listener)).toBe(port)
        mailer.emit("bounced", "a")
        port.off("bounced", listener)
        mailer.emit("bounced", "b")
        expect(heard).toEqual(["a"])
        port.disconnect()
        await expect(port.send("x")).rejects.toThrow("not connected")
      }))

    it("understands callbacks in Node's style", () =>
      inWorld(async (world) => {
        const pool = {
          query: (text: string, done: (error: Error | null, result?: string) => void) => {
            if (text === "bad") done(new Error("syntax"))
            else done(null, `result of ${text}`)
          },
        }
        const port = world.port("database", pool)
        const asked = (text: string) => new Promise((resolve) => port.query(text, (...answer) => resolve(answer)))
        expect(await asked("good")).toEqual([null, "result of good"])
        expect(await asked("bad")).toEqual([new Error("syntax")])
      }))

    it("passes only the first call of a callback on", () =>
      inWorld(async (world) => {
        const heard: unknown[] = []
        const clumsy = {
          ask: (done: (error: null, answer: number) => void) => {
            done(null, 1)
            done(null, 2)
            throw new Error("and then this")
          },
        }
        world.port("clumsy", clumsy).ask((_, answer) => heard.push(answer))
        await aWhile(world)
        expect(heard).toEqual([1])
      }))

    it("wraps the results of nested methods, the same object always into the same port", () =>
      inWorld(async (world) => {
        const calls: string[] = []
        const client = {
          query: async (text: string) => void calls.push(text),
          release: () => void calls.push("release"),
        }
        const pool = world.port("database", { connect: async () => client }, { nested: ["connect"] })
        const first = await pool.connect()
        expect(first).not.toBe(client)
        expect(await pool.connect()).toBe(first)
        await first.query("select 1")
        first.release()
        expect(calls).toEqual(["select 1", "release"])
      }))

    it("refuses what is no object", () =>
      inWorld(async (world) => {
        expect(() => world.port("mailer", () => 1)).toThrow(
          'port: option "object" must be an object, received a function',
        )
      }))
  })

  describe("a connection", () => {
    it("gets calls one at a time in the order in which they were made, and replies come in that order", () =>
      fc.assert(
        fc.asyncProperty(fc.array(queries, { minLength: 2, maxLength: 8 }), fc.nat(), (calls, seed) =>
          inWorld(async (world) => {
            world.fault({ port: "database", delay: { rate: 0.3, ms: [0, 3] } })
            const connection = new Connection(world)
            const client = await pooled(world, connection)
            const heard: number[] = []
            const asked = calls.map(({ style, ms }, n) =>
              ask(client, style, String(n), ms).then((answer) => heard.push(answer)),
            )
            await Promise.all(asked)
            expect(connection.log).toEqual(calls.flatMap((_, n) => [`${n} begins`, `${n} ends`]))
            expect(heard).toEqual(calls.map((_, n) => n + 1))
          }, seed),
        ),
        { numRuns: kind === "simulated" ? 100 : 10 },
      ))

    it("is what a port with an order of its own is; on any other port calls overtake each other", () =>
      inWorld(async (world) => {
        const finished = async (ordered: boolean) => {
          const connection = new Connection(world)
          const port = world.port("database", connection, { ordered })
          await Promise.all([port.query("slow", 20), port.query("quick", 0)])
          return connection.log.filter((line) => line.endsWith("ends"))
        }
        expect(await finished(true)).toEqual(["slow ends", "quick ends"])
        expect(await finished(false)).toEqual(["quick ends", "slow ends"])
      }))

    it("does not wait for another connection of its pool", () =>
      inWorld(async (world) => {
        const connections = [new Connection(world), new Connection(world)]
        const [stuck, free] = [...connections]
        const pool = world.port("pool", { connect: async () => connections.shift()! }, { nested: ["connect"] })
        const first = await pool.connect()
        const second = await pool.connect()
        void first.query("for ever", 1_000_000)
        void first.query("never", 0)
        expect(await second.query("at once", 0)).toBe(1)
        await aWhile(world)
        expect([stuck!.log, free!.log]).toEqual([["for ever begins"], ["at once begins", "at once ends"]])
      }))

    it.each(["promise", "callback"] as const)(
      "sees nothing of the calls that waited for their turn when the process crashed (%s)",
      (style) =>
        inWorld(async (world) => {
          const connection = new Connection(world)
          const heard: number[] = []
          const process = world.process("p", async (self) => {
            const client = await pooled(self, connection)
            for (const [n, ms] of [0, 20, 0, 0].entries())
              void ask(client, style, `${self.id} ${n}`, ms).then((answer) => heard.push(answer))
            await new Promise(() => undefined)
          })
          await until(world, () => connection.log.includes("p#1 1 begins"))
          process.crash()
          await world.clock.sleep(40)
          // What had reached the connection takes its course there.
          const first = ["p#1 0 begins", "p#1 0 ends", "p#1 1 begins", "p#1 1 ends"]
          expect({ log: connection.log, heard }).toEqual({ log: first, heard: [1] })

          process.restart()
          await until(world, () => heard.length === 5)
          expect(connection.log.slice(first.length)).toEqual(
            [0, 1, 2, 3].flatMap((n) => [`p#2 ${n} begins`, `p#2 ${n} ends`]),
          )
          process.crash()
        }),
    )

    it.each<[string, FaultPlan, string[]]>([
      ["request", { operations: ["commit"], requestLost: 1 }, ["a begins", "a ends"]],
      ["reply", { operations: ["commit"], replyLost: 1 }, ["a begins", "a ends", "commit"]],
    ])("breaks with a lost %s: what waited behind it gets there too late", (_, plan, log) =>
      inWorld(async (world) => {
        world.fault(plan)
        for (const style of ["promise", "callback"] as const) {
          const connection = new Connection(world)
          const client = await pooled(world, connection)
          const heard: string[] = []
          const note = (call: Promise<number>) =>
            call.then(
              (answer) => heard.push(`answer ${answer}`),
              (error: unknown) => heard.push((error as Error).message),
            )
          const commit = () =>
            style === "promise"
              ? client.commit()
              : new Promise<number>((resolve, reject) => client.commit(settled(resolve, reject)))
          await Promise.all([
            note(ask(client, style, "a", 3)),
            note(commit()),
            note(ask(client, style, "b", 0)),
            note(ask(client, style, "c", 0)),
          ])
          expect(heard).toEqual(["answer 1", "connection lost during database.commit", "broken", "broken"])
          expect(connection.log).toEqual(log)
        }
      }),
    )

    it("puts what a callback asks for behind what waits already", () =>
      inWorld(async (world) => {
        const connection = new Connection(world)
        const client = await pooled(world, connection)
        const last = new Promise((resolve) => {
          client.query("a", 0, () => client.query("c", 0, resolve))
          client.query("b", 0, () => undefined)
        })
        await last
        expect(connection.log.filter((line) => line.endsWith("begins"))).toEqual(["a begins", "b begins", "c begins"])
      }))

    it("gets no more calls of a process that failed in a callback", () =>
      inWorld(async (world) => {
        const connection = new Connection(world)
        const error = new Error("no disk")
        const process = world.process("p", async (self) => {
          const client = await pooled(self, connection)
          client.query("a", 0, () => {
            throw error
          })
          client.query("b", 0, () => undefined)
          await new Promise(() => undefined)
        })
        expect(await process.ended).toEqual({ kind: "failed", error })
        await aWhile(world)
        expect(connection.log).toEqual(["a begins", "a ends"])
      }))

    it("lets many calls wait that the object answers at once", () =>
      inWorld(async (world) => {
        const heard: number[] = []
        const echo = world.port(
          "echo",
          {
            slow: (done: () => void) => void world.clock.sleep(1).then(done),
            call: (n: number, done: Answered) => done(null, n),
          },
          { ordered: true },
        )
        const numbers = Array.from({ length: 5_000 }, (_, n) => n)
        echo.slow(() => undefined)
        for (const n of numbers) echo.call(n, (_, answer) => heard.push(answer))
        await until(world, () => heard.length === numbers.length)
        expect(heard).toEqual(numbers)
      }))
  })

  describe("a process", () => {
    it("runs, and says how it ended", () =>
      inWorld(async (world) => {
        const error = new Error("no disk")
        const good = world.process("good", async () => undefined)
        const bad = world.process("bad", () => Promise.reject(error))
        const throwing = world.process("throwing", () => {
          throw error
        })
        expect([good.state, bad.state]).toEqual(["running", "running"])
        expect(await Promise.all([good.ended, bad.ended, throwing.ended])).toEqual([
          { kind: "ok" },
          { kind: "failed", error },
          { kind: "failed", error },
        ])
        expect([good.state, bad.state, throwing.state]).toEqual(["ended", "failed", "failed"])
      }))

    it("is asked to end by its signal", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const service = world.process("service", async (self) => {
          await self.clock.sleep(100_000, self.signal)
        })
        await aWhile(world)
        service.stop()
        service.stop()
        expect(service.state).toBe("stopping")
        expect(await service.ended).toEqual({ kind: "ok" })
        expect(service.state).toBe("ended")
        expect(events("AbortRequested")).toMatchObject([{ process: "service#1" }])
      }))

    it("can be restarted under a new identity once it is over, and not before", () =>
      inWorld(async (world) => {
        const ids: string[] = []
        const process = world.process("p", async (self) => {
          ids.push(self.id)
        })
        expect(() => process.restart()).toThrow(
          'process "p" is running: only one that crashed, ended or failed can be restarted',
        )
        await process.ended
        process.restart()
        expect(process.state).toBe("running")
        await process.ended
        expect(ids).toEqual(["p#1", "p#2"])
      }))

    it("needs a name of its own", () =>
      inWorld(async (world) => {
        world.process("p", async () => undefined)
        expect(() => world.process("p", async () => undefined)).toThrow(
          'world.process: option "name" must be a non-empty name that no other process has, received "p"',
        )
      }))

    it("takes what it left running with it when it ends, like a process of the operating system", () =>
      inWorld(async (world) => {
        const mailer = new Mailer()
        const process = world.process("p", async (self) => {
          void self.clock.sleep(5).then(() => mailer.sent.push("late"))
        })
        await process.ended
        await aWhile(world)
        expect(mailer.sent).toEqual([])
      }))
  })

  describe("a crash", () => {
    it("ends an incarnation at once; nothing of it ever goes on", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const mailer = new Mailer()
        const gone: string[] = []
        let zombie!: ProcessContext & { mailer: Mailer }
        const process = world.process("p", async (self) => {
          const port = self.port("mailer", mailer, { sync: ["disconnect"] })
          zombie = Object.assign({ mailer: port }, self)
          port.on("bounced", () => gone.push("event"))
          self.signal.addEventListener("abort", () => gone.push("abort"))
          void self.clock.sleep(5).then(() => gone.push("sleep"))
          void self.clock.turn().then(() => gone.push("turn"))
          void port.send("first").then(() => gone.push("reply"))
          await new Promise(() => undefined)
        })
        await until(world, () => mailer.sent.length > 0 || gone.includes("turn"))
        process.crash()
        gone.length = 0
        const sent = mailer.sent.length

        void zombie.mailer.send("zombie").then(() => gone.push("late reply"))
        zombie.mailer.disconnect()
        expect(zombie.mailer.on("bounced", () => gone.push("late event"))).toBe(zombie.mailer)
        void zombie.clock.sleep(0).then(() => gone.push("late sleep"))
        void zombie.clock.turn().then(() => gone.push("late turn"))
        zombie.trace.emit({ kind: "TailReported", run: "zombie" })
        mailer.emit("bounced", "x")
        process.stop()

        expect(process.state).toBe("crashed")
        expect(await process.ended).toEqual({ kind: "crashed" })
        await aWhile(world)
        expect(gone).toEqual([])
        expect(mailer.sent).toHaveLength(sent)
        await mailer.send("still connected")
        expect(events("TailReported")).toEqual([])
        expect(events("Crashed")).toMatchObject([{ process: "p#1" }])
        expect(events("Fault")).toMatchObject([{ fault: "crash", process: "p#1" }])
      }))

    it("leaves a call that reached its object with its effect and without its reply", () =>
      inWorld(async (world) => {
        let finish!: () => void
        const effects: string[] = []
        const store = {
          write: async () => {
            await new Promise<void>((resolve) => (finish = resolve))
            effects.push("written")
          },
        }
        const events = collect(world)
        const lost: object[] = []
        let learned = false
        const process = world.process("p", async (self) => {
          await self.port("store", store, { onLost: (object) => lost.push(object) }).write()
          learned = true
        })
        world.fault({ replyLost: 1 })
        await until(world, () => (finish as unknown) !== undefined)
        process.crash()
        finish()
        await aWhile(world)
        expect({ effects, learned }).toEqual({ effects: ["written"], learned: false })
        // Nobody was there who could have lost the reply.
        expect({ lost, faults: events("Fault").length }).toEqual({ lost: [], faults: 1 })
      }))

    it("is followed by the cleanup that an operating system would do, also after a failure, not after a good end", () =>
      inWorld(async (world) => {
        const cleaned: string[] = []
        const start = (name: string, main: () => Promise<void>) =>
          world.process(name, async (self) => {
            self.onCrash(() => cleaned.push(`${name} 1`))
            self.onCrash(() => cleaned.push(`${name} 2`))
            await main()
          })
        const crashing = start("crashing", () => new Promise(() => undefined))
        start("failing", () => Promise.reject(new Error("no disk")))
        start("good", () => Promise.resolve())
        await aWhile(world)
        crashing.crash()
        await aWhile(world)
        expect(cleaned.sort()).toEqual(["crashing 1", "crashing 2", "failing 1", "failing 2"])
      }))

    it("has no effect on a process that is over", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const process = world.process("p", async () => undefined)
        await process.ended
        process.crash()
        expect(process.state).toBe("ended")
        expect(events("Crashed")).toEqual([])
      }))

    it("spares an incarnation that comes later: it is another life", () =>
      inWorld(async (world) => {
        const mailer = new Mailer()
        const process = world.process("p", async (self) => {
          if (self.id === "p#1") await new Promise(() => undefined)
          await self.port("mailer", mailer).send(self.id)
        })
        await aWhile(world)
        process.crash()
        process.restart()
        await process.ended
        expect(mailer.sent).toEqual(["p#2"])
      }))
  })

  describe("a pause", () => {
    it("keeps a process from acting while others go on; what was under way takes effect, and its answer comes late", () =>
      inWorld(async (world) => {
        const mailer = new Mailer()
        const zombie = world.process("zombie", async (self) => {
          const port = self.port("mailer", mailer)
          await port.send("before")
          await self.clock.sleep(5)
          await port.send("after")
        })
        await until(world, () => mailer.sent.length === 1)
        zombie.pause()
        const successor = world.process("successor", async (self) => {
          await self.clock.sleep(10)
          await self.port("mailer", mailer).send("meanwhile")
        })
        await successor.ended
        expect([zombie.state, zombie.paused, mailer.sent]).toEqual(["running", true, ["before", "meanwhile"]])
        zombie.resume()
        await zombie.ended
        expect([zombie.paused, mailer.sent]).toEqual([false, ["before", "meanwhile", "after"]])
      }))

    it("lets a stop wait, and ends with a crash", () =>
      inWorld(async (world) => {
        const main = async (self: ProcessContext) => self.clock.sleep(1_000_000, self.signal)
        const [stopped, crashed] = [world.process("stopped", main), world.process("crashed", main)]
        await aWhile(world)
        for (const process of [stopped, crashed]) process.pause()
        stopped.stop()
        crashed.crash()
        await aWhile(world)
        expect([stopped.state, stopped.paused]).toEqual(["stopping", true])
        expect([crashed.state, crashed.paused]).toEqual(["crashed", false])
        stopped.resume()
        expect(await stopped.ended).toEqual({ kind: "ok" })
      }))

    it("is none where nobody lives or is paused", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const process = world.process("p", async () => undefined)
        await process.ended
        process.pause()
        process.resume()
        expect([process.paused, events("Fault"), events("Resumed")]).toEqual([false, [], []])
      }))
  })

  describe("a fault plan", () => {
    it("loses requests: no effect, and an error for the caller", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const mailer = new Mailer()
        const lost: object[] = []
        world.fault({ port: "mailer", requestLost: 1 })
        const port = world.port("mailer", mailer, { onLost: (object) => lost.push(object) })
        await expect(port.send("x")).rejects.toThrow("connection lost during mailer.send")
        expect(mailer.sent).toEqual([])
        expect(lost).toEqual([mailer])
        expect(events("Fault")).toMatchObject([
          { fault: "requestLost", process: "world", port: "mailer", operation: "send" },
        ])
      }))

    it("loses replies: an effect, yet an error for the caller", () =>
      inWorld(async (world) => {
        const mailer = new Mailer()
        const lost: object[] = []
        world.fault({ port: "mailer", replyLost: 1 })
        const port = world.port("mailer", mailer, {
          lost: (operation) => Object.assign(new Error(`${operation} timed out`), { code: "ETIMEDOUT" }),
          onLost: (object) => lost.push(object),
        })
        await expect(port.send("x")).rejects.toMatchObject({ message: "send timed out", code: "ETIMEDOUT" })
        expect(mailer.sent).toEqual(["x"])
        expect(lost).toEqual([mailer])
      }))

    it("names the object that nobody got when the reply of a nested method is lost", () =>
      inWorld(async (world) => {
        const lost: object[] = []
        const client = {}
        const pool = world.port(
          "pool",
          { connect: async () => client },
          { nested: ["connect"], onLost: (object) => lost.push(object) },
        )
        world.fault({ replyLost: 1 })
        await expect(pool.connect()).rejects.toThrow("connection lost during pool.connect")
        expect(lost).toEqual([client])
      }))

    it("delays replies", () =>
      inWorld(async (world) => {
        const events = collect(world)
        world.fault({ delay: { rate: 1, ms: [30, 30] } })
        const before = world.clock.now()
        await world.port("mailer", new Mailer()).send("x")
        // A real timer may fire up to a millisecond early.
        expect(world.clock.now() - before).toBeGreaterThanOrEqual(29)
        expect(events("Fault")).toMatchObject([{ fault: "delay" }])
      }))

    it("crashes a process at its calls, at most so many times, and restarts it after a pause", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const mailer = new Mailer()
        world.fault({ process: "p", port: "mailer", crash: { rate: 1, restartAfterMs: [2, 4], most: 3 } })
        const process = world.process("p", async (self) => {
          await self.port("mailer", mailer).send(self.id)
        })
        await until(world, () => mailer.sent.length > 0)
        expect(mailer.sent).toEqual(["p#4"])
        expect(await process.ended).toEqual({ kind: "ok" })
        expect(events("Crashed")).toMatchObject(["p#1", "p#2", "p#3"].map((id) => ({ process: id })))
        expect(events("Fault")).toMatchObject(Array(3).fill({ fault: "crash", port: "mailer", operation: "send" }))
      }))

    it("leaves a process that is stopped or crashed by hand where it is", () =>
      inWorld(async (world) => {
        const events = collect(world)
        world.fault({ port: "mailer", crash: { rate: 1, restartAfterMs: [10, 10], most: 100 } })
        const start = (name: string) =>
          world.process(name, async (self) => {
            await self.port("mailer", new Mailer()).send("x")
          })
        const [stopped, crashed] = [start("stopped"), start("crashed")]
        await Promise.all([stopped.ended, crashed.ended])
        stopped.stop()
        crashed.crash()
        await aWhile(world)
        expect([stopped.state, crashed.state]).toEqual(["crashed", "crashed"])
        const ids = events("Crashed").map((event) => event.kind === "Crashed" && event.process)
        expect(ids.sort()).toEqual(["crashed#1", "stopped#1"])
      }))

    it("does not restart what was restarted by hand in the meantime", () =>
      inWorld(async (world) => {
        const mailer = new Mailer()
        world.fault({ port: "mailer", crash: { rate: 1, restartAfterMs: [5, 5], most: 1 } })
        const process = world.process("p", async (self) => {
          await self.port("mailer", mailer).send(self.id)
        })
        await process.ended
        process.restart()
        await process.ended
        await aWhile(world)
        expect(mailer.sent).toEqual(["p#2"])
      }))

    it("lets a request arrive once more, where the port says that it may, even when its sender is dead", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const mailer = new Mailer()
        world.fault({ repeat: { rate: 1, ms: [10, 10] } })
        const repeats = (operation: string) => operation === "send"
        const process = world.process("p", async (self) => {
          expect(await self.port("mailer", mailer, { repeats }).send("repeated")).toBe(1)
          await self.port("connection", mailer).send("once")
        })
        expect(await process.ended).toEqual({ kind: "ok" })
        await aWhile(world)
        expect(mailer.sent).toEqual(["repeated", "once", "repeated"])
        expect(events("Fault")).toMatchObject([{ fault: "repeat", process: "p#1", operation: "send", ms: 10 }])
      }))

    it("pauses a process for a while: nothing of it happens, and then it goes on", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const mailer = new Mailer()
        world.fault({ process: "p", port: "mailer", pause: { rate: 1, ms: [30, 30], most: 1 } })
        const process = world.process("p", async (self) => {
          const port = self.port("mailer", mailer)
          await port.send("first")
          await port.send("second")
        })
        await until(world, () => mailer.sent.length === 1)
        await world.clock.sleep(5)
        expect([process.paused, mailer.sent]).toEqual([true, ["first"]])
        await process.ended
        expect([process.paused, mailer.sent]).toEqual([false, ["first", "second"]])
        expect(events("Fault")).toMatchObject([{ fault: "pause", process: "p#1", port: "mailer", ms: 30 }])
        expect(events("Resumed")).toMatchObject([{ process: "p#1" }])
      }))

    it("sets the clock of each incarnation ahead or behind, and lets it jump, while pauses stay as long as they are", () =>
      inWorld(async (world) => {
        const events = collect(world)
        world.fault({ process: "p", clockSkew: [-500, -500] })
        world.fault({ process: "p", port: "mailer", clockJump: { rate: 1, ms: [90_000, 90_000], most: 1 } })
        const behind: number[] = []
        const process = world.process("p", async (self) => {
          const { clock } = self
          const read = () => behind.push(Math.round((world.clock.now() - clock.now()) / 100) * 100)
          read()
          await self.port("mailer", new Mailer()).send("x")
          read()
          await clock.sleep(10)
          read()
        })
        expect(await process.ended).toEqual({ kind: "ok" })
        expect(behind).toEqual([500, -89_500, -89_500])
        expect(events("Fault")).toMatchObject([
          { fault: "clockSkew", ms: -500 },
          { fault: "clockJump", ms: 90_000 },
        ])
      }))

    it("brings about failures that a port knows, before the effect or after it", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const mailer = new Mailer()
        const failures = {
          full: failsWith((operation) => new Error(`the mailbox is full: ${operation}`)),
          crossed: failsAfterwardsWith(() => new Error("crossed")),
          none: failsWith(
            () => new Error("never"),
            () => false,
          ),
        }
        const port = world.port("mailer", mailer, { failures })
        const end = world.fault({ failures: { full: 1, none: 1, unknown: 1 } })
        await expect(port.send("a")).rejects.toThrow("the mailbox is full: send")
        end()
        world.fault({ failures: { crossed: 1 } })
        await expect(port.send("b")).rejects.toThrow("crossed")
        expect(mailer.sent).toEqual(["b"])
        expect(events("Fault")).toMatchObject([
          { fault: "full", port: "mailer", operation: "send" },
          { fault: "crossed", port: "mailer", operation: "send" },
        ])
      }))

    it("strikes where no port is, when it is asked", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const at = { port: "feed", operation: "page" }
        expect(world.strikes("duplicate", at)).toBe(false)
        world.fault({ port: "feed", failures: { duplicate: 1 } })
        world.fault({ process: "p", failures: { torn: 1 } })
        expect([world.strikes("duplicate", at), world.strikes("torn", at)]).toEqual([true, false])
        await world.process("p", async (self) => {
          expect(self.strikes("torn", at)).toBe(true)
        }).ended
        expect(events("Fault")).toMatchObject([
          { fault: "duplicate", process: "world", port: "feed" },
          { fault: "torn", process: "p#1", port: "feed" },
        ])
      }))

    it("concerns what calls are about, where a port tells", () =>
      inWorld(async (world) => {
        const events = collect(world)
        const describe = (_: string, [text]: readonly unknown[]) => ({ what: "mail", of: String(text) })
        world.fault({ operations: ["mail"], requestLost: 1 })
        await expect(world.port("mailer", new Mailer(), { describe }).send("x")).rejects.toThrow("connection lost")
        expect(await world.port("mailer", new Mailer()).send("x")).toBe(1)
        expect(events("Fault")).toMatchObject([{ fault: "requestLost", operation: "send" }])
      }))

    it("concerns the ports, operations and processes that it names, and no other", () =>
      inWorld(async (world) => {
        world.fault({ process: "p", port: "mailer", operations: ["send"], requestLost: 1 })
        const service = { send: async () => "sent", look: async () => "seen" }
        const tried = (call: () => Promise<string>) => call().catch(() => "lost")
        const answers: Record<string, string[]> = {}
        const start = (name: string) =>
          world.process(name, async (self) => {
            const [mailer, other] = [self.port("mailer", service), self.port("other", service)]
            answers[name] = [await tried(mailer.send), await tried(mailer.look), await tried(other.send)]
          }).ended
        await Promise.all([start("p"), start("q")])
        expect(answers).toEqual({ p: ["lost", "seen", "sent"], q: ["sent", "seen", "sent"] })
      }))

    it("draws for each process apart: what befalls one depends neither on the others nor on the scenario's draws", async () => {
      const fates = async (names: readonly string[], draws: number) => {
        const fate = new Map<string, string>()
        await inWorld(async (world) => {
          world.fault({ requestLost: 0.5 })
          for (let i = 0; i < draws; i++) world.random.next()
          const started = names.map((name) =>
            world.process(name, async (self) => {
              const service = self.port("service", { call: async () => "+" })
              let signs = ""
              for (let i = 0; i < 30; i++) signs += await service.call().catch(() => "-")
              fate.set(name, signs)
            }),
          )
          await Promise.all(started.map(({ ended }) => ended))
        })
        return fate
      }
      const alone = await fates(["p"], 0)
      const together = await fates(["q", "p", "r"], 3)
      expect(together.get("p")).toBe(alone.get("p"))
      expect(new Set(together.values()).size).toBe(3)
    })

    it("ends by its own switch, or with all others when the world is healed", () =>
      inWorld(async (world) => {
        const service = world.port("service", { call: async () => "done" })
        const end = world.fault({ requestLost: 1 })
        await expect(service.call()).rejects.toThrow()
        end()
        expect(await service.call()).toBe("done")
        world.fault({ requestLost: 1 })
        world.fault({ replyLost: 1 })
        world.heal()
        expect(await service.call()).toBe("done")
      }))

    it.each<[FaultPlan, string]>([
      [{ requestLost: 1.1 }, 'world.fault: option "requestLost" must be a probability from 0 to 1, received 1.1'],
      [
        { delay: { rate: 1, ms: [3, 1] } },
        'world.fault: option "delay.ms" must be a range [from, to] of whole milliseconds of at least 0, received [3, 1]',
      ],
      [
        { crash: { rate: 1, restartAfterMs: [0, 1], most: 0 } },
        'world.fault: option "crash.most" must be an integer of at least 1, received 0',
      ],
      [
        { pause: { rate: 1, ms: [-1, 1], most: 1 } },
        'world.fault: option "pause.ms" must be a range [from, to] of whole milliseconds of at least 0, received [-1, 1]',
      ],
      [
        { failures: { deadlock: 2 } },
        'world.fault: option "failures.deadlock" must be a probability from 0 to 1, received 2',
      ],
      [
        { lost: 1 } as FaultPlan,
        'world.fault: option "lost" must be one of port, operations, process, requestLost, replyLost, delay, repeat, crash, pause, clockSkew, clockJump, failures, received "an unknown option"',
      ],
    ])("refuses %j", (plan, message) =>
      inWorld(async (world) => {
        expect(() => world.fault(plan)).toThrow(message)
      }),
    )
  })

  it("a process that was killed has no effect later, whatever it was doing", () =>
    fc.assert(
      fc.asyncProperty(programs, fc.nat(), fc.integer({ min: 0, max: 12 }), (program, seed, killAfterMs) =>
        inWorld(async (world) => {
          const log: { by: string; text: string }[] = []
          const service = { note: async (by: string, text: string) => void log.push({ by, text }) }
          const process = world.process("p", (self) => run(program, self, self.port("log", service)))
          await world.clock.sleep(kind === "simulated" ? killAfterMs : killAfterMs / 4)
          process.crash()
          const before = log.filter(({ by }) => by === "p#1").length
          process.restart()
          await process.ended
          await world.clock.sleep(kind === "simulated" ? 100 : 5)
          expect(log.filter(({ by }) => by === "p#1")).toHaveLength(before)
          // Without this the test would hold for a world in which nothing ever happens.
          expect(log.filter(({ by }) => by === "p#2")).toHaveLength(effectsOf(program))
        }, seed),
      ),
      { numRuns: kind === "simulated" ? 100 : 20 },
    ))
})

type Answered = (error: Error | null, answer: number) => void

/** A connection of a driver that leaves it to its caller to ask for one thing at a time. */
class Connection {
  readonly log: string[] = []
  readonly #world: Pick<World, "clock">
  #answers = 0
  #broken = false

  constructor(world: Pick<World, "clock">) {
    this.#world = world
  }

  query(text: string, ms: number): Promise<number>
  query(text: string, ms: number, done: Answered): void
  query(text: string, ms: number, done?: Answered): Promise<number> | void {
    const answer = this.#query(text, ms)
    return done === undefined ? answer : pass(answer, done)
  }

  commit(): Promise<number>
  commit(done: Answered): void
  commit(done?: Answered): Promise<number> | void {
    this.log.push("commit")
    const answer = Promise.resolve(++this.#answers)
    return done === undefined ? answer : pass(answer, done)
  }

  cut(): void {
    this.#broken = true
  }

  async #query(text: string, ms: number): Promise<number> {
    if (this.#broken) throw new Error("broken")
    this.log.push(`${text} begins`)
    await this.#world.clock.sleep(ms)
    this.log.push(`${text} ends`)
    return ++this.#answers
  }
}

/** The connection as a pool's client gets it. */
function pooled(by: Pick<World, "port">, connection: Connection): Promise<Connection> {
  const pool = by.port(
    "database",
    { connect: async () => connection },
    { nested: ["connect"], onLost: (object) => object instanceof Connection && object.cut() },
  )
  return pool.connect()
}

function ask(client: Connection, style: "promise" | "callback", text: string, ms: number): Promise<number> {
  if (style === "promise") return client.query(text, ms)
  return new Promise((resolve, reject) => client.query(text, ms, settled(resolve, reject)))
}

const queries = fc.record({
  style: fc.constantFrom("promise" as const, "callback" as const),
  ms: fc.integer({ min: 0, max: 5 }),
})

function pass(answer: Promise<number>, done: Answered): void {
  void answer.then(
    (value) => done(null, value),
    (error: unknown) => done(error as Error, Number.NaN),
  )
}

function settled(resolve: (answer: number) => void, reject: (error: Error) => void): Answered {
  return (error, answer) => (error ? reject(error) : resolve(answer))
}

async function until(world: World, condition: () => boolean): Promise<void> {
  while (!condition()) await world.clock.sleep(1)
}

/** What a process does: in sequence, or at the same time, it notes, sleeps and gives way. */
type Program =
  | { readonly do: "note" }
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "turn" }
  | { readonly do: "sequence" | "together"; readonly of: readonly Program[] }

const { programs } = fc.letrec<{ programs: Program }>((tie) => ({
  programs: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant<Program>({ do: "note" }),
    fc.record({ do: fc.constant("sleep" as const), ms: fc.integer({ min: 0, max: 5 }) }),
    fc.constant<Program>({ do: "turn" }),
    fc.record({
      do: fc.constantFrom("sequence" as const, "together" as const),
      of: fc.array(tie("programs"), { minLength: 1, maxLength: 4 }),
    }),
  ),
}))

interface Log {
  note(by: string, text: string): Promise<void>
}

async function run(program: Program, self: ProcessContext, log: Log): Promise<void> {
  switch (program.do) {
    case "note":
      return log.note(self.id, "noted")
    case "sleep":
      return self.clock.sleep(program.ms)
    case "turn":
      return self.clock.turn()
    case "sequence":
      for (const part of program.of) await run(part, self, log)
      return
    case "together":
      await Promise.all(program.of.map((part) => run(part, self, log)))
  }
}

function effectsOf(program: Program): number {
  if (program.do === "note") return 1
  return "of" in program ? program.of.reduce((sum, part) => sum + effectsOf(part), 0) : 0
}
