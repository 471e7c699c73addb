import crypto, { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
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
