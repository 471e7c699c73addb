import { AsyncLocalStorage } from "node:async_hooks"
import crypto, { getRandomValues, randomFillSync, randomInt, randomUUID } from "node:crypto"
import { scheduler, setImmediate as soon, setInterval as ticks, setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { afterEach, describe, expect, it } from "vitest"
import { epoch, simulate } from "./simulate.js"
import type { World } from "./world.js"

const realNow = Date.now
const realTimeout = setTimeout

afterEach(() => {
  expect([Date.now, setTimeout]).toEqual([realNow, realTimeout])
})

describe("watched globals", () => {
  it("name whoever reads the machine's clock or sets a timer, and where", async () => {
    const { stray, outcome } = await simulate(
      1,
      async (world) => {
        const process = world.process("p", async (self) => {
          await self.clock.turn()
          self.trace.emit({ kind: "Probe", of: "now", count: plantedDateNow() > 0 ? 1 : 0 })
          plantedTimer()
          Math.random()
          new Date()
        })
        await process.ended
      },
      { globals: "watched" },
    )
    expect(outcome).toEqual({ kind: "ok" })
    expect(stray.map(({ what, times }) => `${what} ×${times}`)).toEqual([
      "Date.now ×1",
      "setTimeout ×1",
      "Math.random ×1",
      "new Date() ×1",
    ])
    expect(stray[0]!.site).toMatch(/^plantedDateNow \(.*virtual-globals\.test\.ts:\d+:\d+\)$/)
    expect(stray[1]!.site).toMatch(/^plantedTimer \(.*virtual-globals\.test\.ts:\d+:\d+\)$/)
  })

  it("name a use once, whichever way it is made", async () => {
    const uses = [
      () => performance.timeOrigin,
      () => process.uptime(),
      () => new Intl.DateTimeFormat("en-GB").format(),
      () => AbortSignal.timeout(1),
      () => scheduler.yield(),
      () => randomInt(2),
      () => crypto.randomFillSync(new Uint8Array(1)),
      () => getRandomValues(new Uint8Array(1)),
    ]
    const { stray } = await simulate(1, async () => uses.forEach((use) => void use()), { globals: "watched" })
    expect(stray.map(({ what, times }) => `${what} ×${times}`)).toEqual([
      "performance.timeOrigin ×1",
      "process.uptime ×1",
      "Intl.DateTimeFormat.format ×1",
      "AbortSignal.timeout ×1",
      "timers/promises yield ×1",
      "randomInt ×1",
      "randomFillSync ×1",
      "crypto.getRandomValues ×1",
    ])
    expect(stray.filter(({ site }) => !/virtual-globals\.test\.ts:\d+:\d+/.test(site))).toEqual([])
  })

  it("leave the code outside of simulations alone, also while one runs", async () => {
    let outside = 0
    const running = simulate(1, async (world) => world.clock.sleep(5), { globals: "virtual" })
    const ticking = new Promise<void>((resolve) =>
      setTimeout(() => {
        outside = Date.now()
        resolve()
      }, 1),
    )
    const { stray } = await running
    await ticking
    expect(outside).toBeGreaterThan(Date.UTC(2024, 0))
    expect(stray).toEqual([])
  })

  it("are not looked at by default", async () => {
    const { stray } = await simulate(1, async () => void plantedDateNow())
    expect(stray).toEqual([])
  })
})

function plantedDateNow(): number {
  return Date.now()
}

function plantedTimer(): void {
  clearTimeout(setTimeout(() => undefined, 1_000))
}

describe("virtual globals", () => {
  /** Foreign code: it knows nothing of any world. */
  async function foreign(log: (line: string) => void): Promise<void> {
    log(`${new Date().toISOString()} ${Date.now() - epoch} ${performance.now()} ${process.hrtime.bigint()}`)
    await new Promise((resolve) => setTimeout(resolve, 30_000))
    log(`${new Date().toISOString()} ${Math.random()} ${randomUUID()} ${crypto.randomBytes(4).toString("hex")}`)
    await sleep(1_000)
    await promisify(setTimeout)(500)
    let ticks = 0
    await new Promise<void>((resolve) => {
      const interval = setInterval(() => {
        log(`tick ${Date.now() - epoch}`)
        if (++ticks < 3) return
        clearInterval(interval)
        resolve()
      }, 100)
    })
    await new Promise((resolve) => setImmediate(resolve))
    log(`${String(new Date(5).getTime())} ${new Date() instanceof Date} ${Object.prototype.toString.call(new Date())}`)
  }

  const logOf = async (seed: number) => {
    const log: string[] = []
    const result = await simulate(
      seed,
      async (world: World) => {
        await world.process("p", () => foreign((line) => log.push(line))).ended
      },
      { globals: "virtual" },
    )
    return { log, result }
  }

  it("give foreign code the world's time, timers that take none, and chance from the seed", async () => {
    const began = realNow()
    const { log, result } = await logOf(7)
    expect(result.outcome).toEqual({ kind: "ok" })
    expect(realNow() - began).toBeLessThan(10_000)
    expect(result.virtualMs).toBe(31_800)
    expect(log).toMatchInlineSnapshot(`
      [
        "2020-01-01T00:00:00.000Z 0 0 0",
        "2020-01-01T00:00:30.000Z 0.916528754401952 560bc880-bd06-4e82-89a8-8c230c5c73f7 24454b99",
        "tick 31600",
        "tick 31700",
        "tick 31800",
        "5 true [object Date]",
      ]
    `)
    expect(await logOf(7)).toEqual({ log, result })
    expect((await logOf(8)).log).not.toEqual(log)
  })

  /** What foreign code comes to in a process of its own, in a run of virtual time; the same once more with the same seed. */
  async function inVirtual<T>(code: () => Promise<T> | T): Promise<T> {
    const once = async () => {
      let value: { readonly of: T } | undefined
      const { outcome } = await simulate(
        7,
        async (world) => {
          const process = world.process("p", async () => {
            value = { of: await code() }
          })
          await process.ended
        },
        { globals: "virtual" },
      )
      expect(outcome).toEqual({ kind: "ok" })
      return value!.of
    }
    const value = await once()
    expect(await once()).toEqual(value)
    return value
  }

  const sinceEpoch = () => Date.now() - epoch

  it("tell one time in all ways there are to ask for it", async () => {
    const told = await inVirtual(async () => {
      await sleep(1_500)
      const utc = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", timeStyle: "medium" })
      const parts = utc.formatToParts().map(({ value }) => value)
      return {
        origin: performance.timeOrigin - epoch,
        sinceOrigin: performance.timeOrigin + performance.now() - epoch,
        uptime: process.uptime(),
        hrtime: process.hrtime([1, 0]),
        formatted: [utc.format(), parts.join(""), new Date().toLocaleTimeString("en-GB", { timeZone: "UTC" })],
        given: [utc.format(0), utc.format(new Date(1_000))],
        alike: new Date().constructor === Date,
      }
    })
    expect(told).toEqual({
      origin: 0,
      sinceOrigin: 1_500,
      uptime: 1.5,
      hrtime: [0, 500_000_000],
      formatted: ["00:00:01", "00:00:01", "00:00:01"],
      given: ["00:00:00", "00:00:01"],
      alike: true,
    })
  })

  it("draw all of node:crypto and Web Crypto from the seed, as far as it is drawn at once", async () => {
    const drawn = await inVirtual(async () => {
      const words = new Uint16Array(4)
      crypto.randomFillSync(words, 1, 2)
      return {
        ints: Array.from({ length: 20 }, () => randomInt(3, 6)),
        later: await promisify<number, number>(crypto.randomInt)(1_000),
        bytes: (await promisify(crypto.randomBytes)(4)).toString("hex"),
        filled: [...randomFillSync(new Uint8Array(3), 1)],
        words: [...words],
        values: [...getRandomValues(new Uint8Array(2)), ...globalThis.crypto.getRandomValues(new Uint8Array(2))],
        uuid: globalThis.crypto.randomUUID(),
      }
    })
    expect([...new Set(drawn.ints)].sort()).toEqual([3, 4, 5])
    expect([drawn.words[0], drawn.words[3]]).toEqual([0, 0])
    expect(drawn.words[1]).toBeGreaterThan(0)
    expect(drawn.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it("refuse what Node refuses", async () => {
    const noFunction = undefined as unknown as () => void
    const codes = await inVirtual(() =>
      [
        () => randomInt(2, 1),
        () => crypto.randomBytes(-1),
        () => crypto.randomFillSync(new Uint8Array(2), 3),
        () => setTimeout(noFunction, 1),
        () => AbortSignal.timeout(-1),
      ].map((refused) => {
        try {
          return refused()
        } catch (error) {
          return (error as { code: unknown }).code
        }
      }),
    )
    const range = "ERR_OUT_OF_RANGE"
    expect(codes).toEqual([range, range, range, "ERR_INVALID_ARG_TYPE", range])
  })

  it("give timers that are handled as Node's: refreshed, cleared by themselves and by their number", async () => {
    const seen = await inVirtual(async () => {
      const fired: string[] = []
      const named = (name: string, ms: number) => setTimeout(() => fired.push(`${name} ${sinceEpoch()}`), ms)
      const refreshed = named("refreshed", 100)
      const cleared = named("cleared", 100)
      clearTimeout(cleared)
      cleared.refresh()
      const numbered = named("numbered", 100)
      clearTimeout(Number(numbered))
      clearTimeout(`${Number(named("by a text", 100))}`)
      named("closed", 100).close()
      named("disposed", 100)[Symbol.dispose]()
      clearImmediate(setImmediate(() => fired.push("immediate")))
      named("too long for Node", 2 ** 31)
      setTimeout(
        function (this: unknown, text: string) {
          fired.push(`${text} ${this instanceof Object && "hasRef" in this}`)
        },
        5,
        "with its timer as this:",
      )
      await sleep(60)
      refreshed.refresh()
      await sleep(200)
      refreshed.refresh()
      await sleep(200)
      const refs = [refreshed.hasRef(), refreshed.unref().hasRef(), refreshed.ref().hasRef()]
      return { fired, refs, number: Number(numbered) }
    })
    expect(seen).toEqual({
      fired: ["too long for Node 1", "with its timer as this: true", "refreshed 160", "refreshed 360"],
      refs: [true, false, true],
      number: 1,
    })
  })

  it("run callbacks in the context in which their timer was set", async () => {
    const request = new AsyncLocalStorage<string>()
    const requests = await inVirtual(
      () =>
        new Promise((resolve) => {
          const seen: unknown[] = []
          const note = () => seen.push(request.getStore())
          request.run("a", () => setTimeout(note, 1))
          request.run("b", () => setImmediate(note))
          setTimeout(() => resolve(seen), 10)
        }),
    )
    expect(requests).toEqual(["b", "a"])
  })

  it("count the ticks of an interval that is iterated, and end them with its signal", async () => {
    const log = await inVirtual(async () => {
      const seen: unknown[] = []
      const stop = new AbortController()
      setTimeout(() => stop.abort("enough"), 450)
      try {
        for await (const value of ticks(100, "tick", { signal: stop.signal })) {
          seen.push(`${value} ${sinceEpoch()}`)
          if (seen.length === 1) await sleep(250)
        }
      } catch (error) {
        const { name, code, cause } = error as NodeJS.ErrnoException
        seen.push(`${name} ${code} ${cause as string} ${sinceEpoch()}`)
      }
      for await (const _ of ticks(10)) break
      return seen
    })
    expect(log).toEqual(["tick 100", "tick 350", "tick 350", "tick 400", "AbortError ABORT_ERR enough 450"])
  })

  it("abort a signal after its time, and with it what waits", async () => {
    const log = await inVirtual(async () => {
      const signal = AbortSignal.timeout(300)
      const caught = (error: Error) => `${error.name} of ${(error.cause as Error).name} at ${sinceEpoch()}`
      const first = await sleep(1_000, undefined, { signal }).catch(caught)
      const second = await soon(undefined, { signal }).catch(caught)
      return [first, second, (signal.reason as Error).name]
    })
    expect(log).toEqual(["AbortError of TimeoutError at 300", "AbortError of TimeoutError at 300", "TimeoutError"])
  })

  it("let the scheduler of timers/promises wait and yield", async () => {
    const times = await inVirtual(async () => {
      await scheduler.wait(250)
      await scheduler.yield()
      await promisify(setImmediate)()
      return sinceEpoch()
    })
    expect(times).toBe(250)
  })

  it("leave nothing behind that would harm Node's own timers", async () => {
    const left: NodeJS.Immediate[] = []
    await inVirtual(() => void left.push(setImmediate(() => undefined)))
    clearImmediate(left[0])
    await new Promise((resolve) => setImmediate(resolve))
  })

  it("let timers die with the process that set them", async () => {
    const fired: string[] = []
    const { outcome } = await simulate(
      1,
      async (world) => {
        const process = world.process("p", async (self) => {
          setTimeout(() => fired.push(self.id), 50)
          await self.clock.sleep(1_000)
        })
        await world.clock.sleep(10)
        process.crash()
        process.restart()
        await world.clock.sleep(200)
      },
      { globals: "virtual" },
    )
    expect({ outcome, fired }).toEqual({ outcome: { kind: "ok" }, fired: ["p#2"] })
  })
})
