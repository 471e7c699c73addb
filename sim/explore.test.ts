import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { explore, type ExploreOptions } from "./explore.js"
import { simulate } from "./simulate.js"
import type { ProcessContext, World } from "./world.js"

type Op =
  | { readonly do: "turn" }
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "read" | "write" | "peek"; readonly register: "x" | "y" }
  | { readonly do: "emit" }
  | { readonly do: "draw" }

/** Each process runs its operations one after another; `reached` gets the state at the end of each run. */
function program(processes: readonly (readonly Op[])[], reached: Set<string>) {
  return async (world: World) => {
    const registers = { x: register(), y: register() }
    const events: string[] = []
    world.trace.subscribe((event) => {
      if (event.kind === "Probe") events.push(event.of)
      if (event.kind === "Crashed") events.push(`crash of ${event.process}`)
    })
    const seen: unknown[] = processes.map(() => "nothing")
    const started = processes.map((ops, i) =>
      world.process(`p${i}`, async (self) => {
        const values: unknown[] = []
        const x = self.port("x", registers.x, { sync: ["peek"] })
        const y = self.port("y", registers.y, { sync: ["peek"] })
        for (const op of ops) values.push(await perform(op, self, world, { x, y }))
        seen[i] = values
      }),
    )
    await Promise.all(started.map(({ ended }) => ended))
    reached.add(JSON.stringify([registers.x.value, registers.y.value, seen, events]))
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

async function perform(
  op: Op,
  self: ProcessContext,
  world: World,
  ports: Record<"x" | "y", ReturnType<typeof register>>,
) {
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

  it("runs one schedule per order of steps that touch the same object", async () => {
    const write: Op = { do: "write", register: "x" }
    expect(await exploreProgram([[write], [write], [write]])).toMatchObject({ seen: "all", schedules: 6 })
    expect(await exploreProgram([[write], [{ do: "write", register: "y" }]])).toMatchObject({ schedules: 1 })
  })

  it("reaches the same states with reduction and without, whatever the program", async () => {
    const at = fc.constantFrom("x" as const, "y" as const)
    const op: fc.Arbitrary<Op> = fc.oneof(
      fc.record({
        do: fc.constantFrom("read" as const, "write" as const, "write" as const, "peek" as const),
        register: at,
      }),
      fc.record({ do: fc.constantFrom("turn" as const, "emit" as const, "draw" as const) }),
      fc.record({ do: fc.constant("sleep" as const), ms: fc.integer({ min: 0, max: 2 }) }),
    )
    const two = fc.tuple(fc.array(op, { maxLength: 3 }), fc.array(op, { maxLength: 3 }))
    const three = fc.tuple(
      fc.array(op, { maxLength: 1 }),
      fc.array(op, { maxLength: 1 }),
      fc.array(op, { maxLength: 1 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(two, three), fc.nat(1), async (processes, maxFaults) => {
        const options = { faults: [{ process: "p0", crash }], maxFaults }
        const all = await exploreProgram(processes, { ...options, reduction: "none", maxRuns: 3_000 })
        fc.pre(all.seen === "all")
        const reduced = await exploreProgram(processes, options)
        expect(reduced.reached).toEqual(all.reached)
        expect(reduced.seen).toBe("all")
        expect(reduced.schedules).toBeLessThanOrEqual(all.schedules)
      }),
      { numRuns: 60 },
    )
  })

  it("finds the lost update in some of all schedules, and hands out the decisions that give it again", async () => {
    const { violations, failed, ...rest } = await explore(lostUpdate)
    expect(rest).toMatchInlineSnapshot(`
      {
        "cut": 18,
        "schedules": 6,
        "seen": "all",
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
