import { EventEmitter } from "node:events"
import { InvalidOptionError } from "../engine/options.js"
import { type Admission, anyOrder, CallQueue } from "./call-queue.js"
import type { FailingCall } from "./failure.js"
import type { Faults, Openings, Trouble } from "./fault-plan.js"
import type { Life, Unanswered } from "./life.js"
import type { Pace } from "./pace.js"
import type { StepId } from "./step-id.js"
import { type StepLabel, stepLabel, type Subject } from "./step-label.js"
import type { PortOptions } from "./world.js"

type Method = (...args: unknown[]) => unknown

/** What a call came to. */
type Answer =
  { readonly kind: "returned"; readonly values: readonly unknown[] } | { readonly kind: "threw"; readonly error: Error }

/** Calls the object. */
type Perform = (done: Settle) => void

/** Goes on with the caller. */
type Settle = (answer: Answer) => void

/** A call on an object: how it is made, and who goes on when. One object, since nothing is made more often. */
class Call implements Omit<FailingCall, "perform">, Unanswered {
  previous: Unanswered | undefined = undefined
  next: Unanswered | undefined = undefined
  since = 0
  readonly object: object
  readonly operation: string
  readonly args: unknown[]
  readonly about: Subject | undefined
  readonly labels: Labels
  readonly perform: Perform
  readonly settle: Settle
  /** Says that the caller has got the answer. */
  readonly over: () => void

  constructor(made: Making, about: Subject | undefined, labels: Labels, over: () => void) {
    this.object = made.object
    this.operation = made.operation
    this.args = made.args
    this.perform = made.perform
    this.settle = made.settle
    this.about = about
    this.labels = labels
    this.over = over
  }

  get label(): StepLabel {
    return this.labels.request
  }
}

/** What makes a call. */
type Making = Pick<Call, "object" | "operation" | "args" | "perform" | "settle">

/** The names of a call's steps. */
interface Labels {
  readonly request: StepLabel
  readonly reply: StepLabel
  readonly repeat: StepLabel
}

/** What a port needs of its world. */
interface Surroundings {
  readonly name: string
  readonly life: Life
  /** The world's own life, on whose behalf a request may arrive when its sender is dead. */
  readonly world: Life
  readonly pace: Pace
  readonly faults: Faults
  readonly options?: PortOptions | undefined
}

/**
 * An object as one life sees it. Each call of a method becomes two steps: at the request the object is called, at the
 * reply the caller goes on. Between them others may act, and trouble may strike:
 *
 * - request lost: the object is not called, the caller gets an error;
 * - reply lost: the object is called, the caller gets an error;
 * - the life ends before the request: the object is not called, ever;
 * - the life ends before the reply: the object is called, the caller never learns of it;
 * - repeat: the object is called once more, later, and nobody learns of it;
 * - a failure of the object's own takes the place of the call.
 *
 * Calls that do not wait for one another overtake each other. On an object that keeps their order, such as a
 * connection, a call waits with its request until the caller of the one before has got its reply.
 *
 * A proxy stands before the object. It is made over an empty object with the same prototype, so that frozen objects can
 * be wrapped too; all that is read, written and called goes to the object itself, with the object as `this`.
 */
export class Port {
  readonly #name: string
  /** Ports of one such name stand for one object, for exploration. */
  readonly #sameAs: string
  readonly #life: Life
  readonly #world: Life
  readonly #pace: Pace
  readonly #faults: Faults
  readonly #options: PortOptions
  readonly #sync: ReadonlySet<PropertyKey>
  readonly #nested: ReadonlySet<string>
  readonly #labels = new Map<string, Labels>()
  readonly #wrapped = new WeakMap<object, object>()
  readonly #listeners = new WeakMap<object, Method>()
  /** Objects that the port was made for; others were handed out by their nested methods. */
  readonly #own = new WeakSet()

  constructor({ name, life, world, pace, faults, options = {} }: Surroundings) {
    this.#name = name
    this.#sameAs = options.sameAs ?? name
    this.#life = life
    this.#world = world
    this.#pace = pace
    this.#faults = faults
    this.#options = options
    this.#sync = new Set([...alwaysSync, ...(options.sync ?? [])])
    this.#nested = new Set(options.nested)
  }

  /** The object as seen through this port; always the same for the same object. */
  wrap<T extends object>(object: T): T {
    if (typeof (object as unknown) !== "object" || (object as unknown) === null)
      throw new InvalidOptionError("port", "object", object, "an object")
    this.#own.add(object)
    return this.#wrap(object, this.#options.ordered ?? false)
  }

  #wrap<T extends object>(object: T, ordered: boolean): T {
    const known = this.#wrapped.get(object)
    if (known !== undefined) return known as T
    const proxy = this.#proxy(object, ordered ? new CallQueue().admit : anyOrder)
    this.#wrapped.set(object, proxy)
    return proxy
  }

  #proxy<T extends object>(object: T, admit: Admission): T {
    const methods = new Map<PropertyKey, { readonly method: Method; readonly wrapper: Method }>()
    const wrapperOf = (key: PropertyKey, method: Method): Method => {
      const known = methods.get(key)
      if (known?.method === method) return known.wrapper
      const wrapper = this.#wrapper(key, method, object, admit)
      methods.set(key, { method, wrapper })
      return wrapper
    }
    return new Proxy(Object.create(Object.getPrototypeOf(object) as object | null) as T, {
      get: (_, key) => {
        const value: unknown = Reflect.get(object, key, object)
        if (typeof value === "function" && isMethod(key, value)) return wrapperOf(key, value as Method)
        this.#touched()
        return value
      },
      set: (_, key, value) => this.#life.over || (this.#touched(), Reflect.set(object, key, value, object)),
      has: (_, key) => (this.#touched(), Reflect.has(object, key)),
      deleteProperty: (_, key) => this.#life.over || (this.#touched(), Reflect.deleteProperty(object, key)),
      ownKeys: () => (this.#touched(), Reflect.ownKeys(object)),
      getOwnPropertyDescriptor: (_, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(object, key)
        return descriptor && { ...descriptor, configurable: true }
      },
    })
  }

  #wrapper(key: PropertyKey, method: Method, object: object, admit: Admission): Method {
    if (typeof key === "symbol" || this.#sync.has(key)) return (...args) => this.#passThrough(method, object, args)
    const operation = String(key)
    const make = (args: unknown[], perform: Perform, settle: Settle) =>
      admit((over) => this.#call({ object, operation, args, perform, settle }, over))
    return (...args) => {
      const last = args.at(-1)
      if (typeof last === "function") {
        make(args, withCallback(method, object, args.slice(0, -1)), callBack(last as Method))
        return undefined
      }
      return new Promise((resolve, reject) => {
        make(args, withPromise(method, object, args), (answer) =>
          answer.kind === "threw" ? reject(answer.error) : resolve(answer.values[0]),
        )
      })
    }
  }

  /** The object is used, and nobody says which part of it. */
  #touched(): void {
    this.#pace.touched?.(`port ${this.#sameAs}`)
  }

  #used({ object, operation, args }: Call): void {
    if (this.#pace.touched === undefined) return
    if (this.#options.inside === true) this.#pace.touched(this.#life.id)
    const parts = this.#own.has(object) ? this.#options.touches?.(operation, args) : undefined
    if (parts === undefined) return this.#touched()
    this.#pace.touched(`port ${this.#sameAs}`, false)
    for (const { part, changes } of parts) this.#pace.touched(`port ${this.#sameAs}: ${part}`, changes)
  }

  /** A method that answers at once. That of a life that is over does nothing. */
  #passThrough(method: Method, object: object, args: unknown[]): unknown {
    if (this.#life.over) return this.wrap(object)
    this.#touched()
    const result = method.apply(
      object,
      args.map((arg) => (typeof arg === "function" ? this.#listener(arg as Method) : arg)),
    )
    return result === object ? this.wrap(object) : result
  }

  /** A callback that is silent when the life is over; always the same for the same callback, so that it can be removed. */
  #listener(callback: Method): Method {
    const known = this.#listeners.get(callback)
    if (known !== undefined) return known
    const life = this.#life
    const listener: Method = function (this: unknown, ...args) {
      return life.over ? undefined : callback.apply(this, args)
    }
    this.#listeners.set(callback, listener)
    return listener
  }

  readonly #latency = (step: StepId): number => this.#pace.latency(step)

  #call(making: Making, over: () => void): void {
    const about = this.#options.describe?.(making.operation, making.args)
    const call = new Call(making, about, this.#labelsOf(making.operation, about), over)
    this.#pace.schedule(call.label, this.#life, this.#latency, (step) => this.#request(call, step))
  }

  #request(call: Call, step: StepId): void {
    const { nth } = step
    const life = this.#life
    this.#used(call)
    const trouble = this.#faults.call(step, life, this.#openings(call))
    if (trouble.requestLost) {
      this.#lose("requestLost", call.label, call.object)
      this.#reply(call, this.#lostAnswer(call.operation), 0, nth)
      return
    }
    if (trouble.repeatMs !== undefined) this.#repeat(call, trouble.repeatMs)
    call.since = this.#pace.now()
    life.unanswered.add(call)
    this.#performed(call, trouble.failure)((answer) => this.#answered(call, answer, trouble, nth))
  }

  #answered(call: Call, answer: Answer, { delayMs, replyLost }: Trouble, nth: number): void {
    const life = this.#life
    if (life.over) return
    life.unanswered.delete(call)
    if (delayMs > 0) this.#faults.happened("delay", life, call.label, delayMs)
    const { operation, object } = call
    if (replyLost) {
      this.#lose("replyLost", call.label, this.#handedOver(operation, answer) ?? object)
      this.#reply(call, this.#lostAnswer(operation), delayMs, nth)
    } else this.#reply(call, this.#nested.has(operation) ? this.#wrapAnswer(answer) : answer, delayMs, nth)
  }

  #reply(call: Call, answer: Answer, delayMs: number, nth: number): void {
    const latency = delayMs === 0 ? this.#latency : (step: StepId) => this.#pace.latency(step) + delayMs
    this.#pace.schedule(call.labels.reply, this.#life, latency, () => this.#settle(call, answer), nth)
  }

  #openings(call: Call): Openings {
    const { failures, repeats } = this.#options
    if (failures === undefined && repeats === undefined) return closed
    return {
      befalls: (name) => failures?.[name]?.befalls(call) ?? false,
      repeats: () => repeats?.(call.operation, call.about) ?? false,
    }
  }

  /** How the call is made, where a failure may take its place. */
  #performed(call: Call, name: string | undefined): Perform {
    if (name === undefined) return call.perform
    this.#faults.happened(name, this.#life, { port: this.#name, operation: call.operation })
    const failure = this.#options.failures![name]!
    const { object, operation, args } = call
    const perform = () =>
      new Promise<unknown>((resolve, reject) => {
        call.perform((answer) => (answer.kind === "threw" ? reject(answer.error) : resolve(answer.values[0])))
      })
    return withPromise((struck: FailingCall) => failure.strike(struck), undefined, [
      { object, operation, args, perform },
    ])
  }

  #repeat({ perform, operation, labels }: Call, afterMs: number): void {
    this.#pace.schedule(labels.repeat, this.#world, afterMs, () => {
      this.#faults.happened("repeat", this.#life, { port: this.#name, operation }, afterMs)
      perform(() => undefined)
    })
  }

  /** The call is over when its caller has got the answer. A caller that throws fails first: it calls nothing any more. */
  #settle({ settle, over }: Call, answer: Answer): void {
    try {
      settle(answer)
    } catch (error) {
      this.#life.fail(error)
    }
    over()
  }

  #lose(fault: "requestLost" | "replyLost", label: StepLabel, object: object): void {
    this.#faults.happened(fault, this.#life, label)
    this.#options.onLost?.(object, label.operation)
  }

  #lostAnswer(operation: string): Answer {
    const error = this.#options.lost?.(operation) ?? new Error(`connection lost during ${this.#name}.${operation}`)
    return { kind: "threw", error }
  }

  /** The object that a method such as `connect` was about to hand to its caller. */
  #handedOver(operation: string, answer: Answer): object | undefined {
    if (!this.#nested.has(operation) || answer.kind === "threw") return undefined
    const value = answer.values[0]
    return typeof value === "object" && value !== null ? value : undefined
  }

  #wrapAnswer(answer: Answer): Answer {
    if (answer.kind === "threw") return answer
    const wrapped = answer.values.map((value) => {
      if (typeof value === "function") return this.#listener(value as Method)
      return typeof value === "object" && value !== null ? this.#wrap(value, true) : value
    })
    return { kind: "returned", values: wrapped }
  }

  #labelsOf(operation: string, about: Subject | undefined): Labels {
    const key = about === undefined ? operation : `${about.what ?? operation} ${about.of ?? ""}`
    const known = this.#labels.get(key)
    if (known !== undefined) return known
    const label = (phase: "request" | "reply" | "repeat") =>
      stepLabel(this.#life.id, this.#name, operation, phase, about)
    const labels = { request: label("request"), reply: label("reply"), repeat: label("repeat") }
    this.#labels.set(key, labels)
    return labels
  }
}

/** Nothing but what may befall any call. */
const closed: Openings = { befalls: () => false, repeats: () => false }

const alwaysSync = [...Object.getOwnPropertyNames(EventEmitter.prototype), "release"]

/** What every object has (`toString`, `constructor`, …) is no operation. */
function isMethod(key: PropertyKey, value: unknown): boolean {
  return key !== "constructor" && value !== (Object.prototype as unknown as Record<PropertyKey, unknown>)[key]
}

/** Calls a method that returns its result or a promise of it. */
function withPromise<A extends unknown[]>(
  method: (...args: A) => unknown,
  object: object | undefined,
  args: A,
): Perform {
  return (done) => {
    let result: unknown
    try {
      result = method.apply(object, args)
    } catch (error) {
      done({ kind: "threw", error: error as Error })
      return
    }
    if (isThenable(result))
      result.then(
        (value) => done({ kind: "returned", values: [value] }),
        (error: unknown) => done({ kind: "threw", error: error as Error }),
      )
    else done({ kind: "returned", values: [result] })
  }
}

/** Calls a method whose last argument is a callback in Node's style, `(error, ...results)`. Only its first call counts. */
function withCallback(method: Method, object: object, args: unknown[]): Perform {
  return (done) => {
    let called = false
    const once = (answer: Answer) => {
      if (!called) done(answer)
      called = true
    }
    try {
      method.call(object, ...args, (error: unknown, ...values: unknown[]) =>
        once(
          error === null || error === undefined
            ? { kind: "returned", values }
            : { kind: "threw", error: error as Error },
        ),
      )
    } catch (error) {
      once({ kind: "threw", error: error as Error })
    }
  }
}

/** Goes on with a caller that passed a callback. */
function callBack(callback: Method): Settle {
  return (answer) => (answer.kind === "threw" ? callback(answer.error) : callback(null, ...answer.values))
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"
}
