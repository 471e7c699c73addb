import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { describe, expect, test } from "vitest"
import type { Clock } from "../../engine/clock.js"
import { fuzz, judgeReaction, NotIdempotentError } from "./fuzz.js"
import type { FreshReaction, FuzzWorld, Reaction } from "./reaction.js"

/** What the reactions below have effects on: mails, and what is noted of them. */
const outside = () => ({ mails: [] as string[], keys: new Set<string>() })
type Outside = ReturnType<typeof outside>

const events = {
  "invoice-1": [{ type: "Issued", data: { total: 10 } }, { type: "Paid" }, { type: "Issued" }],
  "invoice-2": [{ type: "Issued" }, { type: "Paid" }],
}
/** How small a failure becomes does not depend on how fast the machine is then. */
const clock: Clock = { now: () => 0, sleep: async () => undefined, turn: async () => undefined }

const about = { events, outside, clock, observe: ({ mails }: Outside) => [...mails].sort(), runs: 60 }

const mailer = (world: FuzzWorld, { mails }: Outside) =>
  world.port("mailer", { send: async (mail: string) => void mails.push(mail) })

const mailerWithKey = (world: FuzzWorld, { mails, keys }: Outside) =>
  world.port("mailer", {
    send: async (mail: string, key: string) => {
      if (keys.has(key)) return
      keys.add(key)
      mails.push(mail)
    },
  })

const failureOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(NotIdempotentError)
  return (error as Error).message
}

describe("a mail for every invoice", { timeout: 120_000 }, () => {
  test("sent under a key, it survives everything", async () => {
    const reaction = (world: FuzzWorld, outside: Outside) => {
      const { send } = mailerWithKey(world, outside)
      return async (stream: string, events: readonly { type: string; index: bigint }[]) => {
        for (const { type, index } of events) if (type === "Issued") await send(stream, `${stream}@${index}`)
      }
    }
    const { outcome, axes } = await fuzz({ ...about, reaction })
    expect(outcome).toBe("idempotent")
    expect(axes.filter(({ outcome }) => outcome !== "held").map(({ axis }) => axis)).toEqual(["own failure", "result"])
  })

  test("sent again, it is named where each mail gets a new id, too", async () => {
    const reaction = (world: FuzzWorld, { mails }: Outside) => {
      const { send } = world.port("mailer", { send: async (mail: string) => ({ id: mails.push(mail) }) })
      return async (stream: string) => {
        await send(stream)
      }
    }
    const { axes } = await judgeReaction({ ...about, reaction, axes: ["redelivery"] })
    const redelivery = axes.find(({ axis }) => axis === "redelivery")
    expect(redelivery?.outcome === "failed" && redelivery.counterexample.hints).toEqual([
      expect.stringMatching(/^mailer\.send is called again for the same event\. Give it an idempotency key/),
    ])
  })

  test("of the axes, those are hunted that are asked for, and the verdict says so of the others", async () => {
    const reaction = (world: FuzzWorld, outside: Outside) => {
      const { send } = mailer(world, outside)
      return async (stream: string) => send(stream)
    }
    const message = await failureOf(fuzz({ ...about, reaction, axes: ["boundaries", "zombie"] }))
    expect(message.slice(0, message.indexOf("\n\n✗"))).toMatchInlineSnapshot(`
      "not idempotent: fails by other batch boundaries, a zombie consumer

        ✓ each event once, in order                8 histories
        ✗ other batch boundaries                   after 2 histories
        – streams interleaved                      not asked for
        – redelivery of a span                     not asked for
        – restart from an older checkpoint         not asked for
        – crash before, between and after effects  not asked for
        – an effect fails                          not asked for
        – the reply of an effect is lost           not asked for
        – a failure of the port's own              not asked for
        ✗ a zombie consumer                        after 2 histories
        – all of it together                       not asked for
        – StreamResult used rightly                not exercised: the handler never answers one"
    `)
    await expect(fuzz({ ...about, reaction, axes: [] })).rejects.toThrow(
      'fuzz: option "axes" must be at least one of boundaries,',
    )
    await expect(fuzz({ ...about, reaction, axes: ["crash", "zombies" as "zombie"] })).rejects.toThrow(
      /option "axes\.1" must be one of boundaries, .*, received "zombies"/,
    )
  })

  test("not awaited, it is lost", async () => {
    const reaction = (world: FuzzWorld, outside: Outside) => {
      const { send } = mailerWithKey(world, outside)
      return async (stream: string, events: readonly { type: string; index: bigint }[]) => {
        for (const { type, index } of events) if (type === "Issued") void send(stream, `${stream}@${index}`)
      }
    }
    const { outcome, axes } = await judgeReaction({ ...about, reaction })
    expect(outcome).toBe("not idempotent")
    expect(
      axes.flatMap((axis) =>
        axis.outcome === "failed" && axis.axis === "request lost"
          ? [axis.counterexample.story, axis.counterexample.hints].flat()
          : [],
      ),
    ).toMatchInlineSnapshot(`
      [
        "given invoice-2@0 Issued",
        "  consumer#1  gets invoice-2@0",
        "  consumer#1  ✗ mailer.send fails without effect",
        "  consumer#1  ✗ dies of an error that nobody catches: connection lost during mailer.send",
        "mailer.send is not awaited: the handler answers before it has come about, and nobody hears when it fails. Await it (several of them with Promise.all), and the events come again.",
      ]
    `)
  })

  test("noted before it is sent, it is lost", async () => {
    const reaction = (world: FuzzWorld, outside: Outside) => {
      const { send } = mailer(world, outside)
      const notes = world.port("notes", {
        has: async (key: string) => outside.keys.has(key),
        add: async (key: string) => void outside.keys.add(key),
      })
      return async (stream: string, events: readonly { type: string; index: bigint }[]) => {
        for (const { type, index } of events) {
          const key = `${stream}@${index}`
          if (type !== "Issued" || (await notes.has(key))) continue
          await notes.add(key)
          await send(stream)
        }
      }
    }
    expect(await failureOf(fuzz({ ...about, reaction }))).toMatchInlineSnapshot(`
      "not idempotent: fails by crash before, between and after effects, an effect fails, the reply of an effect is lost, a zombie consumer

        ✓ each event once, in order                8 histories
        ✓ other batch boundaries                   60 histories
        ✓ streams interleaved                      60 histories
        ✓ redelivery of a span                     60 histories
        ✓ restart from an older checkpoint         60 histories
        ✗ crash before, between and after effects  after 5 histories
        ✗ an effect fails                          after 4 histories
        ✗ the reply of an effect is lost           after 4 histories
        – a failure of the port's own              not exercised: no port was given \`failures\` of its own
        ✗ a zombie consumer                        after 3 histories
        – all of it together                       not exercised: one thing alone is enough
        – StreamResult used rightly                not exercised: the handler never answers one

      ✗ crash before, between and after effects
        given invoice-2@0 Issued
          consumer#1  gets invoice-2@0
          consumer#1    notes.has('invoice-2@0')
          consumer#1    notes.add('invoice-2@0')
          consumer#1  ✗ dies after notes.add, whose reply it never gets
          consumer#2  starts at position 0
          consumer#2  gets invoice-2@0
          consumer#2    notes.has('invoice-2@0')
          - [ 'invoice-2' ]
          + []
        → mailer.send does not come about any more: a marker that says it is done was stored first. Store marker and
          effect in one transaction, or the effect first and under a key.

      ✗ an effect fails
        given invoice-2@0 Issued
          consumer#1  gets invoice-2@0
          consumer#1    notes.has('invoice-2@0')
          consumer#1    notes.add('invoice-2@0')
          consumer#1  ✗ mailer.send fails without effect
          consumer#1  fails: connection lost during mailer.send
          consumer#2  starts at position 0
          consumer#2  gets invoice-2@0
          consumer#2    notes.has('invoice-2@0')
          - [ 'invoice-2' ]
          + []

      ✗ the reply of an effect is lost
        given invoice-1@0 Issued
          consumer#1  gets invoice-1@0
          consumer#1    notes.has('invoice-1@0')
          consumer#1    notes.add('invoice-1@0')
          consumer#1  ✗ the reply of notes.add is lost: it counts as failed
          consumer#1  fails: connection lost during notes.add
          consumer#2  starts at position 0
          consumer#2  gets invoice-1@0
          consumer#2    notes.has('invoice-1@0')
          - [ 'invoice-1' ]
          + []

      ✗ a zombie consumer
        given invoice-2@0 Issued
          consumer#1   gets invoice-2@0
          consumer#1     notes.has('invoice-2@0')
          consumer#1   ✗ is paused after notes.has, and another one takes over
          successor#1  starts at position 0
          successor#1  gets invoice-2@0
          successor#1    notes.has('invoice-2@0')
          successor#1    notes.add('invoice-2@0')
          successor#1    mailer.send('invoice-2')
          consumer#1   goes on after its pause
          consumer#1     notes.add('invoice-2@0')
          consumer#1     mailer.send('invoice-2')
          - [ 'invoice-2' ]
          + [ 'invoice-2', 'invoice-2' ]
        → Two instances run for a while, and the older one writes last: guard the write itself by the version of the
          event (where version < $n, a conditional write); a check that comes before it is out of date.

      Give it a \`name\`, and its failures are kept as cases, which are run first the next time."
    `)
  })

  test("sent without a key, it is sent again, and would not be if the mailer took its arguments for one", async () => {
    const reaction = (world: FuzzWorld, outside: Outside) => {
      const { send } = mailer(world, outside)
      return async (stream: string, events: readonly { type: string; index: bigint }[]) => {
        for (const { type, index } of events) if (type === "Issued") await send(`${stream}@${index}`)
      }
    }
    const { outcome, ifIdempotent, axes } = await judgeReaction({ ...about, reaction })
    expect({ outcome, ifIdempotent }).toEqual({ outcome: "idempotent if", ifIdempotent: ["mailer.send"] })
    expect(axes.map(({ axis, outcome }) => `${axis}: ${outcome}`)).toMatchInlineSnapshot(`
      [
        "once: held",
        "boundaries: held",
        "interleaved: held",
        "redelivery: failed",
        "rewound: failed",
        "crash: failed",
        "request lost: failed",
        "reply lost: failed",
        "own failure: not exercised",
        "zombie: failed",
        "together: not exercised",
        "result: not exercised",
      ]
    `)
    await expect(fuzz({ ...about, reaction, idempotent: ["mailer.send"] })).resolves.toMatchObject({
      outcome: "idempotent",
    })
  })
})

describe("a reaction that reads the stream of its events", { timeout: 120_000 }, () => {
  /** Writes down, for each event, a number that it reads off its stream. */
  const numbering =
    (numberOf: (read: readonly { index: bigint }[], index: bigint) => bigint) =>
    (world: FuzzWorld, rows: Map<string, bigint>) => {
      const table = world.port("table", { put: async (key: string, value: bigint) => void rows.set(key, value) })
      return async (stream: string, events: readonly { index: bigint }[]) => {
        for (const { index } of events)
          await table.put(`${stream}@${index}`, numberOf(await world.events.read(stream), index))
      }
    }
  const rows = { events, clock, runs: 20, outside: () => new Map<string, bigint>(), observe: (all: unknown) => all }

  test("finds each event there that came to it so far", async () => {
    const { outcome } = await fuzz({ ...rows, reaction: numbering((read, index) => read[Number(index)]!.index) })
    expect(outcome).toBe("idempotent")
  })

  test("may not take its end for the event in hand: newer ones are there when that comes again", async () => {
    const reaction = numbering((read) => read.at(-1)!.index)
    const { axes } = await judgeReaction({ ...rows, reaction, axes: ["redelivery", "rewound"] })
    expect(axes.filter(({ outcome }) => outcome === "failed").map(({ axis }) => axis)).toEqual(["rewound"])
    const rewound = axes.find(({ axis }) => axis === "rewound")
    expect(rewound?.outcome === "failed" && rewound.counterexample.story.join("\n")).toMatchInlineSnapshot(`
      "given invoice-2@0 Issued, invoice-2@1 Paid
        consumer#1  gets invoice-2@0
        consumer#1    events.read('invoice-2')
        consumer#1    table.put('invoice-2@0', 0n)
        consumer#1  gets invoice-2@1
        … 2 more …
        consumer#1  ✗ dies
        consumer#1  the stored position is set back to 0
        consumer#2  starts at position 0
        consumer#2  gets invoice-2@0
        consumer#2    events.read('invoice-2')
        consumer#2    table.put('invoice-2@0', 1n)
        consumer#2  gets invoice-2@1
        consumer#2    events.read('invoice-2')
        consumer#2    table.put('invoice-2@1', 1n)"
    `)
  })
})

describe("a test that is not written as it should be", () => {
  const nothing: unknown = undefined
  const none = () => nothing
  test.each<[string, object, string]>([
    [
      "no reaction",
      { reaction: undefined },
      'fuzz: option "reaction" must be a function, or an object with fresh(), received undefined',
    ],
    [
      "no handler",
      { reaction: none },
      'fuzz: option "reaction" must be a function that answers a handler (stream, events), received undefined',
    ],
    [
      "the handler itself",
      { reaction: async (_: string, events: Iterable<unknown>) => [...events] },
      "fuzz: reaction(world, outside) threw before it answered a handler: ",
    ],
    [
      "no object for a port",
      { reaction: (world: FuzzWorld) => world.port("mailer", none() as never) },
      'world.port: option "mailer" must be an object, received undefined',
    ],
    [
      "no events",
      { events: undefined },
      'fuzz: option "events" must be an object of streams, such as { "order-1": [{ type, data }] }, received undefined',
    ],
    ["events without streams", { events: [{ type: "Issued" }] }, 'fuzz: option "events" must be an object of streams,'],
    [
      "an equality that answers nothing",
      { equal: none },
      'fuzz: option "equal" must be a function that answers true or false, received undefined',
    ],
    [
      "a call that never ends",
      { reaction: () => () => new Promise(() => undefined) },
      "✗ a call of the handler does not end: what it waits for never comes",
    ],
  ])("is told what is wrong: %s", async (_, wrong, message) => {
    const right = { ...about, runs: 1, reaction: () => async () => undefined }
    await expect(fuzz({ ...right, ...wrong })).rejects.toThrow(message)
  })
})

test("a variable of a module outlives a history, unless the module is loaded anew", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "windtunnel-fresh-"))
  const file = path.join(folder, "notify.mjs")
  const code = `const known = new Set()
    export const notify = (world, { mails }) => {
      const { send } = world.port("mailer", { send: async (mail) => void mails.push(mail) })
      return async (stream, events) => {
        for (const { index } of events) if (!known.has(stream + index)) await send(stream + index), known.add(stream + index)
      }
    }`
  writeFileSync(file, code)
  let loaded = 0
  const load = async () => {
    const { notify } = (await import(/* @vite-ignore */ `${pathToFileURL(file).href}?${++loaded}`)) as {
      notify: Reaction<Outside>
    }
    return notify
  }
  const failed = async (reaction: Reaction<Outside> | FreshReaction<Outside>) => {
    const { axes } = await judgeReaction({ ...about, runs: 5, reaction, axes: ["boundaries", "redelivery"] })
    return axes.filter(({ outcome }) => outcome === "failed").map(({ axis }) => axis)
  }
  try {
    expect(await failed(await load())).toEqual(["once"])
    expect(await failed({ fresh: load })).toEqual(["redelivery"])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("what stands behind an external port takes real time, and every run waits for it", async () => {
  const later = <T>(run: () => T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(run()), 1))
  const { outcome } = await fuzz({
    events: {
      "payer-1": [
        { type: "Named", data: { name: "a" } },
        { type: "Named", data: { name: "b" } },
      ],
    },
    runs: 5,
    outside: () => later(() => new Map<string, { readonly version: bigint; readonly name: string }>()),
    observe: (rows) => rows,
    reaction: (world, rows) => {
      const upsert = (payer: string, version: bigint, name: string) => {
        if ((rows.get(payer)?.version ?? -1n) < version) rows.set(payer, { version, name })
      }
      const table = world.port(
        "payers",
        { upsert: (...row: Parameters<typeof upsert>) => later(() => upsert(...row)) },
        { external: true },
      )
      return async (payer, events) => {
        for (const { index, data } of events)
          await table.upsert(payer, index, (JSON.parse(data!) as { name: string }).name)
      }
    },
  })
  expect(outcome).toBe("idempotent")
}, 120_000)
