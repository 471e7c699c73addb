import { EventEmitter } from "node:events"
import type { Clock } from "../../../engine/clock.js"
import { integer, milliseconds, checkOptions, optional } from "../../../engine/options.js"
import type { PgPool } from "../pg.js"
import type { FakePgClient } from "./fake-pg-client.js"
import { type FakePgQuery, type QueryCallback } from "./fake-pg-client.js"
import type { FakePgResult } from "./fake-pg-result.js"
import type { TypeParsers } from "./type-parsers.js"

export interface FakePgPoolOptions {
  /** Most connections at once: an integer from 1. Default 10. */
  readonly max?: number
  /** How long `connect` waits for a connection, in milliseconds of the clock. Default 0: for ever. */
  readonly connectionTimeoutMillis?: number
  /** Settings of each connection as in the driver's options: `-c search_path=public -c name=value`. */
  readonly options?: string
  /** Overrides the driver's type parsers. */
  readonly types?: TypeParsers
}

export type ConnectCallback = (
  error: Error | undefined,
  client: FakePgClient | undefined,
  done: (destroy?: Error | boolean) => void,
) => void

/** Its reactions cost less than Node's `queueMicrotask`, which makes a resource for `async_hooks` of each call. */
const settled = Promise.resolve()

interface Waiter {
  readonly callback: ConnectCallback
  timedOut: boolean
}

type Connect = (types: TypeParsers | undefined) => FakePgClient

/**
 * A pool with the surface of the driver's. Connections are made when needed and kept; there is no idle timeout.
 * Emits `connect`, `acquire`, `release` and `remove`, and `error` (if somebody listens) for an idle connection that broke.
 */
export class FakePgPool extends EventEmitter implements PgPool {
  private readonly options: FakePgPoolOptions
  private readonly clock: Clock
  private readonly open: Connect
  private readonly clients = new Set<FakePgClient>()
  private readonly idle: FakePgClient[] = []
  private readonly waiters: Waiter[] = []
  private ending: { done: () => void } | undefined

  /** Made by `FakeMessageDb.pool`. @throws InvalidOptionError */
  constructor(options: FakePgPoolOptions, clock: Clock, open: Connect) {
    super()
    checkOptions(
      "FakeMessageDb.pool",
      { max: optional(integer(1)), connectionTimeoutMillis: optional(milliseconds) },
      options,
    )
    this.options = options
    this.clock = clock
    this.open = open
  }

  get totalCount(): number {
    return this.clients.size
  }

  get idleCount(): number {
    return this.idle.length
  }

  get waitingCount(): number {
    return this.waiters.length
  }

  connect(): Promise<FakePgClient>
  connect(callback: ConnectCallback): void
  connect(callback?: ConnectCallback): Promise<FakePgClient> | undefined {
    if (callback) {
      this.acquire(callback)
      return undefined
    }
    return new Promise((resolve, reject) => {
      this.acquire((error, client) => (error ? reject(error) : resolve(client!)))
    })
  }

  query(query: FakePgQuery): Promise<FakePgResult>
  query(text: string, values?: unknown[]): Promise<FakePgResult>
  query(query: FakePgQuery | string, callback: QueryCallback): void
  query(query: FakePgQuery | string, values: unknown[] | undefined, callback: QueryCallback): void
  query(
    query: FakePgQuery | string,
    values?: unknown[] | QueryCallback,
    callback?: QueryCallback,
  ): Promise<FakePgResult> | undefined {
    const whenDone = callback ?? (typeof values === "function" ? values : undefined)
    const parameters = typeof values === "function" ? undefined : values
    if (whenDone) {
      this.queryOnce(query, parameters, whenDone)
      return undefined
    }
    return new Promise((resolve, reject) => {
      this.queryOnce(query, parameters, (error, result) => (error ? reject(error) : resolve(result)))
    })
  }

  /** Refuses new work and resolves when every connection that is in use was released. */
  end(callback?: (error?: Error) => void): Promise<void> | undefined {
    if (this.ending) {
      const error = new Error("Called end on pool more than once")
      if (!callback) return Promise.reject(error)
      callback(error)
      return undefined
    }
    let ended: Promise<void> | undefined
    if (callback) this.ending = { done: callback }
    else ended = new Promise((done) => (this.ending = { done }))
    this.pulse()
    return ended
  }

  /** Breaks every connection, as a crash of the process does. See {@link FakePgClient.terminate}. */
  terminate(): void {
    for (const client of [...this.clients]) client.terminate()
  }

  private acquire(callback: ConnectCallback): void {
    if (this.ending) {
      callback(new Error("Cannot use a pool after calling end on the pool"), undefined, () => {})
      return
    }
    const waiter: Waiter = { callback, timedOut: false }
    if (this.idle.length === 0 && !this.isFull) return this.openFor(waiter)
    this.limitWait(waiter)
    this.waiters.push(waiter)
    if (this.idle.length > 0) void settled.then(() => this.pulse())
  }

  private get isFull(): boolean {
    return this.clients.size >= (this.options.max ?? 10)
  }

  private limitWait(waiter: Waiter): void {
    const patience = this.options.connectionTimeoutMillis
    if (!patience) return
    void this.clock.sleep(patience).then(() => {
      const at = this.waiters.indexOf(waiter)
      if (at < 0) return
      this.waiters.splice(at, 1)
      waiter.timedOut = true
      waiter.callback(new Error("timeout exceeded when trying to connect"), undefined, () => {})
    })
  }

  private openFor(waiter: Waiter): void {
    const client = this.open(this.options.types)
    this.clients.add(client)
    client.on("error", (error: Error) => this.lose(client, error))
    queueMicrotask(() => {
      if (!client.isUsable) {
        waiter.callback(new Error("Connection terminated unexpectedly"), undefined, () => {})
        return
      }
      this.emit("connect", client)
      this.handOut(client, waiter)
    })
  }

  private handOut(client: FakePgClient, waiter: Waiter): void {
    this.emit("acquire", client)
    let released = false
    // Not assigned at once: V8 allocates a function that is assigned to a property in its old generation.
    const release = (destroy?: Error | boolean) => {
      if (released) throw new Error("Release called on client which has already been released to the pool.")
      released = true
      this.takeBack(client, destroy)
    }
    client.release = release
    waiter.callback(undefined, client, release)
  }

  private takeBack(client: FakePgClient, destroy: Error | boolean | undefined): void {
    this.emit("release", destroy, client)
    if (destroy || this.ending || !client.isUsable) return this.remove(client)
    this.idle.push(client)
    this.pulse()
  }

  private remove(client: FakePgClient): void {
    const at = this.idle.indexOf(client)
    if (at >= 0) this.idle.splice(at, 1)
    this.clients.delete(client)
    void client.end(() => {
      this.emit("remove", client)
      this.pulse()
    })
  }

  /** A connection broke. One that is in use is removed when it is released. */
  private lose(client: FakePgClient, error: Error): void {
    if (!this.idle.includes(client)) return
    this.remove(client)
    if (this.listenerCount("error") > 0) this.emit("error", error, client)
  }

  private pulse(): void {
    if (this.ending) {
      for (const client of [...this.idle]) this.remove(client)
      if (this.clients.size > 0) return
      const { done } = this.ending
      this.ending = { done: () => {} }
      done()
      return
    }
    const waiter = this.waiters[0]
    if (!waiter || (this.idle.length === 0 && this.isFull)) return
    this.waiters.shift()
    const client = this.idle.pop()
    if (client) this.handOut(client, waiter)
    else this.openFor(waiter)
  }

  /** On a connection of its own, which is closed if the query fails, as the driver's pool does. */
  private queryOnce(query: FakePgQuery | string, values: unknown[] | undefined, callback: QueryCallback): void {
    this.acquire((error, client) => {
      if (!client) {
        callback(error, undefined as never)
        return
      }
      try {
        client.query(query, values, (failure, result) => {
          client.release(failure)
          callback(failure, result)
        })
      } catch (failure) {
        client.release(failure as Error)
        callback(failure as Error, undefined as never)
      }
    })
  }
}
