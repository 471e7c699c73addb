import { afterEach, describe, expect, test } from "vitest"
import type { Clock } from "../engine/clock.js"
import { check, checkElsewhere, type CheckOptions } from "../properties/check.js"
import { failsNowAndThen } from "./planted-scenarios.js"
import { RunMakers, type RunOrder } from "./run-makers.js"
import { strategyNamed, usualStrategy } from "./strategy-option.js"

const planted = new URL("./planted-scenarios.ts", import.meta.url)
const order = (scenario: string): RunOrder => ({
  ...{ scenario, on: "message-db", seed: 5, strategy: usualStrategy, runs: 30 },
  shard: { nth: 1, of: 1 },
})

/** Time that does not pass, so that results can be compared. */
const stopped: Clock = { now: () => 0, sleep: async () => undefined, turn: async () => undefined }

let makers: RunMakers | undefined
async function started(count: number): Promise<RunMakers> {
  return (makers = await RunMakers.start(count, planted))
}
afterEach(async () => makers?.close())

describe("worker threads", () => {
  test("find what one thread finds, whatever their number: the same histories, failures and cases", async () => {
    const options: CheckOptions = {
      ...{ seed: 5, runs: 30, store: "fake", strategy: strategyNamed(usualStrategy), clock: stopped },
      shrink: { timeMs: 60_000, runs: 100 },
    }
    const alone = await check(failsNowAndThen, options)
    expect(new Set(alone.violations.map(({ message }) => message.split("(", 1)[0])).size).toBeGreaterThan(1)
    const three = await started(3)
    const made = await checkElsewhere(failsNowAndThen, options, (report) =>
      three.make(order(failsNowAndThen.name), report),
    )
    expect(made).toEqual(alone)
  })

  test("begin no further run when they are told to stop, and can be asked again", async () => {
    const two = await started(2)
    await two.make(order(failsNowAndThen.name), () => expect.unreachable(), AbortSignal.abort())
    const interruption = new AbortController()
    let runs = 0
    const many = { ...order(failsNowAndThen.name), runs: 1_000_000 }
    const stopAtTen = () => (++runs === 10 ? interruption.abort() : undefined)
    await two.make(many, stopAtTen, interruption.signal)
    expect(runs).toBeGreaterThanOrEqual(10)
    expect(runs).toBeLessThan(many.runs)
    await two.make(order(failsNowAndThen.name), () => runs++)
  })

  test("fail loudly: one that dies ends the check, and the error says which it was and of what", async () => {
    const dying = (await started(2)).make(order("ends-its-thread"), () => undefined)
    await expect(dying).rejects.toThrow(/^worker thread [12] of 2 ended early, with exit code 3$/)
    const throwing = (await started(1)).make(order("throws-into-the-void"), () => undefined)
    await expect(throwing).rejects.toThrow(/^worker thread 1 of 1 failed: nobody waits for this$/)
    const unready = RunMakers.start(1, new URL("./no-such-scenarios.ts", import.meta.url))
    await expect(unready).rejects.toThrow(/^worker thread 1 of 1 failed: Cannot find module .*no-such-scenarios/)
  })
})
