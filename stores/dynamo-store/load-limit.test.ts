import fc from "fast-check"
import { expect, it } from "vitest"
import { mapWithLimit } from "./load-limit.js"

it("answers in the order of the items, never runs more than the limit, and uses all of it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat()),
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, items, limit) => {
        let [running, most] = [0, 0]
        const results = mapWithLimit(items, limit, async (item) => {
          most = Math.max(most, ++running)
          await scheduler.schedule(Promise.resolve())
          running--
          return item + 1
        })
        expect(await scheduler.waitFor(results)).toEqual(items.map((item) => item + 1))
        expect(most).toBe(Math.min(limit, items.length))
      },
    ),
  )
})

it("begins nothing after a failure, and passes it on when what runs has ended", async () => {
  const log: string[] = []
  let release = () => {}
  const results = mapWithLimit(["slow", "bad", "never"], 2, async (item) => {
    log.push(item)
    if (item === "bad") throw new Error("bad it is")
    await new Promise<void>((resolve) => (release = resolve))
    log.push(`${item} ended`)
  })
  const ended = expect(results).rejects.toThrow("bad it is")
  await Promise.resolve()
  release()
  await ended
  expect(log).toEqual(["slow", "bad", "slow ended"])
})
