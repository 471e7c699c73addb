import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Census, explore, type ExploreOptions } from "./explore.js"
import { simulate } from "./simulate.js"
import type { FaultPlan, ProcessContext, World } from "./world.js"

type Op =
  | { readonly do: "turn" }
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "read" | "write" | "peek"; readonly register: "x" | "y" }
  | { readonly do: "get" | "put"; readonly key: "k" | "l" }
  | { readonly do: "emit" }
  | { readonly do: "draw" }
  | { readonly do: "both"; readonly ops: readonly [Op, Op] }

/** Each process runs its operations one after another; `reached` gets the state at the end of each run. */
function program(processes: readonly (readonly Op[])[], reached: Set<string>) {
  return async (world: World) => {
    const registers = { x: register(), y: register() }
    const table = keyed()
    const events: string[] = []
    world.trace.subscribe((event) => {
      if (event.kind === "Probe") events.push(event.of)
      if (event.kind === "Crashed") events.push(`crash of ${event.process}`)
      if (event.kind === "Resumed") events.push(`end of the pause of ${event.process}`)
    })
    const seen: unknown[] = processes.map(() => "nothing")
    const started = processes.map((ops, i) =>
      world.process(`p${i}`, async (self) => {
        const values: unknown[] = []
        const x = self.port("x", registers.x, { sync: ["peek"] })
        const y = self.port("y", registers.y, { sync: ["peek"] })
        const t = self.port("t", table, { touches: partsOfKeyed })
        for (const op of ops) values.push(await perform(op, self, world, { x, y, t }).catch(String))
        seen[i] = values
      }),
    )
    await Promise.all(started.map(({ ended }) => ended))
    reached.add(JSON.stringify([registers.x.value, registers.y.value, table.values, seen, events]))
  }
}

const register = () => ({
  value: "",
  async read() {
    return this.value
  },
  async write(by: string) {
    this.value += by
  },
  peek() {
    return this.value
  },
})

/** A value for each key: calls that concern different keys, or only get, commute. */
const keyed = () => ({
  values: { k: "", l: "" },
  async get(key: "k" | "l") {
    return this.values[key]
  },
  async put(key: "k" | "l", by: string) {
    this.values[key] += by
  },
})

const partsOfKeyed = (operation: string, [key]: readonly unknown[]) => [
  { part: String(key), changes: operation === "put" },
]

interface Ports extends Record<"x" | "y", ReturnType<typeof register>> {
  readonly t: ReturnType<typeof keyed>
}

async function perform(op: Op, self: ProcessContext, world: World, ports: Ports): Promise<unknown> {
  switch (op.do) {
    case "turn":
      return self.clock.turn()
    case "sleep":
      return self.clock.sleep(op.ms)
    case "read":
      return ports[op.register].read()
    case "write":
      return ports[op.register].write(self.id)
    case "peek":
      return ports[op.register].peek()
    case "get":
      return ports.t.get(op.key)
    case "put":
      return ports.t.put(op.key, self.id)
    case "both": {
      const order: unknown[] = []
      const performed = op.ops.map(async (one, n) => void order.push(n, await perform(one, self, world, ports)))
      await Promise.all(performed)
      return order
    }
    case "emit":
      self.trace.emit({ kind: "Probe", of: self.id, count: 0 })
      return undefined
    case "draw":
      return world.random.integer(0, 9)
  }
}

const turns = (n: number): Op[] => new Array<Op>(n).fill({ do: "turn" })

async function exploreProgram(processes: readonly (readonly Op[])[], options: ExploreOptions = {}) {
  const reached = new Set<string>()
  const { seen, schedules, cut } = await explore(program(processes, reached), options)
  return { seen, schedules, cut, reached: [...reached].sort() }
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))

/** Two processes that each add to a counter by reading and then writing it. */
async function lostUpdate(world: World): Promise<void> {
  const counter = { value: 0, read: async () => counter.value, write: async (n: number) => void (counter.value = n) }
  const add = async (self: ProcessContext) => {
    const port = self.port("counter", counter)
    await port.write((await port.read()) + 1)
  }
  await Promise.all([world.process("a", add).ended, world.process("b", add).ended])
  if (counter.value !== 2) throw new Error(`two additions made ${counter.value}`)
}

describe("explore", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [1, 1, 1],
    [2, 1, 0],
  ])(
    "runs all interleavings of independent processes without reduction, and one of them with it: %o",
    async (...lengths) => {
      // One step more for the start of each process.
      const steps = lengths.map((n) => n + 1)
      const interleavings = steps.reduce((count, n) => count / factorial(n), factorial(steps.reduce((a, b) => a + b)))
      const all = await exploreProgram(lengths.map(turns), { reduction: "none" })
      expect(all).toMatchObject({ seen: "all", schedules: interleavings, cut: 0 })
      const reduced = await exploreProgram(lengths.map(turns))
      expect(reduced).toMatchObject({ seen: "all", schedules: 1, reached: all.reached })
    },
  )

  it("sees both orders of what is done at one port and seen at another of the same object", async () => {
    const twoPorts = (sameAs?: string) => async (world: World) => {
      const store = register()
      const writer = world.process("writer", async (self) => self.port("primary", store).write("new"))
      const reader = world.process("reader", async (self) => {
        await self.port("standby", store, sameAs === undefined ? {} : { sameAs }).read()
      })
      await Promise.all([writer.ended, reader.ended])
    }
    const apart = await explore(twoPorts())
    expect(await explore(twoPorts("primary"))).toMatchObject({ seen: "all", schedules: 2 * apart.schedules })
  })

  it("runs one schedule per order of steps that touch the same object", async () => {
    const write: Op = { do: "write", register: "x" }
    expect(await exploreProgram([[write], [write], [write]])).toMatchObject({ seen: "all", schedules: 6 })
    expect(await exploreProgram([[write], [{ do: "write", register: "y" }]])).toMatchObject({ schedules: 1 })
  })

  it("runs one schedule where one process has two calls under way that have nothing in common", async () => {
    const both = (...ops: [Op, Op]) => exploreProgram([[{ do: "both", ops }]])
    const put = (key: "k" | "l"): Op => ({ do: "put", key })
    // Who gets its reply first is a difference: the process goes on with it.
    expect(await both(put("k"), put("l"))).toMatchObject({ seen: "all", schedules: 2 })
    expect(await both({ do: "get", key: "k" }, { do: "get", key: "k" })).toMatchObject({ schedules: 2 })
    expect(await both(put("k"), put("k"))).toMatchObject({ schedules: 4 })
    const all = await exploreProgram([[{ do: "both", ops: [put("k"), put("l")] }]], { reduction: "none" })
    expect(all).toMatchObject({ seen: "all", schedules: 6 })
  })

  it("leaves out a crash that takes with it all that another one would have seen happen", async () => {
    const faults = [{ process: "p0", crash: { rate: 0.5, restartAfterMs: [0, 0] as const, most: 1 } }]
    const all = await exploreProgram([turns(3)], { faults, reduction: "none" })
    expect(all).toMatchObject({ seen: "all", schedules: 5 })
    expect(await exploreProgram([turns(3)], { faults })).toMatchObject({
      seen: "all",
      schedules: 2,
      reached: all.reached,
    })
  })

  it("lets a turn go at once with the step before it where only calls count", async () => {
    const programs: Op[][] = [turns(2), [{ do: "write", register: "x" }]]
    const count = async (granularity: "steps" | "calls") =>
      (await exploreProgram(programs, { granularity, reduction: "none" })).schedules
    expect([await count("steps"), await count("calls")]).toEqual([20, 4])
  })

  it("says how far it came", async () => {
    const shares: number[] = []
    const onProgress = ({ share }: Census) => void shares.push(share)
    const controller = new AbortController()
    const { signal } = controller
    expect(await explore(lostUpdate, { reduction: "none", onProgress })).toMatchObject({ seen: "all", share: 1 })
    expect(shares.every((share, n) => share > (shares[n - 1] ?? 0) && share < 1)).toBe(true)
    controller.abort()
    const { seen, share } = await explore(lostUpdate, { reduction: "none", signal })
    expect({ seen, share }).toEqual({ seen: "aborted", share: shares[0] })
  })

  it("reaches the same states with reduction and without, whatever the program and the trouble", async () => {
    const at = fc.constantFrom("x" as const, "y" as const)
    const simple: fc.Arbitrary<Op> = fc.oneof(
      fc.record({
        do: fc.constantFrom("get" as const, "put" as const),
        key: fc.constantFrom("k" as const, "l" as const),
      }),
      fc.record({
        do: fc.constantFrom("read" as const, "write" as const, "write" as const, "peek" as const),
        register: at,
      }),
      fc.record({ do: fc.constantFrom("turn" as const, "emit" as const, "draw" as const) }),
      fc.record({ do: fc.constant("sleep" as const), ms: fc.integer({ min: 0, max: 2 }) }),
    )
    const op = fc.oneof(
      { weight: 4, arbitrary: simple },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("both" as const), ops: fc.tuple(simple, simple) }) },
    )
    const plan = fc.constantFrom<FaultPlan[]>(
      { crash },
      { pause: { rate: 0.5, ms: [1, 1], most: 1 } },
      { requestLost: 0.5, replyLost: 0.5 },
      { delay: { rate: 0.5, ms: [1, 1] } },
      { crash, delay: { rate: 0.5, ms: [1, 1] } },
    )
    const two = fc.tuple(fc.array(op, { maxLength: 3 }), fc.array(op, { maxLength: 3 }))
    const three = fc.tuple(
      fc.array(op, { maxLength: 1 }),
      fc.array(op, { maxLength: 1 }),
      fc.array(op, { maxLength: 1 }),
    )
    const how = fc.record({
      granularity: fc.constantFrom("steps" as const, "calls" as const),
      faultMs: fc.nat(1),
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(two, three), plan, fc.nat(2), how, async (processes, faults, maxFaults, manner) => {
        const options = { faults: [{ process: "p0", ...faults }], maxFaults, ...manner }
        const all = await exploreProgram(processes, { ...options, reduction: "none", maxRuns: 1_000 })
        fc.pre(all.seen === "all")
        const reduced = await exploreProgram(processes, options)
        expect(reduced.reached).toEqual(all.reached)
        expect(reduced.seen).toBe("all")
        expect(reduced.schedules).toBeLessThanOrEqual(all.schedules)
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  it("finds the lost update in some of all schedules, and hands out the decisions that give it again", async () => {
    const { violations, failed, ...rest } = await explore(lostUpdate)
    expect(rest).toMatchInlineSnapshot(`
    {
      "cut": 18,
      "schedules": 6,
      "seen": "all",
      "share": 1,
      "steps": 214,
    }
  `)
    expect(violations).toHaveLength(1)
    const { message, decisions, schedules } = violations[0]!
    expect({ message, schedules }).toEqual({ message: "two additions made 1", schedules: failed })
    const { outcome } = await simulate(0, lostUpdate, { decisions, latencyMs: [0, 0] })
    expect(outcome).toMatchObject({ kind: "failed", error: { message } })
    const all = await explore(lostUpdate, { reduction: "none" })
    expect(all.violations.map((violation) => violation.message)).toEqual([message])
    expect(all.schedules).toMatchInlineSnapshot(`252`)
  })

  it("crashes at each step once: what happens once at most and what at least once", async () => {
    const main = async (world: World) => {
      const sent: string[] = []
      const mail = { send: async (letter: string) => void sent.push(letter) }
      const process = world.process("clerk", async (self) => {
        await self.clock.turn()
        await self.port("mail", mail).send(self.id)
      })
      while (process.state === "running" || process.state === "crashed") await world.clock.sleep(1)
      if (sent.length !== 1) throw new Error(`sent ${sent.length} times`)
    }
    const { seen, violations } = await explore(main, { faults: [{ crash }] })
    expect(seen).toBe("all")
    expect(violations.map(({ message, decisions }) => ({ message, decisions }))).toMatchInlineSnapshot(`
      [
        {
          "decisions": [
            {
              "fault": "crash",
              "kind": "fault",
              "ms": 0,
              "step": "clerk#1 mail.send reply 1",
            },
          ],
          "message": "sent 2 times",
        },
      ]
    `)
  })

  it("says which bound ended it", async () => {
    expect(await explore(lostUpdate, { reduction: "none", maxRuns: 3 })).toMatchObject({
      seen: "maxRuns",
      schedules: 3,
    })
    let ms = 0
    const clock = { now: () => (ms += 10), sleep: async () => undefined, turn: async () => undefined }
    expect(await explore(lostUpdate, { reduction: "none", maxMs: 50, clock })).toMatchObject({
      seen: "maxMs",
      schedules: 5,
    })
  })

  it("refuses a scenario that goes another way with the same choices", async () => {
    let run = 0
    const main = async (world: World) => {
      const names = run++ % 2 === 0 ? ["a", "b"] : ["c", "b"]
      await Promise.all(names.map((name) => world.process(name, () => world.clock.turn()).ended))
    }
    await expect(explore(main)).rejects.toThrow(/went another way than before .* now ready: c#1 start 1, b#1 start 1/)
  })

  it("names what it cannot work with", async () => {
    await expect(explore(lostUpdate, { maxRuns: 0 })).rejects.toThrow(
      'explore: option "maxRuns" must be an integer of at least 1, received 0',
    )
    await expect(explore(1 as never)).rejects.toThrow('explore: option "main" must be an async function, received 1')
  })
})

const crash = { rate: 0.5, restartAfterMs: [0, 0] as const, most: 2 }
