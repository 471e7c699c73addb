import * as v from "valibot"
import { checkOptions, fn, optional, text } from "../../engine/options.js"
import type { Adapter } from "./adapter.js"
import { capabilities, type Capability } from "./capability.js"
import { profiles } from "./rule.js"

const stores: readonly Adapter["store"][] = ["message-db", "dynamo-store", "own"]
const capabilityNames = Object.keys(capabilities) as Capability[]

const oneOf = <T extends string>(names: readonly T[]) => v.picklist(names, names.map((name) => `"${name}"`).join(", "))
const listOf = <T extends string>(names: readonly T[], what: string) => v.array(oneOf(names), `a list of ${what}`)

const entries = {
  name: text,
  version: text,
  store: oneOf(stores),
  time: oneOf(["virtual", "real"]),
  globals: optional(oneOf(["virtual"])),
  profiles: v.pipe(listOf(profiles, "profiles"), v.minLength(1, "at least one profile")),
  capabilities: listOf(capabilityNames, "capabilities"),
  tranches: optional(oneOf(["category", "store"])),
  open: fn,
}

/** What an author wrote, as an adapter. @throws InvalidOptionError that names what is wrong with it */
export function validAdapter(adapter: unknown): Adapter {
  checkOptions("adapter", entries, adapter)
  return adapter as Adapter
}
