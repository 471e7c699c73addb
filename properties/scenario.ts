import type { DynamoStoreStage } from "./dynamo-store-stage.js"
import type { MessageDbStage } from "./message-db-stage.js"
import type { Stage } from "./stage.js"

/** The stores that there are, each as a fake and for real. */
export type StoreKind = "message-db" | "dynamo-store"

export const storeKinds: readonly StoreKind[] = ["message-db", "dynamo-store"]

interface Deployment<Store extends StoreKind | "any", On extends Stage> {
  readonly name: string
  readonly title: string
  /** Which store it needs; `any`: it uses nothing that only one of them has. */
  readonly store: Store
  /** Sets the deployment up, feeds it, troubles it and returns when all of it came to rest (see {@link Stage.settle}). */
  run(stage: On): Promise<void>
}

/**
 * A named deployment and history. It runs on every stage of its store: simulated on the fake, or in real time on a real
 * one.
 */
export type Scenario =
  Deployment<"any", Stage> | Deployment<"message-db", MessageDbStage> | Deployment<"dynamo-store", DynamoStoreStage>

/** The stores that a scenario runs on. */
export const storesOf = ({ store }: Scenario): readonly StoreKind[] => (store === "any" ? storeKinds : [store])
