import path from "node:path"
import * as v from "valibot"
import { type Clock, systemClock } from "../../engine/clock.js"
import {
  checkOptions,
  fn,
  has,
  integer,
  InvalidOptionError,
  milliseconds,
  optional,
  text,
} from "../../engine/options.js"
import { openDoors } from "../../sim/virtual-globals.js"
import { deepEqual, type Equal } from "./difference.js"
import { axisNames, type AxisName } from "./axis.js"
import { annotation, fuzzEnvironment, type FuzzEnvironment } from "./environment.js"
import { historySetup, type Samples } from "./history.js"
import { Inquest } from "./inquest.js"
import { KeptCases, readFuzzCase } from "./kept-cases.js"
import type { FreshReaction, Reaction } from "./reaction.js"
import { type FuzzVerdict, verdictLines } from "./verdict.js"

export interface FuzzOptions<Outside> {
  /** Builds the handler of one incarnation of its process: called at every start, also after a crash. */
  readonly reaction: Reaction<Outside> | FreshReaction<Outside>
  /** The events that the handler gets: streams by name or category, given or drawn. */
  readonly events: Samples
  /**
   * What the world looks like when all is done, as plain data: mails sent, rows, streams appended to. A run whose end
   * differs from that of a run with each event once, in order, has failed. Without what depends on time or chance.
   */
  readonly observe: (outside: Outside) => unknown
  /**
   * Makes the world outside of the process anew, before each run: what the reaction has effects on, and `observe` looks at.
   * Both get what it answers. Default: there is none, and both get undefined.
   */
  readonly outside?: () => Outside | Promise<Outside>
  /** Whether two ends of the world count as the same. Default: deep structural equality. */
  readonly equal?: Equal
  /** Operations that are idempotent by their arguments, as `port.operation`: called again with the same ones, they do nothing. */
  readonly idempotent?: readonly string[]
  /** What all is drawn from. Default: the environment's `WINDTUNNEL_SEED`, else 1, so that a test does not fail by chance. */
  readonly seed?: number | string
  /** Milliseconds for all axes together. Default: the environment's `WINDTUNNEL_TIME` (`10m`), else 1000. */
  readonly time?: number
  /**
   * Which axes are hunted, of `boundaries`, `interleaved`, `redelivery`, `rewound`, `crash`, `request lost`, `reply lost`,
   * `own failure`, `zombie` and `together`, which is all trouble at once. The verdict says of the others that they were not
   * asked for. Default: all.
   */
  readonly axes?: readonly AxisName[]
  /** How many histories of each axis, instead of a time: an integer of at least 1. */
  readonly runs?: number
  /** The reaction's name, by which its failures are kept. Default: the test's, in Vitest; else none are kept. */
  readonly name?: string
  /** The folder where failures are kept, and from which they are run first the next time. Default: `__windtunnel__` beside the test. */
  readonly cases?: string
  /** Measures the time. Default: the machine's clock. */
  readonly clock?: Clock
}

const oneAxis = `one of ${axisNames.join(", ")}`

const accepted = {
  reaction: v.union([fn, has("fresh")], "a function, or an object with fresh()"),
  events: v.custom<object>(
    (x) => typeof x === "object" && x !== null && !Array.isArray(x),
    'an object of streams, such as { "order-1": [{ type, data }] }',
  ),
  observe: fn,
  outside: optional(fn),
  equal: optional(fn),
  axes: optional(v.pipe(v.array(v.picklist(axisNames, oneAxis), oneAxis), v.minLength(1, `at least ${oneAxis}`))),
  time: optional(milliseconds),
  runs: optional(integer(1)),
  name: optional(text),
  cases: optional(text),
  clock: optional(has("now", "sleep", "turn")),
}

/** Where a reaction is fuzzed from. */
export interface Place {
  readonly name: string | undefined
  /** The folder of its cases. */
  readonly cases: string
  /** The command that runs it again. */
  readonly command: string
}

/** A reaction is not idempotent: the message says how it fails, in the smallest histories that were found. */
export class NotIdempotentError extends Error {
  override readonly name = "NotIdempotentError"
  declare readonly verdict: FuzzVerdict
  constructor(message: string, verdict: FuzzVerdict) {
    super(message)
    // Its message says it all: whatever prints the error's properties as well would say it twice.
    Object.defineProperty(this, "verdict", { value: verdict })
  }
}

/**
 * Shows a reaction what can happen to it in production: spans that come again, other batches, crashes around its effects,
 * lost replies, streams side by side, zombies, old checkpoints. Each by itself, and then all of it together. The end of
 * each history is compared with that of a run in which every event comes once, in order.
 *
 * A failure is kept as a case, where the reaction has a name, and cases are run first the next time. With `WINDTUNNEL_CASE`
 * in the environment, that case is all that is run.
 *
 * @throws NotIdempotentError when the reaction fails by one of these, or got no event
 * @throws InvalidOptionError
 * @throws Error when `reaction` throws although nothing goes wrong; and whatever `outside`, `observe` or `equal` throw
 */
export async function fuzz<Outside = undefined>(options: FuzzOptions<Outside>): Promise<FuzzVerdict> {
  const calledFrom = stackAbove(fuzz)
  const script = path.relative("", process.argv[1] ?? "")
  const place = {
    name: options.name,
    cases: options.cases ?? path.join(path.dirname(script), caseFolder),
    command: `node ${script}`,
  }
  return fuzzedAt(place, options, calledFrom)
}

/** The folder of cases, beside a test. */
export const caseFolder = "__windtunnel__"

/** The frames of whoever called a function. */
export function stackAbove(called: (...args: never[]) => unknown): string {
  const here = { stack: "" }
  Error.captureStackTrace(here, called)
  return here.stack.replace(/^[^\n]*/, "")
}

/** As {@link fuzz}, called from a given place. @param calledFrom The frames of an error's stack. */
export async function fuzzedAt<Outside>(
  { name, cases, command }: Place,
  options: FuzzOptions<Outside>,
  calledFrom: string,
): Promise<FuzzVerdict> {
  const environment = fuzzEnvironment()
  const kept = name === undefined ? undefined : new KeptCases(cases, name)
  const { caseFile } = environment
  const only = caseFile === undefined ? undefined : await readFuzzCase(caseFile)
  if (only !== undefined && name !== undefined && only.reaction !== name)
    return { outcome: "not exercised", ifIdempotent: [], axes: [], histories: 0, seed: only.case.seed }
  const inquest = inquestOf(options, environment)
  const verdict = await withDoors(async () =>
    only === undefined ? inquest.verdict((await kept?.all()) ?? []) : inquest.verdictOf(only.case),
  )
  if (verdict.outcome === "idempotent") return verdict
  const files = only === undefined ? await keptAs(verdict, kept) : new Map([[only.case.axis, caseFile!]])
  const message = [...verdictLines(verdict, files), "", ...againLines([...files.values()], command)].join("\n")
  // Where the machine of CI looks for it.
  // eslint-disable-next-line no-console
  if (environment.annotates) console.log(annotation(name ?? "windtunnel", message))
  const error = new NotIdempotentError(message, verdict)
  error.stack = `${error.name}: ${message}${calledFrom}`
  throw error
}

async function keptAs(verdict: FuzzVerdict, kept: KeptCases | undefined): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  if (kept === undefined) return files
  for (const axis of verdict.axes)
    if (axis.outcome === "failed") files.set(axis.axis, await kept.keep(axis.counterexample.case))
  return files
}

const againLines = ([file]: readonly string[], command: string): readonly string[] =>
  file === undefined
    ? ["Give it a `name`, and its failures are kept as cases, which are run first the next time."]
    : [`again: WINDTUNNEL_CASE=${file} ${command}`]

/** As {@link fuzz}; answers the verdict, whatever it is, and keeps nothing. @throws InvalidOptionError */
export async function judgeReaction<Outside = undefined>(options: FuzzOptions<Outside>): Promise<FuzzVerdict> {
  const inquest = inquestOf(options, fuzzEnvironment())
  return withDoors(() => inquest.verdict([]))
}

/** Opened once for all runs: that costs as much as a run. */
async function withDoors<T>(run: () => Promise<T>): Promise<T> {
  const close = openDoors()
  try {
    return await run()
  } finally {
    close()
  }
}

function inquestOf<Outside>(options: FuzzOptions<Outside>, environment: FuzzEnvironment): Inquest<Outside> {
  checkOptions("fuzz", accepted, options)
  const { reaction, events: samples, observe, idempotent = [], runs, equal = deepEqual, clock = systemClock } = options
  const outside = options.outside ?? (() => undefined as Outside)
  return new Inquest({
    subject: { reaction, samples, observe, outside, idempotent: new Set(idempotent) },
    history: historySetup(samples),
    equal: answering(equal),
    seed: options.seed ?? environment.seed ?? 1,
    axes: options.axes && new Set(options.axes),
    clock,
    timeMs: options.time ?? environment.timeMs ?? usualMs,
    runs,
  })
}

/** What forgets its `return` would take everything for different. @throws InvalidOptionError */
const answering =
  (equal: Equal): Equal =>
  async (expected, seen) => {
    const same: unknown = await equal(expected, seen)
    if (typeof same !== "boolean")
      throw new InvalidOptionError("fuzz", "equal", same, "a function that answers true or false")
    return same
  }

const usualMs = 1_000
