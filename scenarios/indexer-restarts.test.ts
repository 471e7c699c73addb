import { expect, test } from "vitest"
import { properties } from "../properties/invariants.js"
import { playOf } from "../properties/play.js"
import { portfolio } from "../sim/strategies/portfolio.js"
import { hunt } from "./gallery/hunt.js"
import { mutatedEngine } from "./gallery/mutated-engine.js"
import { indexerRestarts } from "./indexer-restarts.js"

const play = playOf("scenarios", indexerRestarts, "dynamo-store")
const read = "if (records.length > 0 && !(await this.#handle(records, signal))) return false"

const bugs = [
  {
    name: "a place is stored before its records are handled",
    find: read,
    replace: `if (records.length > 0) {
      this.#handled = sequenceNumber(records.at(-1))
      await this.#storePlace(signal)
    }
    ${read}`,
  },
  {
    name: "records that the handler refuses count as handled at the end",
    find: "        if (signal.aborted) return false\n        const [first",
    replace:
      "        this.#handled = sequenceNumber(records.at(-1))\n        if (signal.aborted) return false\n        const [first",
  },
]

test.each(bugs)(
  "finds it when $name",
  async ({ name, find, replace }) => {
    const file = "stores/dynamo-store/index/shard-reader.ts"
    const engine = await mutatedEngine({ name, property: "I-15", history: "one consumer", file, find, replace })
    const found = await hunt(
      { play, engine, properties, property: "I-15" },
      { seed: 11, strategy: portfolio, mostRuns: 1_000 },
    )
    expect(found?.violation.property).toBe("I-15")
  },
  240_000,
)
