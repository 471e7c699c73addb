import { describe, expect, it } from "vitest"
import { ManualClock } from "../../engine/manual-clock.js"
import { MemoryCache, type Versioned } from "./memory-cache.js"

const value = (version: bigint): Versioned => ({ version })

function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => (resolve = done))
  return { promise, resolve }
}

describe("a cache of states", () => {
  const held = (cache: MemoryCache, key: string) =>
    cache.readThrough<Versioned>(key, Infinity, (entry) => Promise.resolve(entry ?? value(-1n)))

  it("answers what is younger than asked for, and loads else, from what it has", async () => {
    const clock = new ManualClock(1000)
    const cache = new MemoryCache({ clock })
    cache.put("a", 1000, value(1n))
    const load = (entry: Versioned | undefined) => Promise.resolve(value((entry?.version ?? 0n) + 10n))
    await clock.advance(5)
    expect(await cache.readThrough("a", 6, load)).toEqual(value(1n))
    expect(await cache.readThrough("a", 5, load)).toEqual(value(11n))
    expect(await cache.readThrough("a", 1, load)).toEqual(value(11n))
    expect(await cache.readThrough("a", 0, load)).toEqual(value(21n))
  })

  it("does not take for young what is of a later time, because the clock was put back", async () => {
    let now = 100_000
    const atOnce = () => Promise.resolve()
    const cache = new MemoryCache({ clock: { now: () => now, sleep: atOnce, turn: atOnce } })
    cache.put("a", now, value(1n))
    now -= 60_000
    expect(await cache.readThrough("a", 1_000, () => Promise.resolve(value(2n)))).toEqual(value(2n))
    expect(await held(cache, "a")).toEqual(value(2n))
  })

  it("forgets the least recently used", async () => {
    const cache = new MemoryCache({ max: 2, clock: new ManualClock() })
    cache.put("a", 0, value(1n))
    cache.put("b", 0, value(2n))
    await held(cache, "a")
    cache.put("c", 0, value(3n))
    expect(await held(cache, "a")).toEqual(value(1n))
    expect(await held(cache, "b")).toEqual(value(-1n))
  })

  it("joins loads that began within the age asked for, and none where the newest is asked for", async () => {
    const cache = new MemoryCache({ clock: new ManualClock() })
    let loads = 0
    const { promise, resolve } = deferred<Versioned>()
    const load = () => {
      loads++
      return promise
    }
    const reads = [cache.readThrough("a", 10, load), cache.readThrough("a", 10, load), cache.readThrough("a", 0, load)]
    resolve(value(1n))
    expect(await Promise.all(reads)).toEqual([value(1n), value(1n), value(1n)])
    expect(loads).toBe(2)
  })

  it("keeps what was written while a load ran that brings an older state", async () => {
    const cache = new MemoryCache({ clock: new ManualClock() })
    const { promise, resolve } = deferred<Versioned>()
    const read = cache.readThrough("a", 0, () => promise)
    cache.put("a", 0, value(5n))
    resolve(value(4n))
    await read
    expect(await held(cache, "a")).toEqual(value(5n))
  })

  it("takes from a load an older state than the one it began with: the stream was deleted", async () => {
    const cache = new MemoryCache({ clock: new ManualClock() })
    cache.put("a", 0, value(5n))
    await cache.readThrough("a", 0, () => Promise.resolve(value(0n)))
    expect(await held(cache, "a")).toEqual(value(0n))
  })

  it("does not take an older state than it holds", async () => {
    const cache = new MemoryCache({ clock: new ManualClock() })
    cache.put("a", 0, value(5n))
    cache.put("a", 0, value(4n))
    expect(await held(cache, "a")).toEqual(value(5n))
  })

  it("counts the age of a state from the beginning of its load", async () => {
    const clock = new ManualClock()
    const cache = new MemoryCache({ clock })
    const { promise, resolve } = deferred<Versioned>()
    const read = cache.readThrough("a", 0, () => promise)
    await clock.advance(10)
    resolve(value(1n))
    await read
    expect(await cache.readThrough("a", 10, () => Promise.resolve(value(2n)))).toEqual(value(2n))
  })

  it("passes a failed load on, and tries again", async () => {
    const cache = new MemoryCache({ clock: new ManualClock() })
    await expect(cache.readThrough("a", 10, () => Promise.reject(new Error("down")))).rejects.toThrow("down")
    expect(await held(cache, "a")).toEqual(value(-1n))
  })

  it("refuses to hold nothing", () => {
    expect(() => new MemoryCache({ max: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[InvalidOptionError: MemoryCache: option "max" must be an integer of at least 1, received 0]`,
    )
  })
})
