import path from "node:path"
import { expect, test } from "vitest"
import { caseFolder, fuzzedAt, type FuzzOptions, type Place, stackAbove } from "../fuzz/fuzz.js"
import type { Reaction } from "../fuzz/reaction.js"
import type { FuzzVerdict } from "../fuzz/verdict.js"

/**
 * As `fuzz` of the package itself, inside a test of Vitest: a failure is kept under the test's name, beside the test's file,
 * and is told with the command that runs this test again with it alone.
 *
 *     test("mails for invoices", () => fuzz({ reaction, events, outside, observe }))
 *
 * @throws NotIdempotentError
 * @throws InvalidOptionError
 */
export function fuzz<Outside = undefined>(options: FuzzOptions<Outside>): Promise<FuzzVerdict> {
  return fuzzedAt(placeOf(options), options, stackAbove(fuzz))
}

/** A test that fuzzes a reaction: it may take as long as the fuzzing is to, also with `WINDTUNNEL_TIME=10m`. */
export function fuzzTest<Outside = undefined>(name: string, options: FuzzOptions<Outside>): void {
  const calledFrom = stackAbove(fuzzTest)
  test(name, () => fuzzedAt(placeOf(options), options, calledFrom), longestMs)
}

/** A day, as the longest `WINDTUNNEL_TIME`. */
const longestMs = 24 * 3_600_000

function placeOf({ name, cases }: Pick<FuzzOptions<never>, "name" | "cases">): Place {
  const { testPath = "", currentTestName = "" } = expect.getState()
  const file = path.relative("", testPath)
  // `-t` takes a pattern for the names from the outermost `describe` on.
  const pattern = currentTestName.replaceAll(" > ", " ").replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return {
    name: name ?? currentTestName,
    cases: cases ?? path.join(path.dirname(file), caseFolder),
    command: `npx vitest run ${file} -t ${JSON.stringify(pattern)}`,
  }
}

expect.extend({
  async toBeIdempotent<Outside>(reaction: Reaction<Outside>, options: Omit<FuzzOptions<Outside>, "reaction">) {
    const all = { ...options, reaction }
    const failure = await fuzzedAt(placeOf(all), all, "").then(
      () => undefined,
      (error: unknown) => error as Error,
    )
    return {
      pass: failure === undefined,
      message: () => failure?.message ?? "the reaction is idempotent, as far as was seen",
    }
  },
})

// Vitest 4 and 5 declare their `Matchers` with other type parameters; both take in what Chai's assertions have.
declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- an ambient one, of Chai
  namespace Chai {
    interface Assertion {
      /** Fuzzes the reaction; fails with the smallest histories in which it is not idempotent. */
      toBeIdempotent<Outside = undefined>(options: Omit<FuzzOptions<Outside>, "reaction">): Promise<void>
    }
  }
}
