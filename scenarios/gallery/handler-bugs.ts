import type { Reaction } from "./reaction.js"

/** A reaction that is not ready for what happens to it, and one for the same purpose that is. */
export interface HandlerBug {
  readonly name: string
  /** How many instances of the consumer run side by side. Default: 1. */
  readonly instances?: number
  readonly faulty: Reaction
  readonly sound: Reaction
}

const mailWithKey: Reaction = (effects) => async (stream, events) => {
  for (const { index } of events) await effects.send(stream, `event ${index}`, `${stream}@${index}`)
}

/** Counts the events of a stream, those only that lie beyond what it has counted. */
const countOnce: Reaction = (effects) => async (stream, events) => {
  for (;;) {
    const { value, version } = await effects.read(stream)
    const { count, next } = { count: 0, next: 0, ...value }
    const fresh = events.filter(({ index }) => Number(index) >= next).length
    if (fresh === 0) return
    const end = Number(events.at(-1)!.index) + 1
    if (await effects.writeIf(stream, version, { count: count + fresh, next: end })) return
  }
}

/** The last index that was seen of a stream; an older one gives way. */
const keepNewest: Reaction = (effects) => async (stream, events) => {
  const last = Number(events.at(-1)!.index)
  for (;;) {
    const { value, version } = await effects.read(stream)
    if ((value?.["last"] ?? -1) >= last) return
    if (await effects.writeIf(stream, version, { last })) return
  }
}

const keepLast: Reaction = (effects) => async (stream, events) => {
  await effects.write(stream, { last: Number(events.at(-1)!.index) })
}

export const handlerBugs: readonly HandlerBug[] = [
  {
    name: "a mail is sent before it is noted",
    faulty: (effects) => async (stream, events) => {
      for (const { index } of events) {
        const key = `${stream}@${index}`
        if (await effects.hasNoted(key)) continue
        await effects.send(stream, `event ${index}`)
        await effects.note(key)
      }
    },
    sound: mailWithKey,
  },
  {
    name: "a mail is noted before it is sent",
    faulty: (effects) => async (stream, events) => {
      for (const { index } of events) {
        const key = `${stream}@${index}`
        if (await effects.hasNoted(key)) continue
        await effects.note(key)
        await effects.send(stream, `event ${index}`)
      }
    },
    sound: mailWithKey,
  },
  {
    name: "a mail's key is made of the time",
    faulty:
      (effects, { clock }) =>
      async (stream, events) => {
        for (const { index } of events)
          await effects.send(stream, `event ${index}`, `${stream} ${clock.now()}/${index}`)
      },
    sound: mailWithKey,
  },
  {
    name: "a total over all streams is read and written without its version",
    faulty: (effects) => async (stream, events) => {
      const { value } = await effects.read("total")
      const { [stream]: next = 0, total = 0 } = value ?? {}
      const fresh = events.filter(({ index }) => Number(index) >= next).length
      if (fresh === 0) return
      await effects.write("total", { ...value, total: total + fresh, [stream]: next + fresh })
    },
    sound: (effects) => async (stream, events) => {
      for (;;) {
        const { value, version } = await effects.read("total")
        const { [stream]: next = 0, total = 0 } = value ?? {}
        const fresh = events.filter(({ index }) => Number(index) >= next).length
        if (fresh === 0) return
        if (await effects.writeIf("total", version, { ...value, total: total + fresh, [stream]: next + fresh })) return
      }
    },
  },
  {
    name: "events that come again are told by their number, not by their index",
    faulty: (effects) => async (stream, events) => {
      const { value } = await effects.read(stream)
      const count = value?.["count"] ?? 0
      if (Number(events.at(-1)!.index) < count) return
      await effects.write(stream, { count: count + events.length })
    },
    sound: countOnce,
  },
  {
    name: "events that come again are counted once more",
    faulty: (effects) => async (stream, events) => {
      for (;;) {
        const { value, version } = await effects.read(stream)
        if (await effects.writeIf(stream, version, { count: (value?.["count"] ?? 0) + events.length })) return
      }
    },
    sound: countOnce,
  },
  {
    name: "a count is kept in a variable of the module",
    faulty: (effects) => {
      const counts = new Map<string, { count: number; next: number }>()
      return async (stream, events) => {
        const { count, next } = counts.get(stream) ?? { count: 0, next: 0 }
        const fresh = events.filter(({ index }) => Number(index) >= next).length
        const now = { count: count + fresh, next: Number(events.at(-1)!.index) + 1 }
        counts.set(stream, now)
        await effects.write(stream, now)
      }
    },
    sound: countOnce,
  },
  {
    name: "a write that fails is logged and forgotten",
    faulty: (effects) => async (stream, events) => {
      await effects.write(stream, { last: Number(events.at(-1)!.index) }).catch(() => undefined)
    },
    sound: keepLast,
  },
  {
    name: "nobody waits for a write",
    faulty: (effects) => async (stream, events) => {
      void effects.write(stream, { last: Number(events.at(-1)!.index) }).catch(() => undefined)
    },
    sound: keepLast,
  },
  {
    name: "an older state is written over a newer one",
    instances: 2,
    faulty: keepLast,
    sound: keepNewest,
  },
]
