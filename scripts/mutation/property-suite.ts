import { MemoryCheckpoints } from "../../engine/memory-checkpoints.js"
import type { EngineUnderTest } from "../../properties/engine-under-test.js"
import { properties } from "../../properties/invariants.js"
import { playOf } from "../../properties/play.js"
import { referenceEngine } from "../../properties/reference-engine.js"
import type { StoreKind } from "../../properties/scenario.js"
import { seedOfRun } from "../../properties/seeds.js"
import { simulatedRun } from "../../properties/simulated-run.js"
import { histories } from "../../scenarios/gallery/histories.js"
import type { HistoryName } from "../../scenarios/gallery/mutant.js"
import { portfolio } from "../../sim/strategies/portfolio.js"

/** A history that is run with seed after seed. There is no example in it: all that is asked is that the properties hold. */
export interface Trial {
  readonly name: string
  /** Answers the first violation of any property. */
  run(): Promise<string | undefined>
}

/** Many times what a run takes: a mutant that spins is cut off early. */
const maxSteps = 20_000

/** What is stored outlives every consumer, and ends with the run: each begins by asking for the table. */
let stored = new MemoryCheckpoints()

class StoredInMemory {
  async ensureTable(): Promise<void> {
    stored = new MemoryCheckpoints()
  }

  load(...args: Parameters<MemoryCheckpoints["load"]>) {
    return stored.load(...args)
  }

  commit(...args: Parameters<MemoryCheckpoints["commit"]>) {
    return stored.commit(...args)
  }
}

/** The property suite: what mutants of the engine have to come through to survive. */
export const trials: readonly Trial[] = [
  trial("one consumer", "message-db", 10),
  trial("stop and start", "message-db", 40),
  trial("several categories", "message-db", 5),
  trial("complete streams", "message-db", 5),
  trial("two instances", "message-db", 4),
  trial("store away", "message-db", 4),
  trial("failures that meet", "message-db", 4),
  trial("consumer group", "message-db", 3),
  trial("late events", "message-db", 3),
  trial("left behind", "message-db", 4),
  trial("no progress at first", "message-db", 3),
  trial("few idle streams", "message-db", 8),
  ...(["two instances", "stop and start", "several categories"] as const).map((history) =>
    trial(history, "message-db", 4, { PgCheckpoints: StoredInMemory }),
  ),
  trial("from the tail", "dynamo-store", 4),
  trial("two instances", "dynamo-store", 4),
  trial("old replicas", "dynamo-store", 4),
  trial("small epochs", "dynamo-store", 3),
]

function trial(history: HistoryName, on: StoreKind, runs: number, engine: Partial<EngineUnderTest> = {}): Trial {
  const play = playOf("mutation", histories[history], on)
  return {
    name: `${history} on ${on}${"PgCheckpoints" in engine ? ", checkpoints in memory" : ""}`,
    async run() {
      for (let n = 0; n < runs; n++) {
        const under = { play, engine: { ...referenceEngine, ...engine }, properties, seed: seedOfRun("mutation", n) }
        const { watch, failure } = await simulatedRun(under, { strategy: portfolio, maxSteps })
        const [first] = watch.violations
        if (first !== undefined) return `${first.property}: ${first.message}`
        if (failure !== undefined) return `run: ${failure}`
      }
      return undefined
    },
  }
}
