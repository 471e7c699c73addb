import { describe, expect, it } from "vitest"
import { simulate } from "./simulate.js"
import type { TraceEvent } from "./trace.js"

/** What ends a process in Node, and with it every process of a team that forgets an `await`. */
const careless: Readonly<Record<string, () => void>> = {
  "a promise that is rejected and never awaited": () => void Promise.reject(new Error("mailer is down")),
  "an async function that is not awaited": () => {
    const send = async () => {
      await Promise.resolve()
      throw new Error("mailer is down")
    }
    void send()
  },
  "a listener that throws": () => {
    const stop = new AbortController()
    stop.signal.addEventListener("abort", () => {
      throw new Error("mailer is down")
    })
    stop.abort()
  },
}

const kinds = ["unhandledRejection", "uncaughtException"] as const
const listeners = () => kinds.map((kind) => process.rawListeners(kind))

describe("an error that nobody catches", () => {
  it.each(Object.entries(careless))("ends the process of a simulation that it came about in: %s", async (_, act) => {
    const events: TraceEvent[] = []
    const before = listeners()
    const run = simulate(
      1,
      async (world) => {
        const other = world.process("other", (self) => self.clock.sleep(50))
        const p = world.process("p", async (self) => {
          await self.clock.sleep(10)
          act()
          await self.clock.sleep(1_000)
        })
        expect(await p.ended).toEqual({ kind: "failed", error: new Error("mailer is down") })
        expect(p.state).toBe("failed")
        expect(await other.ended).toEqual({ kind: "ok" })
      },
      { onEvent: (event) => events.push(event) },
    )
    const { outcome, virtualMs } = await run
    expect(outcome).toEqual({ kind: "ok" })
    expect(virtualMs).toBe(50)
    expect(events).toMatchObject([{ kind: "Crashed", process: "p#1", error: "mailer is down" }])
    expect(listeners()).toEqual(before)
  })

  it("fails the run when the scenario itself forgot to catch it", async () => {
    const { outcome } = await simulate(1, async (world) => {
      await world.clock.sleep(10)
      void Promise.reject(new Error("forgotten"))
      await world.clock.sleep(10)
    })
    expect(outcome).toEqual({ kind: "failed", error: new Error("forgotten") })
  })

  it("goes to the run that it came about in, of those that overlap", async () => {
    const states = await Promise.all(
      ["a", "b", "c"].map(async (seed) => {
        let state = ""
        await simulate(seed, async (world) => {
          const p = world.process("p", async (self) => {
            for (let n = 0; n < 20; n++) {
              await self.clock.turn()
              if (seed === "b" && n === 10) void Promise.reject(new Error("b"))
            }
          })
          await p.ended
          ;({ state } = p)
        })
        return state
      }),
    )
    expect(states).toEqual(["ended", "failed", "ended"])
  })
})
