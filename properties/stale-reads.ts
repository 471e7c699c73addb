import type { World } from "../sim/world.js"

/** One in two reads that may be stale is: the others show that it mattered. */
const rate = 0.5

/**
 * Reads that do not show the newest state. Each is a fault named `staleRead`, so that it is counted, and can be left out when
 * a failure is made smaller.
 * @param port what the store is called in plans and stories.
 * @returns how old the read is in milliseconds, given the most that it may be; 0: it is not stale.
 */
export function staleReads(world: World, port: string): (operation: string, mostMs: number) => number {
  const { random } = world
  const lags = random.fork(`stale reads of ${port}`)
  world.fault({ port, failures: { staleRead: rate } })
  return (operation, mostMs) =>
    mostMs > 0 && world.strikes("staleRead", { port, operation }) ? lags.integer(1, mostMs) : 0
}
