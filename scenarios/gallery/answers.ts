import fc from "fast-check"
import { StreamResult } from "../../engine/stream-result.js"
import type { Handler, Stage } from "../../properties/stage.js"

/** What a handler answers to its n-th call when that is not that all was processed. */
export interface Answer {
  /** Calls of a process are counted from 1, over all of its incarnations. */
  readonly call: number
  readonly answer: Kind
  /** For `part`, of how many events; for `ahead` and `behind`, by how many; for `too much`, how many more than given. */
  readonly by: number
}

const kinds = ["part", "none", "ahead", "behind", "too much", "error"] as const
type Kind = (typeof kinds)[number]

/** Answers to calls: of some kinds only, many or few. Shrinks to none, so that everything is always processed. */
export const answers = answersOf(kinds)

/** Those that do not end the run. */
export const peacefulAnswers = answersOf(["part", "none", "ahead", "behind"])

/** One call in so many ends the run. Not many in all, because a consumer that failed pauses. Shrinks to one. */
export const errors: fc.Arbitrary<readonly Answer[]> = fc
  .record({ every: fc.integer({ min: 2, max: 8 }), times: fc.integer({ min: 1, max: 10 }) })
  .map(({ every, times }) =>
    Array.from({ length: times }, (_, i) => ({ call: every * (i + 1), answer: "error", by: 0 })),
  )

/** The first calls make no progress, however many there are. Few, because the pauses between them get longer. */
export const noneAtFirst: fc.Arbitrary<readonly Answer[]> = fc
  .nat(10)
  .map((n) => Array.from({ length: n }, (_, i) => ({ call: i + 1, answer: "none", by: 0 })))

function answersOf(kinds: readonly Kind[]): fc.Arbitrary<readonly Answer[]> {
  return fc
    .record({
      kinds: fc.subarray([...kinds]),
      list: fc.uniqueArray(
        fc.record({ call: fc.integer({ min: 1, max: 40 }), answer: fc.constantFrom(...kinds), by: fc.nat(3) }),
        { selector: ({ call }) => call, maxLength: 40, size: "max" },
      ),
    })
    .map(({ kinds, list }) => list.filter(({ answer }) => kinds.includes(answer)))
}

/** Makes the handlers of a process's incarnations. */
export type Answering = (work: Handler) => Handler

/** Handlers that answer as is given, after their work. */
export function answering(stage: Stage, given: readonly Answer[]): Answering {
  const versions = watchVersions(stage)
  const byCall = new Map(given.map((one) => [one.call, one]))
  let calls = 0
  return (work) => async (stream, events) => {
    const answer = byCall.get(++calls)
    await work(stream, events)
    if (answer === undefined) return undefined
    const first = Number(events[0]!.index)
    const end = first + events.length
    return resultOf(answer, first, end, Math.max(end, versions.get(stream) ?? 0))
  }
}

function resultOf({ answer, by }: Answer, first: number, end: number, version: number): StreamResult {
  switch (answer) {
    case "part":
      return StreamResult.PartiallyProcessed(Math.min(by, end - first))
    case "none":
      return StreamResult.NoneProcessed
    case "ahead":
      return StreamResult.OverrideNextIndex(BigInt(Math.min(version, end + 1 + by)))
    case "behind":
      return StreamResult.OverrideNextIndex(BigInt(Math.max(0, first - by)))
    case "too much":
      return StreamResult.PartiallyProcessed(end - first + 1 + by)
    case "error":
      throw new Error("the handler fails")
  }
}

/** How many events every stream has: what an outside truth may say. */
function watchVersions({ world }: Stage): ReadonlyMap<string, number> {
  const versions = new Map<string, number>()
  world.trace.subscribe((event) => {
    if (event.kind === "Appended") versions.set(event.stream, event.index + 1)
  })
  return versions
}
