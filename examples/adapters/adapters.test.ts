import { readdirSync } from "node:fs"
import { conform } from "equinox-windtunnel"
import { expect, test } from "vitest"
import { main } from "../../cli/main.js"
import { recordedOutput } from "../../cli/recorded-output.js"
import onDynamoStore from "./windtunnel-dynamo-store.js"
import onMessageDb from "./windtunnel-message-db.js"

/** With one tranche there is none beside it. */
const cannotBeExercised = ["SRC-21"]

test.each([
  { adapter: onMessageDb, others: [] },
  { adapter: onDynamoStore, others: cannotBeExercised },
])(
  "$adapter.name conforms: what it can do was exercised and held",
  async ({ adapter, others }) => {
    const { rules } = await conform(adapter, { histories: 25 })
    const rest = rules.filter(({ outcome }) => outcome.kind !== "held" && outcome.kind !== "skipped")
    expect(rest.map(({ id, outcome }) => `${id} ${outcome.kind}`)).toEqual(others.map((id) => `${id} not exercised`))
  },
  120_000,
)

const cases = readdirSync("examples/adapters/cases")

test.each(cases)(
  "what was found in the published package is shown again by %s",
  async (name) => {
    const { written, output } = recordedOutput()
    expect(await main(["replay", `examples/adapters/cases/${name}`], output)).toBe(1)
    const [, rule] = /\.([A-Z]{3}-\d+)\.json$/.exec(name)!
    expect(written.stdout).toContain(`${rule} is violated again`)
  },
  60_000,
)
