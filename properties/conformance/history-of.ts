import { onMessageDb, type Scenario } from "../scenario.js"
import type { Adapter } from "./adapter.js"
import type { Profile } from "./rule.js"
import { sourceHistory, sourceSetup } from "./source-history.js"
import { StageOnAdapter } from "./stage-on-adapter.js"

/** Whether something was put to the test is said rule by rule. */
const sometimes = { handled: Infinity }

/** What cases call the histories of a profile. */
export const historyName = (profile: Profile): string => `conform-${profile}`

/** The histories that an adapter is driven through for a profile, as a scenario on the store that it has or borrows. */
export function historyOf(adapter: Adapter, profile: Profile): Scenario {
  const name = historyName(profile)
  switch (profile) {
    case "source":
      return onMessageDb({
        name,
        title: "a consumer that is interrupted and started again",
        setup: sourceSetup,
        sometimes,
        run: (stage, setup) => sourceHistory(new StageOnAdapter(adapter, stage), setup),
      })
    default:
      throw new Error("not yet")
  }
}
