import fc from "fast-check"
import { dynamoStoreSetup, type DynamoStoreSetup } from "./dynamo-store-run.js"
import type { Play } from "./play.js"

/** All that is drawn before a run. Plain JSON. */
export interface Setup {
  /** What the scenario's own setup draws; null where it has none. */
  readonly scenario: unknown
  /** What is drawn for the store, whatever the scenario; null where there is nothing to draw. */
  readonly store: DynamoStoreSetup | null
}

/** How a play's runs are set up. */
export const setupOf = ({ on, scenario }: Play): fc.Arbitrary<Setup> =>
  fc.record({
    scenario: scenario.setup ?? fc.constant(null),
    store: on === "dynamo-store" ? dynamoStoreSetup : fc.constant(null),
  })
