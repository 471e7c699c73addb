import type { Clock } from "../engine/clock.js"
import type { Failure } from "./failure.js"
import type { SeededRandom } from "./seeded-random.js"
import type { Subject } from "./step-label.js"
import type { Trace } from "./trace-recorder.js"
import type { Waiting } from "./waiting.js"

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
  /**
   * Asks the plans in force whether a fault that they know by this name strikes here, at something that is no call of a
   * port. For a process: see {@link ProcessContext.strikes}.
   */
  strikes(fault: string, at: FaultPlace): boolean
  /** Adds trouble; the result ends it again. What the plan has begun takes its course: a delay, a pending restart. */
  fault(plan: FaultPlan): () => void
  /** Ends all trouble that was added, so that a scenario can come to rest. */
  heal(): void
  /** What everybody waits for who lives: the world itself first, then its processes. */
  waiting(): readonly Waiting[]
}

export interface Process {
  readonly name: string
  readonly state: "running" | "stopping" | "crashed" | "ended" | "failed"
  /** Whether the present incarnation is paused. */
  readonly paused: boolean
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
  /**
   * Lets nothing of the present incarnation happen until {@link resume}, as when its machine is suspended: it neither
   * acts nor dies, and learns nothing of it. What it had asked for takes effect meanwhile. Calls a planned end of a pause
   * off. No effect when none is running.
   */
  pause(): void
  /** Ends a pause: what was due meanwhile happens now. No effect when there is none. */
  resume(): void
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
   * Asks the plans in force whether a fault that they know by this name (`FaultPlan.failures`) strikes here, at something
   * that is no call of a port, such as what a feed delivers. One that does is in the trace, is counted, and is a decision.
   */
  strikes(fault: string, at: FaultPlace): boolean
  /**
   * Runs a little after this incarnation crashed or failed: closes what the operating system would close, e.g. its
   * connections. Not after it ended in good order, when it has closed them itself.
   */
  onCrash(release: () => void): void
}

/** Where a fault may strike, named as calls of ports are. */
export interface FaultPlace {
  readonly port: string
  readonly operation: string
  readonly about?: Subject
}

/** A part of an object, by a name of its own, and whether a call changes it or only reads it. */
export interface Touch {
  readonly part: string
  readonly changes: boolean
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
  /** What a call is about: makes its steps' names say more, and plans may go by it. Default: by the operation's name alone. */
  readonly describe?: (operation: string, args: readonly unknown[]) => Subject | undefined
  /** The name of another port, where what is done at one can be seen at the other: for exploration they are one object. */
  readonly sameAs?: string
  /**
   * Which parts of the object a call uses, for exploration: calls that have no part in common, or only read it, come to
   * the same in either order. Default, where it answers undefined, and for objects that a nested method handed out: all.
   */
  readonly touches?: (operation: string, args: readonly unknown[]) => readonly Touch[] | undefined
  /**
   * True when the object is code of the process itself, such as a handler: for exploration, what it does counts as done by
   * the process. Default: false, it is outside.
   */
  readonly inside?: boolean
  /** Faults that calls on this object can meet besides, by name: a plan that gives one of them a rate lets it happen. */
  readonly failures?: Readonly<Record<string, Failure>>
  /**
   * Whether a call may arrive at the object twice, as where a network or a driver repeats requests. Default: no call may.
   */
  readonly repeats?: (operation: string, about: Subject | undefined) => boolean
}

/** What goes wrong with calls and processes whatever they do. Other kinds have the names that ports give to them. */
export type BuiltInFault =
  "requestLost" | "replyLost" | "delay" | "repeat" | "crash" | "pause" | "clockSkew" | "clockJump"

/** What can go wrong. */
export type FaultKind = BuiltInFault | (string & {})

/** From and to, whole milliseconds, both ends included. */
export type MsRange = readonly [number, number]

/** Trouble for the ports and processes whose names match. Rates are probabilities per opportunity, 0 to 1. */
export interface FaultPlan {
  /** A port's name, or all ports. */
  readonly port?: string
  /** Names of operations, or of what calls are about (`Subject.what`); or all. */
  readonly operations?: readonly string[]
  /** A process's name (without incarnation), or all. */
  readonly process?: string
  readonly requestLost?: number
  readonly replyLost?: number
  /** Extra milliseconds before the reply: drawn from the range with the given rate. */
  readonly delay?: { readonly rate: number; readonly ms: MsRange }
  /**
   * A request arrives once more, so many milliseconds after its first arrival, and nobody gets the second answer: where a
   * port says that it may. Its sender may be dead by then.
   */
  readonly repeat?: { readonly rate: number; readonly ms: MsRange }
  /**
   * Crash at a yield point of the matching processes, at most `most` times in all, each time restarted after a pause.
   * In a real world: before a request or a reply of a port.
   */
  readonly crash?: { readonly rate: number; readonly restartAfterMs: MsRange; readonly most: number }
  /**
   * A pause at a yield point of the matching processes, at most `most` times in all: for so long nothing of the process
   * happens, and then it goes on as if nothing had been, see {@link Process.pause}.
   */
  readonly pause?: { readonly rate: number; readonly ms: MsRange; readonly most: number }
  /** The clock of each incarnation is that much ahead of the world's, drawn when it starts; behind it when negative. */
  readonly clockSkew?: MsRange
  /** The clock of a process jumps by so many milliseconds, back when negative, at a yield point; at most `most` times in all. */
  readonly clockJump?: { readonly rate: number; readonly ms: MsRange; readonly most: number }
  /** Rates of faults that go by the names that ports and processes give to them, such as `deadlock`. */
  readonly failures?: Readonly<Record<string, number>>
}
