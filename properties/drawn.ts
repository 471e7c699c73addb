import fc from "fast-check"
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus"
import { seededRandom } from "../sim/seeded-random.js"

/** fast-check draws special values, such as the least and the largest, with a probability of one in this many. */
const bias = 4

/** The value that an arbitrary draws for a seed: always the same, with what it needs to be shrunk. */
export function drawn<T>(arbitrary: fc.Arbitrary<T>, seed: number | string): fc.Value<T> {
  const start = seededRandom(seed).fork("setup").integer(-0x8000_0000, 0x7fff_ffff)
  return arbitrary.generate(new fc.Random(xoroshiro128plus(start)), bias)
}
