import { expect, test } from "vitest"
import { seededRandom } from "../../sim/seeded-random.js"
import { pause } from "./chaos.js"
import type { ConsumerProcess } from "./consumer-process.js"

test("a pause is told before it is felt, and its end before anything else happens", async () => {
  const told: string[] = []
  const consumer = {
    process: "member-0.1#1",
    isPaused: false,
    pause: () => told.push("stopped"),
    resume: () => told.push("goes on"),
  } as unknown as ConsumerProcess
  await pause(() => [consumer]).strike({
    random: seededRandom(1),
    sleep: async () => void told.push("time passes"),
    tell: (happening) => told.push(JSON.stringify(happening)),
  })
  expect(told).toMatchInlineSnapshot(`
    [
      "{"kind":"Fault","fault":"pause","port":"","operation":"","process":"member-0.1#1","ms":455}",
      "stopped",
      "time passes",
      "{"kind":"Resumed","process":"member-0.1#1"}",
      "goes on",
    ]
  `)
})
