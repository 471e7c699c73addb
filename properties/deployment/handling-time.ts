import fc from "fast-check"
import type { Handler } from "../stage.js"
import type { ProcessContext } from "../../sim/world.js"

/** How long a handler takes: a drawn number of milliseconds for each call, from 0 to the bound. */
export interface HandlingTime {
  readonly mostMs: number
}

/** Some reactions answer at once, some are slower than their feed. */
export const handlingTime: fc.Arbitrary<HandlingTime> = fc.record({ mostMs: fc.constantFrom(0, 0, 3, 20) })

/** A handler that does nothing but take its time. */
export const takingTime =
  (self: ProcessContext, { mostMs }: HandlingTime): Handler =>
  async () => {
    if (mostMs > 0) await self.clock.sleep(self.random.integer(0, mostMs))
  }
