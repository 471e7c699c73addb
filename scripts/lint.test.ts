import { ESLint } from "eslint"
import { describe, expect, test } from "vitest"

// The rules that hold the house together, each shown a violation. Those about rooms are tried on files that need not
// exist: such a file has no types, so they run without. Those that need types borrow the path of this file.

const untyped = { languageOptions: { parserOptions: { projectService: false, project: null } } }
const eslint = new ESLint({
  overrideConfig: [{ files: ["**/*.ts"], ...untyped }],
  ruleFilter: ({ ruleId }) => /^(house\/|no-restricted-)/.test(ruleId),
})
const typed = new ESLint({ ruleFilter: ({ ruleId }) => ruleId.startsWith("@typescript-eslint/") })

/** The rules that a piece of code breaks when it stands in the given file. */
async function broken(filePath: string, code: string, linter = eslint): Promise<string[]> {
  const [result] = await linter.lintText(code, { filePath })
  return result!.messages.map(({ ruleId, message }) => ruleId ?? message)
}

describe("imports point one way", () => {
  const directions = ["house/import-directions"]

  test.each([
    ["engine/sink/x.ts", `import { a } from "../../stores/message-db/pg.js"`],
    ["engine/sink/x.ts", `import type { a } from "../../sim/world.js"`],
    ["engine/x.ts", `export * from "../properties/monitor.js"`],
    ["engine/x.ts", `export { a } from "../cli/main.js"`],
    ["engine/x.ts", `const a = await import("../sim/world.js")`],
    ["engine/x.ts", `export type A = import("../sim/world.js").World`],
    ["engine/x.test.ts", `import { a } from "../sim/world.js"`],
    ["sim/x.ts", `import { a } from "../stores/message-db/pg.js"`],
    ["sim/x.ts", `import { a } from "../properties/monitor.js"`],
    ["stores/message-db/x.ts", `import { a } from "../../sim/world.js"`],
    ["stores/message-db/x.test.ts", `import { a } from "../../sim/world.js"`],
    ["stores/message-db/x.ts", `import { a } from "../dynamo-store/index.js"`],
    ["properties/x.ts", `import { a } from "../scenarios/index.js"`],
    ["scenarios/x.ts", `import { a } from "../cli/main.js"`],
    ["cli/x.ts", `import { a } from "../bench/index.js"`],
    ["properties/x.ts", `import { a } from "../examples/a.js"`],
    ["engine/x.ts", `import { a } from "equinox-windtunnel/sim"`],
  ])("%s: %s", async (file, code) => expect(await broken(file, code)).toEqual(directions))

  test.each([
    ["cli/x.ts", `import { a } from "../scenarios/index.js"`],
    ["scenarios/x.ts", `import { a } from "../properties/index.js"`],
    ["properties/x.ts", `import { a } from "../sim/index.js"`],
    ["properties/x.ts", `import { a } from "../stores/message-db/index.js"`],
    ["sim/x.ts", `import { a } from "../engine/clock.js"`],
    ["stores/message-db/x.ts", `import { a } from "../../engine/clock.js"`],
    ["stores/message-db/fake/x.ts", `import { a } from "../pg.js"`],
    ["engine/sink/x.ts", `import { a } from "../source/feed.js"`],
    ["examples/x.ts", `import { a } from "equinox-windtunnel/propeller"`],
    ["engine/x.ts", `import { a } from "@opentelemetry/api"`],
  ])("allowed, %s: %s", async (file, code) => expect(await broken(file, code)).toEqual([]))
})

describe("what runs under simulation reads neither the wall clock nor the platform's randomness", () => {
  const violations = [
    `export const a = Date.now()`,
    `const { now } = Date`,
    `export const a = new Date()`,
    `export const a = Date()`,
    `export const a = performance.now()`,
    `export const a = Math.random()`,
    `const { random } = Math`,
    `export const a = crypto.randomUUID()`,
    `setTimeout(() => {}, 1)`,
    `setInterval(() => {}, 1)`,
    `setImmediate(() => {})`,
    `globalThis.setTimeout(() => {}, 1)`,
    `process.nextTick(() => {})`,
    `export const a = process.hrtime()`,
    `export const a = AbortSignal.timeout(1)`,
    `import { setTimeout as sleep } from "node:timers/promises"`,
    `import timers from "node:timers"`,
    `import { performance } from "node:perf_hooks"`,
    `import { randomUUID } from "node:crypto"`,
  ]
  const rooms = ["engine/sink", "stores/message-db", "sim", "properties"]

  test.each(violations)("%s", async (code) => {
    for (const room of rooms) {
      const rules = await broken(`${room}/x.ts`, code)
      expect(rules, room).toHaveLength(1)
      expect(rules[0], room).toMatch(/^no-restricted-/)
    }
  })

  test.each(["engine/clock.ts", "engine/random.ts", "sim/x.test.ts", "cli/x.ts"])("%s may", async (file) => {
    for (const code of violations) expect(await broken(file, code), code).toEqual([])
  })

  test.each([`export const a = new Date(0)`, `queueMicrotask(() => {})`, `import { createHash } from "node:crypto"`])(
    "allowed: %s",
    async (code) => expect(await broken("engine/x.ts", code)).toEqual([]),
  )
})

describe("promises and unions are seen through", () => {
  test.each([
    ["no-floating-promises", `const f = async () => 1\nf()\nexport {}`],
    ["no-misused-promises", `const f = async (n: number) => n > 0\nexport const a = [1].filter(f)`],
    [
      "switch-exhaustiveness-check",
      `export function f(a: "x" | "y") {\n  switch (a) {\n    case "x":\n      return 1\n  }\n  return 2\n}`,
    ],
    ["consistent-type-imports", `import { ESLint } from "eslint"\nexport const f = (a: ESLint) => a`],
    ["no-explicit-any", `export const f = (a: any) => a !== a`],
  ])("%s", async (rule, code) =>
    expect(await broken(import.meta.filename, code, typed)).toContain(`@typescript-eslint/${rule}`),
  )
})
