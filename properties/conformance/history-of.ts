import type fc from "fast-check"
import { onDynamoStore, onMessageDb, type Scenario } from "../scenario.js"
import type { Adapter } from "./adapter.js"
import { checkpointHistory, checkpointSetup } from "./checkpoint-history.js"
import { eventStoreHistory, eventStoreSetup } from "./event-store-history.js"
import { fedSink } from "./fed-sink.js"
import { groupHistory, groupSetup } from "./group-history.js"
import type { Profile } from "./rule.js"
import { orderOf, sinkHistory, sinkSetup } from "./sink-history.js"
import { sourceHistory, sourceSetup } from "./source-history.js"
import { type BorrowedStage, StageOnAdapter } from "./stage-on-adapter.js"

/** What cases call the histories of a profile. */
export const historyName = (profile: Profile): string => `conform-${profile}`

/** The histories that an adapter is driven through for a profile, as a scenario on the store that it has or borrows. */
export function historyOf(adapter: Adapter, profile: Profile): Scenario {
  const on = (store: BorrowedStage) => new StageOnAdapter(adapter, store)
  switch (profile) {
    case "source":
      return scenarioOf(adapter, profile, sourceSetup, (store, setup) => {
        if ("index" in store) store.world.process("indexer", (self) => store.index(self))
        return sourceHistory(on(store), setup)
      })
    case "checkpoints":
      return scenarioOf(adapter, profile, checkpointSetup, (store, setup) => checkpointHistory(on(store), setup))
    case "sink":
      return scenarioOf(adapter, profile, sinkSetup, (store, setup) => {
        const order = orderOf(adapter, setup)
        return sinkHistory(new StageOnAdapter(fedSink(adapter, order), store, "adapter"), setup, order)
      })
    case "consumer-groups":
      return scenarioOf(adapter, profile, groupSetup, (store, setup) => groupHistory(on(store), setup))
    case "event-store":
      return scenarioOf(adapter, profile, eventStoreSetup, (store, setup) => eventStoreHistory(on(store), setup))
  }
}

function scenarioOf<Setup>(
  adapter: Adapter,
  profile: Profile,
  setup: fc.Arbitrary<Setup>,
  run: (store: BorrowedStage, setup: Setup) => Promise<void>,
): Scenario {
  const scenario = {
    name: historyName(profile),
    title: `what an adapter is driven through for ${profile}`,
    setup,
    // Whether something was put to the test is said rule by rule.
    sometimes: { handled: Infinity },
    run,
  }
  return adapter.store === "dynamo-store" ? onDynamoStore(scenario) : onMessageDb(scenario)
}
