import type { DynamoStoreStage } from "../properties/dynamo-store-stage.js"
import type { Process } from "../sim/world.js"

/** Starts an indexer as a process of that name. */
export const indexing = (stage: DynamoStoreStage, name: string): Process =>
  stage.world.process(name, (self) => stage.index(self))
