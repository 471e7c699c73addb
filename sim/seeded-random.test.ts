import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type SeededRandom, seededRandom } from "./seeded-random.js"

const draws = (random: SeededRandom, count = 20) => Array.from({ length: count }, () => random.next())

describe("seededRandom", () => {
  it("gives the same numbers for the same seed, on every platform", () => {
    const random = seededRandom(7)
    expect([random.next(), random.integer(1, 6), random.uuid()]).toMatchInlineSnapshot(`
      [
        0.36459518410265446,
        1,
        "3007e3c5-81b5-4cdd-aa65-c2c11eb832f7",
      ]
    `)
  })

  it("takes 7 and '7' for the same seed, and 8 for another", () => {
    expect(draws(seededRandom("7"))).toEqual(draws(seededRandom(7)))
    expect(draws(seededRandom(8))).not.toEqual(draws(seededRandom(7)))
  })

  it("forks by name: what one source draws does not disturb another", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(20), fc.nat(20), (seed, before, fromFork) => {
        const undisturbed = seededRandom(seed)
        const random = seededRandom(seed)
        draws(random, before)
        draws(undisturbed, before)
        const fork = random.fork("a")
        draws(fork, fromFork)
        draws(random.fork("b"), fromFork)
        expect(draws(random)).toEqual(draws(undisturbed))
        expect(draws(random.fork("a"), fromFork + 5).slice(fromFork)).toEqual(draws(fork, 5))
      }),
    )
  })

  it("gives forks of different names and of different depths different numbers", () => {
    const random = seededRandom(1)
    const forks = [random, random.fork("a"), random.fork("b"), random.fork("a").fork("b"), random.fork('a"/"b')]
    expect(new Set(forks.map((fork) => fork.next())).size).toBe(forks.length)
  })

  it("draws integers from both ends of the range and everything between, evenly", () => {
    const random = seededRandom(3)
    const counts = new Map<number, number>()
    for (let i = 0; i < 6_000; i++) {
      const side = random.integer(-2, 3)
      counts.set(side, (counts.get(side) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3])
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  it("never does what has probability 0, and always what has probability 1", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed)
        expect([random.chance(0), random.chance(1)]).toEqual([false, true])
      }),
    )
  })

  it("shuffles into every order and leaves its argument alone", () => {
    const random = seededRandom(5)
    const cards = Object.freeze(["a", "b", "c"])
    const orders = new Set(Array.from({ length: 200 }, () => random.shuffle(cards).join("")))
    expect([...orders].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"])
  })

  it("makes version 4 UUIDs, each another", () => {
    const random = seededRandom("uuids")
    const uuids = Array.from({ length: 1_000 }, () => random.uuid())
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(uuids).size).toBe(uuids.length)
  })

  it("refuses what cannot be drawn from", () => {
    const random = seededRandom(0)
    expect(() => random.pick([])).toThrow("pick(from) needs at least one element, received an empty list")
    expect(() => random.integer(2, 1)).toThrow("integer(min, max) needs two integers in order, received 2 and 1")
    expect(() => random.integer(0.5, 1)).toThrow(RangeError)
  })
})
