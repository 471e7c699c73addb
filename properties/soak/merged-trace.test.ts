import { expect, test } from "vitest"
import type { TraceEvent } from "../../sim/trace.js"
import { MergedTrace, type Teller } from "./merged-trace.js"

const second = 1_000_000_000n

const slept = (ns: bigint, process: string) => ({ ns, event: { kind: "Resumed", process, n: 7, t: 7 } as const })

class Scripted implements Teller {
  events: ReturnType<typeof slept>[] = []
  until: bigint | undefined

  toldUntil(now: bigint): bigint | undefined {
    return this.until ?? now
  }

  read() {
    return this.events.splice(0)
  }
}

function merging(...tellers: Scripted[]) {
  const seen: TraceEvent[] = []
  const merged = new MergedTrace(0n, (event) => seen.push(event))
  for (const teller of tellers) merged.add(teller)
  return {
    merged,
    told: () => seen.splice(0).map((event) => (event.kind === "Resumed" ? event.process : event.kind)),
    seen,
  }
}

test("what happened first comes first, whoever tells it, and is numbered anew", () => {
  const [a, b] = [new Scripted(), new Scripted()]
  const { merged, seen } = merging(a, b)
  a.events = [slept(2n * second, "a"), slept(5n * second, "a")]
  b.events = [slept(3n * second, "b")]
  merged.advance(10n * second)
  expect(seen).toEqual([
    { kind: "Resumed", process: "a", n: 0, t: 2_000 },
    { kind: "Resumed", process: "b", n: 1, t: 3_000 },
    { kind: "Resumed", process: "a", n: 2, t: 5_000 },
  ])
})

test("what somebody could still come before is held back: of the last second, and while a process stands still", () => {
  const [a, b] = [new Scripted(), new Scripted()]
  const { merged, told } = merging(a, b)
  b.until = 4n * second
  a.events = [slept(2n * second, "early"), slept(4n * second, "late"), slept(9n * second, "last")]
  merged.advance(10n * second)
  expect(told()).toEqual(["early"])
  b.until = undefined
  b.events = [slept(3n * second, "between")]
  merged.advance(9n * second + second / 2n)
  expect(told()).toEqual(["between", "late"])
  merged.end()
  expect(told()).toEqual(["last"])
})

test("of one time, what was told first comes first", () => {
  const { merged, told } = merging()
  merged.tell(1n, { kind: "Crashed", process: "a" })
  merged.tell(1n, { kind: "Quiescent" })
  merged.end()
  expect(told()).toEqual(["Crashed", "Quiescent"])
})
