import { conform } from "equinox-windtunnel"
import { expect, test } from "vitest"
import onMessageDb from "./windtunnel-message-db.js"

test.each([onMessageDb])("$name conforms: what concerns it was exercised and held", async (adapter) => {
  const { rules } = await conform(adapter, { histories: 30 })
  expect(rules.filter(({ outcome }) => outcome.kind !== "held")).toEqual([])
})
