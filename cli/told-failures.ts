import type { CheckResult } from "../properties/check-result.js"
import { properties } from "../properties/invariants.js"
import type { Play } from "../properties/play.js"
import type { EngineUnderTest } from "../properties/engine-under-test.js"
import { retell } from "../properties/retell.js"
import type { CaseFolder } from "./case-folder.js"

/** A failure that was made smaller and kept. */
export interface ToldFailure {
  readonly property: string
  /** Its case file. */
  readonly file: string
  /** What happens in it, line by line. */
  readonly story: readonly string[]
}

/** Keeps the failures that were made smaller, and tells what happens in them. */
export async function toldFailures(
  { scenario }: Play,
  engine: EngineUnderTest,
  { violations }: CheckResult,
  folder: CaseFolder,
): Promise<readonly ToldFailure[]> {
  const cases = violations.flatMap((violation) => violation.case ?? [])
  return Promise.all(
    cases.map(async (found) => {
      const { story } = await retell(found, scenario, engine, properties)
      return { property: found.violation.property, file: await folder.keep(found), story }
    }),
  )
}
