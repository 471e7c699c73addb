/**
 * Errors that nobody catches: a promise that is rejected and never awaited, a listener that throws. They end a real process,
 * and in a simulation the life on whose behalf they came about, wherever the tests themselves are run.
 *
 * Node tells of them when all that a callback of the event loop caused is done, and before the next callback. So they belong
 * to the step that was released last, of all simulations that are under way in this thread.
 *
 * Invariants: while a simulation is under way nobody else is told, since a test runner would take it amiss; with the last one
 * its listeners are back. An error that came about before any step is given to them. Of a life that is over nobody hears.
 */

interface Bearer {
  readonly over: boolean
  fail(error: unknown): void
}

type Listener = (error: unknown, ...rest: unknown[]) => void

const kinds = ["unhandledRejection", "uncaughtException"] as const

let bearer: Bearer | undefined
let underWay = 0
let others: ReadonlyMap<string, readonly Listener[]> = new Map()

/** A step is released on behalf of a life. */
export function bears(life: Bearer): void {
  bearer = life
}

/** To be called when a simulation begins; what it answers, when it is over. */
export function catchUncaught(): () => void {
  if (underWay++ === 0) others = new Map(kinds.map((kind) => [kind, takeOver(kind)]))
  return () => {
    if (--underWay > 0) return
    bearer = undefined
    for (const kind of kinds) giveBack(kind)
  }
}

const ours = new Map(kinds.map((kind) => [kind, (...args: Parameters<Listener>) => uncaught(kind, args)]))

function takeOver(kind: (typeof kinds)[number]): readonly Listener[] {
  const listeners = process.rawListeners(kind) as Listener[]
  process.removeAllListeners(kind)
  process.on(kind, ours.get(kind)!)
  return listeners
}

function giveBack(kind: (typeof kinds)[number]): void {
  process.off(kind, ours.get(kind)!)
  for (const listener of others.get(kind)!) process.on(kind, listener)
}

function uncaught(kind: string, args: Parameters<Listener>): void {
  const [error] = args
  if (bearer !== undefined) return bearer.over ? undefined : bearer.fail(error)
  const listeners = others.get(kind) ?? []
  if (listeners.length === 0) throw error
  for (const listener of listeners) listener(...args)
}
