import { InvalidOptionError } from "../engine/options.js"
import { type Scenario, type StoreKind, storesOf } from "./scenario.js"

/** A scenario and the store it is to run on. */
export type Play =
  | { readonly on: "message-db"; readonly scenario: Exclude<Scenario, { store: "dynamo-store" }> }
  | { readonly on: "dynamo-store"; readonly scenario: Exclude<Scenario, { store: "message-db" }> }

/**
 * @param on Default: the first store that the scenario runs on.
 * @throws InvalidOptionError when the scenario does not run on that store.
 */
export function playOf(where: string, scenario: Scenario, on: StoreKind = storesOf(scenario)[0]!): Play {
  if (on === "message-db" && scenario.store !== "dynamo-store") return { on, scenario }
  if (on === "dynamo-store" && scenario.store !== "message-db") return { on, scenario }
  const stores = storesOf(scenario).map((store) => JSON.stringify(store))
  throw new InvalidOptionError(where, "on", on, `${stores.join(" or ")}, where scenario ${scenario.name} runs`)
}
