import { describe, expect, it } from "vitest"
import { Turns } from "./turns.js"

/** Microtasks, a tick, and microtasks again. */
async function longChain(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
  await new Promise<void>((resolve) => process.nextTick(resolve))
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

describe("Turns", () => {
  it("begins a turn only after all that the one before caused without waiting is done", async () => {
    const log: string[] = []
    await new Promise<void>((resolve) => {
      let n = 0
      const turns = new Turns(() => {
        const name = n++
        log.push(`${name} begins`)
        void longChain().then(() => log.push(`${name} is done`))
        if (n < 200) return
        turns.stop()
        setImmediate(resolve)
      })
      turns.start()
    })
    expect(log).toEqual(Array.from({ length: 200 }, (_, n) => [`${n} begins`, `${n} is done`]).flat())
  })

  it("does nothing more once stopped, and goes on at the same pace when started again", async () => {
    let taken = 0
    const turns = new Turns(() => {
      if (++taken % 40 === 0) turns.stop()
    })
    const pause = async () => {
      for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve))
    }
    turns.start()
    await pause()
    expect(taken).toBe(40)
    turns.start()
    turns.start()
    await pause()
    expect(taken).toBe(80)
  })
})
