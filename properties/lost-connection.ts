import type { SeededRandom } from "../sim/seeded-random.js"

/** The errors that the SDK gives when a request or its answer is lost on the way. */
export function lostConnection(random: SeededRandom): (operation: string) => Error {
  return (operation) => {
    if (random.chance(0.5))
      return Object.assign(new Error(`Connection timed out after 3000 ms: ${operation}`), { name: "TimeoutError" })
    return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", errno: -104, syscall: "read" })
  }
}
