import type { Clock } from "../engine/clock.js"
import type { SeededRandom } from "./seeded-random.js"
import type { Trace } from "./trace-recorder.js"

/** Where a deployment lives: simulated (virtual time, chosen order, faults) or real (the machine's clock and stores). */
export interface World {
  /** Virtual time and a chosen order, or the machine's clock and its own order. Both know every kind of fault. */
  readonly kind: "simulated" | "real"
  readonly clock: Clock
  readonly random: SeededRandom
  readonly trace: Trace
  /** Declares a process and starts it. Its incarnations are named `name#1`, `name#2`, … */
  process(name: string, main: (self: ProcessContext) => Promise<void>): Process
  /**
   * Wraps an object that belongs to no process, so that it can never crash. Its requests and replies can be lost by
   * plans that name no process. See {@link ProcessContext.port}.
   */
  port<T extends object>(name: string, object: T, options?: PortOptions): T
  /**
   * Awaits something of the real world, such as an import, a file or a server: the honest way to do it. Under
   * simulation nothing else happens meanwhile and no virtual time passes; the history is one per seed as far as what
   * comes back is the same each time.
   */
  external<T>(run: () => Promise<T>): Promise<T>
  /** Adds trouble; the result ends it again. What the plan has begun takes its course: a delay, a pending restart. */
  fault(plan: FaultPlan): () => void
  /** Ends all trouble that was added, so that a scenario can come to rest. */
  heal(): void
}

export interface Process {
  readonly name: string
  readonly state: "running" | "stopping" | "crashed" | "ended" | "failed"
  /** Resolves when the present incarnation ended, failed or crashed. Never rejects. */
  readonly ended: Promise<Ending>
  /**
   * Kills the present incarnation: calls it waits for never return, none of its later calls has an effect. No effect
   * when none is running. A crash that a plan brought about is followed by a restart; this one is not, and it calls
   * such a restart off.
   */
  crash(): void
  /** Asks the present incarnation to end by aborting its signal. Calls a restart off that a plan has in store. */
  stop(): void
  /** Starts another incarnation. @throws Error while one is running */
  restart(): void
}

/**
 * How an incarnation came to its end. In each case it is over like a process of the operating system: what it left
 * running (timers, calls that nobody awaits) is gone with it.
 */
export type Ending =
  { readonly kind: "ok" } | { readonly kind: "failed"; readonly error: unknown } | { readonly kind: "crashed" }

/** The world as one incarnation of a process sees it. What it awaits through these dies with it. */
export interface ProcessContext {
  readonly name: string
  /** `name#incarnation`. */
  readonly id: string
  readonly clock: Clock
  readonly random: SeededRandom
  /** The world's trace, as long as this incarnation lives: what it would say after its end is not heard. */
  readonly trace: Pick<Trace, "emit">
  /** Aborted by {@link Process.stop}. */
  readonly signal: AbortSignal
  /**
   * Wraps an object so that every async method becomes two yield points, request and reply. Between them the
   * scheduler chooses who goes next, and faults and crashes strike. Calls that do not wait for one another may reach
   * the object in any order, unless it is `ordered` or came from a `nested` method.
   */
  port<T extends object>(name: string, object: T, options?: PortOptions): T
  /**
   * Runs a little after this incarnation crashed or failed: closes what the operating system would close, e.g. its
   * connections. Not after it ended in good order, when it has closed them itself.
   */
  onCrash(release: () => void): void
}

export interface PortOptions {
  /** Methods that answer at once and pass straight through. `release` and those of Node's EventEmitter always do. */
  readonly sync?: readonly string[]
  /** Methods whose result is an object to be wrapped in turn, such as `connect`. It is `ordered`, like a connection. */
  readonly nested?: readonly string[]
  /**
   * True for a connection: the object gets calls one at a time, in the order in which they were made, and their callers
   * get the replies in that order. A call that waits for its turn has no effect if the life ends before. Default: false,
   * as for a pool.
   */
  readonly ordered?: boolean
  /** Makes the error that the caller gets when a request or reply is lost. Default: an `Error` that names port and operation. */
  readonly lost?: (operation: string) => Error
  /**
   * Called with the object whose request or reply was lost, e.g. to break the connection on the server's side. When the
   * reply of a nested method was lost: with the object that its caller never got, and will never give back.
   */
  readonly onLost?: (object: object, operation: string) => void
}

/** What can go wrong. */
export type FaultKind = "requestLost" | "replyLost" | "delay" | "crash"

/** Trouble for the ports and processes whose names match. Rates are probabilities per opportunity, 0 to 1. */
export interface FaultPlan {
  /** A port's name, or all ports. */
  readonly port?: string
  /** Names of operations, or all. */
  readonly operations?: readonly string[]
  /** A process's name (without incarnation), or all. */
  readonly process?: string
  readonly requestLost?: number
  readonly replyLost?: number
  /** Extra milliseconds before the reply: drawn from the range with the given rate. */
  readonly delay?: { readonly rate: number; readonly ms: readonly [number, number] }
  /**
   * Crash at a yield point of the matching processes, at most `most` times in all, each time restarted after a pause.
   * In a real world: before a request or a reply of a port.
   */
  readonly crash?: { readonly rate: number; readonly restartAfterMs: readonly [number, number]; readonly most: number }
}
