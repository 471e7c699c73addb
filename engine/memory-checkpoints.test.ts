import { expect, test } from "vitest"
import { MemoryCheckpoints } from "./memory-checkpoints.js"

test("load stores the origin and answers what is stored, so that two first loads agree (E-27c)", async () => {
  const checkpoints = new MemoryCheckpoints()
  const both = [10n, 20n].map((origin) => checkpoints.load("g", "t", async () => origin))
  expect(await Promise.all(both)).toEqual([10n, 10n])
  expect(await checkpoints.load("g", "t")).toBe(10n)
})

test("the origin is asked for by tranche (H-20)", async () => {
  const checkpoints = new MemoryCheckpoints()
  expect(await checkpoints.load("g", "t7", async (tranche) => BigInt(tranche.slice(1)))).toBe(7n)
})

test("a commit never lowers the position and answers what is stored; an override does lower it (E-27a)", async () => {
  const checkpoints = new MemoryCheckpoints()
  expect(await checkpoints.commit("g", "t", 100n)).toBe(100n)
  expect(await checkpoints.commit("g", "t", 50n)).toBe(100n)
  await checkpoints.override("g", "t", 50n)
  expect(await checkpoints.load("g", "t")).toBe(50n)
})

test("group and tranche make the key, whatever they are called", async () => {
  const checkpoints = new MemoryCheckpoints()
  await checkpoints.commit("a:b", "c", 1n)
  expect(await checkpoints.load("a", "b:c")).toBe(0n)
})

test("waiting for a position that is reached already ends at once, a later one with its commit (E-26)", async () => {
  const checkpoints = new MemoryCheckpoints()
  await checkpoints.commit("g", "t", 5n)
  await checkpoints.waitForCheckpoint("g", "t", 5n)
  const later = checkpoints.waitForCheckpoint("g", "t", 6n)
  let reached = false
  void later.then(() => (reached = true))
  await checkpoints.commit("g", "t", 5n)
  expect(reached).toBe(false)
  await checkpoints.commit("g", "t", 9n)
  await later
})
