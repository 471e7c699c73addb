/*
 * The machine's clock, timers and chance, as code inside of a simulation meets them. While at least one run asks for
 * it, the globals stand behind a door: outside of a simulation they are what they were, for the test runner too; inside
 * a use is noted with its place, and in a virtual run time comes from the world's clock, timers are steps of the life
 * that set them and die with it, and chance comes from the seed.
 *
 * Invariants: every door is opened and closed together with the others, when the first run begins and the last one ends;
 * a timer that was set inside can only be cleared, and never fires, after its life is over.
 *
 * Why this is no library for fake timers: such a library replaces the globals for everybody in the process and knows one
 * clock. Here several runs and the test runner share the process, and each life has a clock of its own.
 */
import crypto from "node:crypto"
import { syncBuiltinESMExports } from "node:module"
import { performance as realPerformance } from "node:perf_hooks"
import timers from "node:timers"
import timersPromises from "node:timers/promises"
import { promisify } from "node:util"
import { type Inside, inside } from "./inside.js"
import type { Pending } from "./life.js"
import { stepLabel } from "./step-label.js"

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

function replaceAll(): () => void {
  const undo: (() => void)[] = []
  const replace = (owner: object, key: string, make: (real: Method) => unknown) => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key)
    if (descriptor === undefined) return
    const real = (owner as Record<string, Method>)[key]!
    Object.defineProperty(owner, key, {
      configurable: true,
      enumerable: descriptor.enumerable ?? true,
      writable: true,
      value: make(real),
    })
    undo.push(() => Object.defineProperty(owner, key, descriptor))
  }
  replace(globalThis, "Date", doorOfDate as never)
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

type Replace = (owner: object, key: string, make: (real: Method) => unknown) => void

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
  const uuid = (real: Method) => (options: never) => virtual("randomUUID")?.random.uuid() ?? real(options)
  replace(crypto, "randomUUID", uuid)
  replace(
    Object.getPrototypeOf(globalThis.crypto) as object,
    "randomUUID",
    (real) =>
      function (this: unknown, options: never) {
        return virtual("crypto.randomUUID")?.random.uuid() ?? call(real, this, [options])
      },
  )
  replace(
    Object.getPrototypeOf(globalThis.crypto) as object,
    "getRandomValues",
    (real) =>
      function (this: unknown, array: Uint8Array) {
        const here = virtual("crypto.getRandomValues")
        return here === undefined ? call(real, this, [array]) : filled(array, here)
      },
  )
  replace(crypto, "randomBytes", (real) => (size: number, callback?: (error: null, bytes: Buffer) => void) => {
    const here = virtual("randomBytes")
    if (here === undefined) return call(real, crypto, callback === undefined ? [size] : [size, callback])
    const bytes = filled(Buffer.alloc(size), here)
    if (callback === undefined) return bytes
    here.pace.schedule(timerLabel(here, "randomBytes"), here.life, 0, () => callback(null, bytes))
    return undefined
  })
}

function filled<T extends ArrayBufferView>(array: T, { random }: Inside): T {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.integer(0, 255)
  return array
}

function replaceElapsed(replace: Replace): void {
  // Not by the process's own clock, which may jump: this one is monotonic.
  const elapsed = (here: Inside) => here.pace.now() - here.globals.began
  replace(Object.getPrototypeOf(realPerformance) as object, "now", (real) => () => {
    const here = virtual("performance.now")
    return here === undefined ? call(real, realPerformance, []) : elapsed(here)
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

const timerLabel = ({ life }: Inside, operation: string) => stepLabel(life.id, "timers", operation, "timer")

/** What `setTimeout` and its like answer in a virtual run: as Node's, as far as anybody uses them. */
class Timer {
  readonly #here: Inside
  readonly #operation: string
  readonly #ms: number
  readonly #fire: () => void
  readonly #repeats: boolean
  #pending: Pending

  constructor(here: Inside, operation: string, ms: number, repeats: boolean, fire: () => void) {
    this.#here = here
    this.#operation = operation
    this.#ms = ms
    this.#fire = fire
    this.#repeats = repeats
    this.#pending = this.#schedule()
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  refresh(): this {
    this.#pending.cancel()
    this.#pending = this.#schedule()
    return this
  }

  close(): this {
    this.#pending.cancel()
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #schedule(): Pending {
    const { pace, life } = this.#here
    return pace.schedule(timerLabel(this.#here, this.#operation), life, this.#ms, () => {
      if (this.#repeats) this.#pending = this.#schedule()
      inside.run(this.#here, this.#fire)
    })
  }
}

type Callback = (...args: unknown[]) => void

function replaceTimers(owner: object, replace: Replace): void {
  const after = (operation: string, least: number, repeats: boolean) =>
    replace(owner, operation, (real) => {
      const door = (callback: Callback, ...rest: unknown[]) => {
        const here = virtual(operation)
        if (here === undefined) return call(real, globalThis, [callback, ...rest])
        const [ms, ...args] = operation === "setImmediate" ? [0, ...rest] : rest
        return new Timer(here, operation, Math.max(least, Number(ms) || 0), repeats, () => callback(...args))
      }
      if (operation === "setInterval") return door
      const promised = (...args: [number]) => timersPromises[operation as "setTimeout"](...args)
      return Object.assign(door, { [promisify.custom]: promised })
    })
  after("setTimeout", 1, false)
  after("setInterval", 1, true)
  after("setImmediate", 0, false)
  for (const operation of ["clearTimeout", "clearInterval", "clearImmediate"])
    replace(owner, operation, (real) => (timer: unknown) => {
      if (timer instanceof Timer) timer.close()
      else call(real, globalThis, [timer])
    })
}

/** `timers/promises`. */
function replacePromised(replace: Replace): void {
  const promised = (
    operation: string,
    door: (here: Inside, ms: number, value: unknown, signal?: AbortSignal) => Promise<unknown>,
  ) =>
    replace(timersPromises, operation, (real) => (...args: unknown[]) => {
      const here = virtual(`timers/promises ${operation}`)
      if (here === undefined) return call(real, timersPromises, args)
      const [ms, value, options] = operation === "setImmediate" ? [0, ...args] : args
      return door(here, Number(ms) || 0, value, (options as { signal?: AbortSignal } | undefined)?.signal)
    })
  const sleep = (here: Inside, ms: number, value: unknown, signal?: AbortSignal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const timer = new Timer(here, "setTimeout", ms, false, () => resolve(value))
      signal?.addEventListener("abort", () => reject((timer.close(), signal.reason as Error)), { once: true })
      return undefined
    })
  promised("setTimeout", (here, ms, value, signal) => sleep(here, Math.max(1, ms), value, signal))
  promised("setImmediate", (here, ms, value, signal) => sleep(here, ms, value, signal))
}
