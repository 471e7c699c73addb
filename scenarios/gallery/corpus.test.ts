import { afterAll, describe, expect, test } from "vitest"
import { easilyMade, regressions } from "./corpus.js"
import { plantedBugs } from "./planted-bugs.js"

const names = new Set(plantedBugs.map(({ name }) => name))
const left = [...regressions, ...easilyMade].flatMap(({ defect, coverage }) =>
  "reason" in coverage ? [`${defect}: ${coverage.reason}`] : [],
)

describe("what went wrong before is in the gallery", () => {
  test.each([...regressions, ...easilyMade].map(({ defect, coverage }) => [defect, coverage] as const))(
    "%s",
    (_, coverage) => {
      if ("reason" in coverage) return expect(coverage.reason).not.toBe("")
      expect(coverage.bugs.length).toBeGreaterThan(0)
      expect(coverage.bugs.filter((bug) => !names.has(bug))).toEqual([])
    },
  )

  test("all fifteen regressions are, and all faults that are easily made but two", () => {
    expect(regressions.length).toBe(15)
    expect(left.length).toBe(2)
  })

  afterAll(() => {
    console.log(["Not in the gallery:", ...left].join("\n  "))
  })
})

test("no two bugs have one name", () => {
  expect(names.size).toBe(plantedBugs.length)
})
