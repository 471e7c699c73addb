import type fc from "fast-check"
import type { Assumption } from "./assumption.js"
import type { DynamoStoreStage } from "./dynamo-store-stage.js"
import type { MessageDbStage } from "./message-db-stage.js"
import type { Stage } from "./stage.js"
import type { Sometimes } from "./vacuity.js"

/** The stores that there are, each as a fake and for real. */
export type StoreKind = "message-db" | "dynamo-store"

export const storeKinds: readonly StoreKind[] = ["message-db", "dynamo-store"]

interface Deployment<Store extends StoreKind | "any", On extends Stage, Setup> {
  readonly name: string
  readonly title: string
  /** Which store it needs; `any`: it uses nothing that only one of them has. */
  readonly store: Store
  /**
   * What is drawn before a run: deployment, history, tuning, trouble. Plain JSON, because case files hold it, and
   * shrinking to what is simplest, because people read it. Default: nothing is, and `run` gets null.
   */
  readonly setup?: fc.Arbitrary<Setup>
  /**
   * What its simulated runs have to come to now and then, so that it does not hold because nothing happens in it. In any
   * check of any scenario an event has to be handled.
   */
  readonly sometimes?: Sometimes
  /**
   * Assumptions that it breaks on purpose: properties that rest on them ask less of it, or nothing. Default: none.
   */
  readonly breaks?: readonly Assumption[]
  /** Sets the deployment up, feeds it, troubles it and returns when all of it came to rest (see {@link Stage.settle}). */
  run(stage: On, setup: Setup): Promise<void>
}

/**
 * A named deployment and history. It runs on every stage of its store: simulated on the fake, or in real time on a real
 * one.
 */
export type Scenario<Setup = unknown> =
  | Deployment<"any", Stage, Setup>
  | Deployment<"message-db", MessageDbStage, Setup>
  | Deployment<"dynamo-store", DynamoStoreStage, Setup>

/** A scenario on any store, whose `run` gets what its `setup` draws. */
export const onAnyStore = <Setup>(scenario: Omit<Deployment<"any", Stage, Setup>, "store">): Scenario => ({
  ...scenario,
  store: "any",
})

/** A scenario on Message DB, whose `run` gets what its `setup` draws. */
export const onMessageDb = <Setup>(
  scenario: Omit<Deployment<"message-db", MessageDbStage, Setup>, "store">,
): Scenario => ({ ...scenario, store: "message-db" })

/** A scenario on DynamoStore, whose `run` gets what its `setup` draws. */
export const onDynamoStore = <Setup>(
  scenario: Omit<Deployment<"dynamo-store", DynamoStoreStage, Setup>, "store">,
): Scenario => ({ ...scenario, store: "dynamo-store" })

/** The stores that a scenario runs on. */
export const storesOf = ({ store }: Scenario): readonly StoreKind[] => (store === "any" ? storeKinds : [store])
