import type { Property } from "../monitor.js"
import type { Adapter } from "./adapter.js"
import { capabilities } from "./capability.js"
import { checkpointRules } from "./checkpoint-rules.js"
import { eventStoreRules } from "./event-store-rules.js"
import { groupRules } from "./group-rules.js"
import type { Profile, Rule } from "./rule.js"
import { sinkRules } from "./sink-rules.js"
import { sourceRules } from "./source-rules.js"

/** The rules of a profile, in the order of their numbers. */
export function rulesOfProfile(profile: Profile, store: Adapter["store"]): readonly Rule[] {
  switch (profile) {
    case "source":
      return sourceRules(store)
    case "checkpoints":
      return checkpointRules
    case "sink":
      return sinkRules
    case "consumer-groups":
      return groupRules
    case "event-store":
      return eventStoreRules
  }
}

/** Why a rule does not concern an adapter; undefined when it does. */
export function reasonToSkip({ needs }: Rule, adapter: Adapter): string | undefined {
  const lacking = needs.find((need) => !adapter.capabilities.includes(need))
  return lacking === undefined ? undefined : `no "${lacking}": ${capabilities[lacking]}`
}

/** What concerns the adapter is watched for; what it lacks is not. */
export const propertiesOf = (rules: readonly Rule[], adapter: Adapter): readonly Property[] =>
  rules.flatMap((rule) => (rule.property === undefined || reasonToSkip(rule, adapter) ? [] : [rule.property]))
