import { properties } from "../../properties/invariants.js"
import { playOf } from "../../properties/play.js"
import { referenceEngine } from "../../properties/reference-engine.js"
import type { Scenario, StoreKind } from "../../properties/scenario.js"
import { dynamoStoreMutants } from "./dynamo-store-mutants.js"
import { engineMutants } from "./engine-mutants.js"
import { type HandlerBug, handlerBugs } from "./handler-bugs.js"
import { histories } from "./histories.js"
import type { Prey } from "./hunt.js"
import type { Mutant } from "./mutant.js"
import { mutatedEngine } from "./mutated-engine.js"
import { reacting } from "./reaction.js"

/** A bug that was put where it is, the history that shows it, and the property that has to catch it. */
export interface PlantedBug {
  readonly name: string
  readonly where: "engine" | "DynamoStore" | "handler"
  readonly on: StoreKind
  readonly property: string
  readonly scenario: Scenario
  /** Makes what is to be hunted: for a mutant, the engine is loaded anew. */
  prey(): Promise<Prey>
}

/** The gallery: every bug that is planted. */
export const plantedBugs: readonly PlantedBug[] = [
  ...engineMutants.map((mutant) => inEngine(mutant, "engine", "message-db")),
  ...dynamoStoreMutants.map((mutant) => inEngine(mutant, "DynamoStore", "dynamo-store")),
  ...handlerBugs.map(inHandler),
  ...handlerBugs.slice(0, 2).map(besideCalm),
]

function inEngine(mutant: Mutant, where: PlantedBug["where"], on: StoreKind): PlantedBug {
  const { name, property } = mutant
  const scenario = histories[mutant.history]
  const play = playOf("gallery", scenario, on)
  return {
    ...{ name, where, on, property, scenario },
    prey: async () => ({ play, engine: await mutatedEngine(mutant), properties, property }),
  }
}

function inHandler({ name, instances = 1, faulty }: HandlerBug): PlantedBug {
  const scenario = reacting(name, instances, faulty)
  const play = playOf("gallery", scenario, "message-db")
  return {
    ...{ name, where: "handler", on: "message-db", property: "run", scenario },
    prey: async () => ({ play, engine: referenceEngine, properties, property: "run" }),
  }
}

/** The same bug, seen by what it has done in the end, beside what comes about when nothing goes wrong. */
function besideCalm(bug: HandlerBug): PlantedBug {
  const planted = inHandler(bug)
  const property = "I-17"
  const prey = async () => ({ ...(await planted.prey()), property })
  return { ...planted, name: `${bug.name}, beside a calm run`, property, prey }
}
