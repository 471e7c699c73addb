import type { Scenario } from "../properties/scenario.js"

/** Fails in some runs, in two ways, and reads the machine's clock in none. */
export const failsNowAndThen: Scenario = {
  name: "fails-now-and-then",
  title: "It fails now and then",
  store: "message-db",
  run: async ({ world }) => {
    await world.clock.sleep(world.random.integer(1, 100))
    if (world.random.chance(0.3)) throw new Error("this deployment cannot be set up")
    if (world.random.chance(0.3)) await new Promise(() => undefined)
  },
}

/** Ends its thread in one of its runs. */
const endsItsThread: Scenario = {
  name: "ends-its-thread",
  title: "It takes down whoever runs it",
  store: "message-db",
  run: async ({ world }) => {
    if (world.random.chance(0.3)) process.exit(3)
  },
}

/** Throws where nobody can catch it. */
const throwsIntoTheVoid: Scenario = {
  name: "throws-into-the-void",
  title: "It leaves a rejection behind",
  store: "message-db",
  run: async () => {
    void Promise.reject(new Error("nobody waits for this"))
  },
}

/** Run by worker threads in tests, which know scenarios by their module only. */
export const scenarios: readonly Scenario[] = [failsNowAndThen, endsItsThread, throwsIntoTheVoid]
