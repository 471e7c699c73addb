/*
 * The machine's clock, timers and chance, as code inside of a simulation meets them. While at least one run asks for
 * it, the globals stand behind a door: outside of a simulation they are what they were, for the test runner too; inside
 * a use is noted with its place, and in a virtual run time comes from the world's clock, timers are steps of the life
 * that set them and die with it, and chance comes from the seed.
 *
 * Invariants: every door is opened and closed together with the others, when the first run begins and the last one ends;
 * a timer that was set inside can only be cleared, and never fires, after its life is over.
 *
 * Why this is no library for fake timers: `@sinonjs/fake-timers`, which is the well-kept one, puts one clock in the place
 * of the globals, for everybody in the process, and fires what is due in one order, that of time. It knows neither who set
 * a timer nor who asks for the time. Here several runs and the test runner share the process, each life has a clock of its
 * own, a strategy chooses among what is due, and a crash takes the timers of one life and leaves those of the others.
 *
 * Out of reach is what was taken from its place before a run began: `const { now } = Date`, `promisify(setTimeout)` or
 * `const { randomUUID } = require("node:crypto")` at the top of a module. Named imports of an ES module are within reach:
 * `syncBuiltinESMExports` makes them follow.
 */
import crypto from "node:crypto"
import { syncBuiltinESMExports } from "node:module"
import { performance as realPerformance } from "node:perf_hooks"
import timers from "node:timers"
import timersPromises from "node:timers/promises"
import { promisify } from "node:util"
import { type Inside, inside } from "./inside.js"
import { delayOf, sleep, ticks, timerOf, VirtualTimer } from "./virtual-timers.js"

type Method = (...args: never[]) => unknown

let runs = 0
let close: () => void = () => undefined

/** Puts the doors in place for the length of a run. Answers how to take them away again. */
export function openDoors(): () => void {
  if (runs++ === 0) close = replaceAll()
  return () => {
    if (--runs === 0) close()
  }
}

/** Notes a use that is watched for; answers on whose behalf it is made when it is to be virtual. */
function virtual(what: string): Inside | undefined {
  const here = inside.getStore()
  if (here === undefined) return undefined
  if (here.globals.kind === "virtual") return here
  here.globals.used(what)
  return undefined
}

/** Puts something in the place of a method, or of the function that gets a property. */
type Replace = (owner: object, key: string, make: (real: Method) => unknown) => void
type Property = { readonly get?: Method; readonly value?: Method; readonly enumerable: boolean }

function replaceAll(): () => void {
  const undo: (() => void)[] = []
  const replace: Replace = (owner, key, make) => {
    const before = Object.getOwnPropertyDescriptor(owner, key) as Property | undefined
    if (before === undefined) return
    const { get, value, enumerable } = before
    const door = get === undefined ? { value: make(value!), writable: true } : { get: make(get) as () => unknown }
    Object.defineProperty(owner, key, { configurable: true, enumerable, ...door })
    undo.push(() => Object.defineProperty(owner, key, before))
  }
  replaceDate(replace)
  replaceChance(replace)
  replaceElapsed(replace)
  for (const owner of [globalThis, timers]) replaceTimers(owner, replace)
  replacePromised(replace)
  syncBuiltinESMExports()
  return () => {
    for (const restore of undo.reverse()) restore()
    syncBuiltinESMExports()
  }
}

/** A method as it was before there was a door. */
const call = (real: Method, self: unknown, args: readonly unknown[]): unknown =>
  Reflect.apply(real, self, args) as unknown

function replaceDate(replace: Replace): void {
  const door = doorOfDate(Date)
  replace(globalThis, "Date", () => door)
  replace(Date.prototype, "constructor", () => door)
  const nowUnless = (date: unknown, what: string) => (date === undefined ? virtual(what)?.clock.now() : date)
  replace(
    Intl.DateTimeFormat.prototype,
    "formatToParts",
    (real) =>
      function (this: unknown, date?: unknown) {
        return call(real, this, [nowUnless(date, "Intl.DateTimeFormat.formatToParts")])
      },
  )
  replace(
    Intl.DateTimeFormat.prototype,
    "format",
    (real) =>
      function (this: unknown) {
        const format = call(real, this, []) as (date: unknown) => string
        if (inside.getStore() === undefined) return format
        return (date?: unknown) => format(nowUnless(date, "Intl.DateTimeFormat.format"))
      },
  )
}

function doorOfDate(real: DateConstructor): DateConstructor {
  const now = () => virtual("Date.now")?.clock.now() ?? real.now()
  return new Proxy(real, {
    construct: (target, args: unknown[], newTarget) => {
      const here = args.length === 0 ? virtual("new Date()") : undefined
      return Reflect.construct(target, here === undefined ? args : [here.clock.now()], newTarget) as object
    },
    apply: (target, self, args) => {
      const here = virtual("Date()")
      return here === undefined ? (call(target, self, args) as string) : new real(here.clock.now()).toString()
    },
    get: (target, key, receiver) => (key === "now" ? now : (Reflect.get(target, key, receiver) as unknown)),
  })
}

function replaceChance(replace: Replace): void {
  replace(Math, "random", (real) => () => virtual("Math.random")?.random.next() ?? real())
  replaceDrawing(replace)
  const web = Object.getPrototypeOf(globalThis.crypto) as object
  replace(
    web,
    "randomUUID",
    (real) =>
      function (this: unknown, options: never) {
        return virtual("crypto.randomUUID")?.random.uuid() ?? call(real, this, [options])
      },
  )
  replace(
    web,
    "getRandomValues",
    (real) =>
      function (this: unknown, array: never) {
        const here = virtual("crypto.getRandomValues")
        const drawn = call(real, this, [array]) as ArrayBufferView
        return here === undefined ? drawn : filled(here, drawn)
      },
  )
}

/** `node:crypto`. What Node itself draws goes first and is overwritten: it knows which arguments are wrong. */
function replaceDrawing(replace: Replace): void {
  const { randomBytes, randomFillSync, randomInt } = crypto as unknown as Record<string, Method>
  const drawing = (operation: string, draw: (here: Inside, args: readonly unknown[]) => unknown) =>
    replace(crypto, operation, (real) => (...args: unknown[]) => {
      const here = virtual(operation)
      if (here === undefined) return call(real, crypto, args)
      const callback = args.at(-1)
      if (typeof callback !== "function") return draw(here, args)
      const drawn = draw(here, args.slice(0, -1))
      new VirtualTimer(here, operation, 0, false, () => (callback as Callback)(null, drawn))
      return undefined
    })
  const fill = (here: Inside, args: readonly unknown[]) => {
    const [, offset, size] = args as [unknown, number?, number?]
    return filled(here, call(randomFillSync!, crypto, args) as ArrayBufferView, offset, size)
  }
  drawing("randomUUID", ({ random }) => random.uuid())
  drawing("randomBytes", (here, args) => filled(here, call(randomBytes!, crypto, args) as Buffer))
  drawing("randomFillSync", fill)
  drawing("randomFill", fill)
  drawing("randomInt", ({ random }, args) => {
    call(randomInt!, crypto, args)
    const [least, most] = (args[1] === undefined ? [0, args[0]] : args) as [number, number]
    return random.integer(least, most - 1)
  })
}

/** Fills all of it, or from an element on, as many elements as are asked for. */
function filled<T extends ArrayBufferView | ArrayBufferLike>(
  { random }: Inside,
  target: T,
  offset = 0,
  size?: number,
): T {
  const bytes = ArrayBuffer.isView(target)
    ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    : new Uint8Array(target)
  const width = (target as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1
  const end = size === undefined ? bytes.length : (offset + size) * width
  for (let i = offset * width; i < end; i++) bytes[i] = random.integer(0, 255)
  return target
}

function replaceElapsed(replace: Replace): void {
  // Not by the process's own clock, which may jump: this one is monotonic.
  const elapsed = (here: Inside) => here.pace.now() - here.globals.began
  const performance = Object.getPrototypeOf(realPerformance) as object
  replace(performance, "now", (real) => () => {
    const here = virtual("performance.now")
    return here === undefined ? call(real, realPerformance, []) : elapsed(here)
  })
  replace(
    performance,
    "timeOrigin",
    (real) => () => virtual("performance.timeOrigin")?.globals.began ?? call(real, realPerformance, []),
  )
  replace(process, "uptime", (real) => () => {
    const here = virtual("process.uptime")
    return here === undefined ? call(real, process, []) : elapsed(here) / 1_000
  })
  replace(process, "hrtime", (real) =>
    Object.assign(
      (before?: [number, number]) => {
        const here = virtual("process.hrtime")
        if (here === undefined) return call(real, process, [before])
        const ms = elapsed(here) - (before === undefined ? 0 : before[0] * 1_000 + before[1] / 1_000_000)
        return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1_000_000)]
      },
      {
        bigint: () => {
          const here = virtual("process.hrtime.bigint")
          if (here === undefined) return (real as unknown as typeof process.hrtime).bigint()
          return BigInt(Math.round(elapsed(here) * 1_000_000))
        },
      },
    ),
  )
}

type Callback = (...args: unknown[]) => void

function replaceTimers(owner: object, replace: Replace): void {
  const after = (operation: "setTimeout" | "setInterval" | "setImmediate") =>
    replace(owner, operation, (real) => {
      const door = (callback: Callback, ...rest: unknown[]) => {
        const here = typeof callback === "function" ? virtual(operation) : undefined
        // Node's own refuses what is no function.
        if (here === undefined) return call(real, globalThis, [callback, ...rest])
        const [ms, ...args] = operation === "setImmediate" ? [0, ...rest] : [delayOf(rest[0]), ...rest.slice(1)]
        const fire = (timer: VirtualTimer) => Reflect.apply(callback, timer, args)
        return new VirtualTimer(here, operation, ms, operation === "setInterval", fire)
      }
      if (operation === "setInterval") return door
      const promised = (...args: [number]) => timersPromises[operation as "setTimeout"](...args)
      return Object.assign(door, { [promisify.custom]: promised })
    })
  after("setTimeout")
  after("setInterval")
  after("setImmediate")
  for (const operation of ["clearTimeout", "clearInterval", "clearImmediate"])
    replace(owner, operation, (real) => (timer: unknown) => {
      const known = timerOf(inside.getStore(), timer)
      if (known === undefined) call(real, globalThis, [timer])
      else known.clear()
    })
  if (owner === globalThis) replaceTimeoutSignal(replace)
}

function replaceTimeoutSignal(replace: Replace): void {
  replace(AbortSignal, "timeout", (real) => (ms: number) => {
    const here = Number.isInteger(ms) && ms >= 0 && ms < 2 ** 32 ? virtual("AbortSignal.timeout") : undefined
    if (here === undefined) return call(real, AbortSignal, [ms])
    const controller = new AbortController()
    const reason = () => new DOMException("The operation was aborted due to timeout", "TimeoutError")
    new VirtualTimer(here, "AbortSignal.timeout", delayOf(ms), false, () => controller.abort(reason()))
    return controller.signal
  })
}

/** `timers/promises`. */
function replacePromised(replace: Replace): void {
  const promised = (owner: object, operation: string, door: (here: Inside, ...args: never[]) => unknown) =>
    replace(
      owner,
      operation,
      (real) =>
        function (this: unknown, ...args: unknown[]) {
          const here = virtual(`timers/promises ${operation}`)
          return here === undefined ? call(real, this, args) : door(here, ...(args as never[]))
        },
    )
  type Options = { readonly signal?: AbortSignal }
  const soon = (here: Inside, value?: unknown, options?: Options) =>
    sleep(here, "setImmediate", 0, value, options?.signal)
  const later = (here: Inside, ms?: number, value?: unknown, options?: Options) =>
    sleep(here, "setTimeout", delayOf(ms), value, options?.signal)
  promised(timersPromises, "setTimeout", later)
  promised(timersPromises, "setImmediate", soon)
  promised(timersPromises, "setInterval", (here, ms?: number, value?: unknown, options?: Options) =>
    ticks(here, delayOf(ms), value, options?.signal),
  )
  const scheduler = Object.getPrototypeOf(timersPromises.scheduler) as object
  promised(scheduler, "wait", (here, ms?: number, options?: Options) => later(here, ms, undefined, options))
  promised(scheduler, "yield", (here) => soon(here))
}
