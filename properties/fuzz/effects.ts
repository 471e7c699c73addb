/*
 * Stands between a port and the object that it was made for, and sees every call that reaches the object: what the
 * reaction did to the world, in order. A call whose request was lost, or whose sender died before, is not among them.
 *
 * On request it takes effects for idempotent: a call with the arguments of an earlier one is not made again and gets the
 * answer of the earlier one. That shows whether a reaction would be idempotent if its effects were.
 */
import { inspect } from "node:util"
import type { World } from "../../sim/world.js"
import type { FuzzPortOptions } from "./reaction.js"

/** A call that reached its object. */
export interface Effect {
  /** The incarnation that made it. */
  readonly process: string
  /** `port.operation`. */
  readonly name: string
  /** The arguments as text on one line, equal for equal ones. */
  readonly args: string
  /** What came of it, as text; undefined as long as nothing has. */
  answer?: string
}

/** Operations, as `port.operation`. */
export type Operations = ReadonlySet<string>

type Method = (...args: unknown[]) => unknown

export interface EffectsOptions {
  /** Told of every effect when it comes about. Default: nobody is, which spares the text of the arguments. */
  readonly seen?: ((effect: Effect) => void) | undefined
  /** Taken for idempotent by their arguments. */
  readonly idempotent: Operations
}

/** Where an object stands. */
interface Behind {
  readonly world: World
  /** The incarnation. */
  readonly process: string
  /** Told of every object that a nested method hands out, such as a connection. */
  readonly onHandedOut?: (object: object) => void
}

/** What reaches the world in one run. */
export class Effects {
  readonly #options: EffectsOptions
  readonly #answers = new Map<string, unknown>()

  constructor(options: EffectsOptions) {
    this.#options = options
  }

  /** The object as it stands behind a port of a process. */
  behind<T extends object>(
    { world, process, onHandedOut }: Behind,
    port: string,
    object: T,
    options: FuzzPortOptions,
  ): T {
    const sync = new Set<PropertyKey>(options.sync)
    const nested = new Set<PropertyKey>(options.nested)
    const wrap = <O extends object>(owner: O): O =>
      observed(owner, (key, method, args) => {
        if (sync.has(key)) return method.apply(owner, args)
        const call = (): unknown =>
          options.external === true ? world.external(async () => method.apply(owner, args)) : method.apply(owner, args)
        if (nested.has(key))
          return Promise.resolve(call()).then((handed) => {
            if (!isObject(handed)) return handed
            onHandedOut?.(handed)
            return wrap(handed)
          })
        return this.#made(process, `${port}.${key}`, args, call)
      })
    return wrap(object)
  }

  #made(process: string, name: string, args: readonly unknown[], call: () => unknown): unknown {
    const { seen, idempotent } = this.#options
    if (seen === undefined && !idempotent.has(name)) return call()
    const effect: Effect = { process, name, args: args.map(textOf).join(", ") }
    const key = `${name} ${effect.args}`
    if (this.#answers.has(key)) return this.#answers.get(key)
    seen?.(effect)
    const answer = call()
    if (idempotent.has(name)) this.#answers.set(key, answer)
    if (seen !== undefined)
      Promise.resolve(answer).then(
        (value) => (effect.answer = textOf(withoutMetadata(value))),
        () => undefined,
      )
    return answer
  }
}

/** An object whose methods are called through a function, and which is the same in everything else. */
function observed<O extends object>(owner: O, through: (key: string, method: Method, args: unknown[]) => unknown): O {
  const wrappers = new Map<string, { readonly method: Method; readonly wrapper: Method }>()
  // Over an empty object, as a port's own proxy is: a frozen one can be wrapped then, too.
  return new Proxy(Object.create(Object.getPrototypeOf(owner) as object | null) as O, {
    get: (_, key) => {
      const value: unknown = Reflect.get(owner, key, owner)
      if (typeof value !== "function" || typeof key === "symbol" || key === "constructor") return value
      const known = wrappers.get(key)
      if (known?.method === value) return known.wrapper
      const method = value as Method
      const wrapper: Method = (...args) => through(key, method, args)
      wrappers.set(key, { method, wrapper })
      return wrapper
    },
    set: (_, key, value) => Reflect.set(owner, key, value, owner),
    has: (_, key) => Reflect.has(owner, key),
    deleteProperty: (_, key) => Reflect.deleteProperty(owner, key),
    ownKeys: () => Reflect.ownKeys(owner),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(owner, key)
      return descriptor && { ...descriptor, configurable: true }
    },
  })
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** Clients of the AWS SDK say in each answer which request it is of. */
const withoutMetadata = (value: unknown): unknown =>
  isObject(value) && "$metadata" in value ? { ...value, $metadata: undefined } : value

const complete = { depth: null, breakLength: Infinity, compact: true, sorted: true }

const textOf = (value: unknown): string => inspect(value, { ...complete, maxArrayLength: null, maxStringLength: null })
