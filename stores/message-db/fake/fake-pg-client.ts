import { EventEmitter } from "node:events"
import type { PgClient, PgQuery } from "../pg.js"
import type { FakePgResult } from "./fake-pg-result.js"
import { toPgResult } from "./fake-pg-result.js"
import { parameterText } from "./parameter-text.js"
import type { Outcome, Session } from "./session.js"
import { defaultTypeParsers, type TypeParsers } from "./type-parsers.js"

export type QueryCallback = (error: Error | undefined, result: FakePgResult) => void

/** Its reactions cost less than Node's `queueMicrotask`, which makes a resource for `async_hooks` of each call. */
const settled = Promise.resolve()

interface Request {
  readonly text: string | undefined
  readonly name: string | undefined
  readonly values: readonly unknown[] | undefined
  readonly rowMode: string | undefined
  readonly types: TypeParsers
  readonly extended: boolean
  readonly callback: QueryCallback
}

/** What may be given in place of a text: the driver's QueryConfig, as far as the fake knows it. */
export interface FakePgQuery extends PgQuery {
  readonly callback?: QueryCallback
  readonly queryMode?: "extended"
}

/**
 * A connection with the surface of the driver's client. Queries are answered one after the other, each in a later
 * microtask; the database is changed when a query's turn comes, which is at once if the connection is free.
 */
export class FakePgClient extends EventEmitter implements PgClient {
  readonly processID: number
  private readonly session: Session
  private readonly types: TypeParsers
  private readonly statements = new Map<string, string>()
  private readonly queue: Request[] = []
  private active: Request | undefined
  private broken = false
  private ending = false

  constructor(session: Session, types: TypeParsers = defaultTypeParsers) {
    super()
    this.session = session
    this.types = types
    this.processID = session.processId
  }

  /** False when the connection is broken or ended. */
  get isUsable(): boolean {
    return !this.broken && !this.ending
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
    if (query === null || query === undefined) throw new TypeError("Client was passed a null or undefined query")
    if (typeof (query as { submit?: unknown }).submit === "function")
      throw new TypeError("The Message DB fake does not take query objects with a submit method, such as cursors")
    const config: Partial<FakePgQuery> = typeof query === "string" ? { text: query } : query
    const whenDone = callback ?? (typeof values === "function" ? values : config.callback)
    if (whenDone !== undefined && typeof whenDone !== "function") throw new TypeError("callback is not a function")
    const request = (callback: QueryCallback): Request => ({
      text: config.text,
      name: config.name,
      values: typeof values === "function" || !values ? config.values : values,
      rowMode: config.rowMode,
      types: config.types ?? this.types,
      extended: config.queryMode === "extended",
      callback,
    })
    if (whenDone) {
      this.enqueue(request(whenDone))
      return undefined
    }
    return new Promise((resolve, reject) => {
      this.enqueue(request((error, result) => (error ? reject(error) : resolve(result))))
    })
  }

  /** Replaced by the pool when it hands the connection out. */
  release: (destroy?: Error | boolean) => void = () => {
    throw new Error("This connection does not belong to a pool")
  }

  /** Ends the connection; what is under way is lost. */
  end(callback?: () => void): Promise<void> | undefined {
    this.ending = true
    this.session.close()
    this.failAll(new Error("Connection terminated"))
    const ended = Promise.resolve().then(() => {
      this.emit("end")
      callback?.()
    })
    return callback ? undefined : ended
  }

  /**
   * Breaks the connection, as a crash of this process or of the network does: the database rolls back what was not
   * committed, and what waits for an answer fails. Unlike the driver's, an error event without a listener is not thrown.
   */
  terminate(): void {
    if (this.broken || this.ending) return
    const error = new Error("Connection terminated unexpectedly")
    this.broken = true
    this.session.close()
    this.failAll(error)
    if (this.listenerCount("error") > 0) this.emit("error", error)
    queueMicrotask(() => this.emit("end"))
  }

  private enqueue(request: Request): void {
    const refusal = this.broken
      ? "Client has encountered a connection error and is not queryable"
      : this.ending
        ? "Client was closed and is not queryable"
        : undefined
    if (refusal !== undefined) return fail(request, new Error(refusal))
    this.queue.push(request)
    this.pulse()
  }

  private pulse(): void {
    if (this.active) return
    const request = this.queue.shift()
    if (!request) return
    this.active = request
    try {
      const { text, values } = this.check(request)
      this.session.submit(text, values, request.name ?? "", (outcome) => this.answer(request, outcome))
    } catch (error) {
      this.answer(request, { error })
    }
  }

  /** @throws Error as the driver does before it sends anything */
  private check({ text, name, values, extended }: Request) {
    if (typeof text !== "string" && typeof name !== "string")
      throw new Error("A query must have either text or a name. Supplying neither is unsupported.")
    const known = name === undefined ? undefined : this.statements.get(name)
    if (text && known !== undefined && known !== text)
      throw new Error(`Prepared statements must be unique - '${name}' was used for a different statement`)
    if (values && !Array.isArray(values)) throw new Error("Query values must be an array")
    if (name && text) this.statements.set(name, text)
    const isPrepared = extended || Boolean(name) || (Boolean(text) && (values?.length ?? 0) > 0)
    return { text: text ?? known ?? "", values: isPrepared ? (values ?? []).map(parameterText) : undefined }
  }

  private answer(request: Request, outcome: Outcome): void {
    void settled.then(() => {
      if (this.active !== request) return
      this.active = undefined
      deliver(request, outcome)
      this.pulse()
    })
  }

  private failAll(error: Error): void {
    const requests = [...(this.active ? [this.active] : []), ...this.queue]
    this.active = undefined
    this.queue.length = 0
    for (const request of requests) fail(request, error)
  }
}

function deliver({ rowMode, types, callback }: Request, outcome: Outcome): void {
  if ("error" in outcome) return callback(outcome.error as Error, undefined as never)
  let results: FakePgResult[]
  try {
    results = outcome.results.map((result) => toPgResult(result, rowMode, types))
  } catch (error) {
    return callback(error as Error, undefined as never)
  }
  // As the driver does, several statements are answered with an array, whatever the types say.
  callback(undefined, results.length === 1 ? results[0]! : (results as never))
}

function fail({ callback }: Request, error: Error): void {
  queueMicrotask(() => callback(error, undefined as never))
}
