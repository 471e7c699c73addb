import { conform } from "equinox-windtunnel"
import { expect, test } from "vitest"
import onDynamoStore from "./windtunnel-dynamo-store.js"
import onMessageDb from "./windtunnel-message-db.js"

/** With one tranche there is none beside it. */
const cannotBeExercised = ["SRC-21"]

test.each([
  { adapter: onMessageDb, others: [] },
  { adapter: onDynamoStore, others: cannotBeExercised },
])("$adapter.name conforms: what it can do was exercised and held", async ({ adapter, others }) => {
  const { rules } = await conform(adapter, { histories: 25 })
  const rest = rules.filter(({ outcome }) => outcome.kind !== "held" && outcome.kind !== "skipped")
  expect(rest.map(({ id, outcome }) => `${id} ${outcome.kind}`)).toEqual(others.map((id) => `${id} not exercised`))
})
