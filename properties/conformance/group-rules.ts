import { atLeastOnce } from "../at-least-once.js"
import { checkpointSafety } from "../checkpoint-safety.js"
import { comesToRest } from "../comes-to-rest.js"
import { completeMembers } from "../complete-members.js"
import { disjointMembers } from "../disjoint-members.js"
import { monotoneStore } from "../monotone-store.js"
import { membersOfMessageDb } from "./members-of-message-db.js"
import { rulesOf } from "./rule.js"

/** The members of a consumer group, who divide a category among them. */
export const groupRules = rulesOf("consumer-groups", "GRP", [
  { n: 1, runs: true },
  { n: 2, of: atLeastOnce },
  { n: 3, of: disjointMembers, needs: ["pages"] },
  { n: 4, of: completeMembers, needs: ["pages"] },
  { n: 5, of: membersOfMessageDb, needs: ["message-db members"] },
  { n: 6, of: checkpointSafety, needs: ["positions"] },
  { n: 7, of: comesToRest },
  { n: 8, of: monotoneStore, level: "extended", needs: ["compare positions"] },
])
