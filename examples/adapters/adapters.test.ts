import { conform } from "equinox-windtunnel"
import { expect, test } from "vitest"
import onDynamoStore from "./windtunnel-dynamo-store.js"
import onMessageDb from "./windtunnel-message-db.js"

test.each([onMessageDb, onDynamoStore])("$name conforms: what it can do was exercised and held", async (adapter) => {
  const { rules } = await conform(adapter, { histories: 25 })
  const others = rules.filter(({ outcome }) => outcome.kind !== "held" && outcome.kind !== "skipped")
  expect(others).toEqual([])
})
