import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"

// The program in the README holds under the compiler, and prints the kind of line that the README shows; which history
// is the first to fail is another matter with every change of the engine.

const root = path.resolve(import.meta.dirname, "..")
const readme = readFileSync(path.join(root, "README.md"), "utf8")
const program = block("ts")

/** The one code block in the given language. */
function block(language: string): string {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))]
  expect(blocks, `code blocks in ${language}`).toHaveLength(1)
  return blocks[0]![1]!
}

/** The program stands in a folder of this package, where the package's name means its sources. */
let folder: string
beforeAll(() => {
  mkdirSync(path.join(root, ".windtunnel"), { recursive: true })
  folder = mkdtempSync(path.join(root, ".windtunnel", "readme-"))
  writeFileSync(path.join(folder, "program.ts"), program)
})
afterAll(() => rmSync(folder, { recursive: true }))

const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" })

test("the program in the README finds the mails that are sent twice, the same ones in every process", () => {
  const found = /^seed \d+: (2[1-9]|3\d|40) mails for 20 orders, twice: order-\d+(, order-\d+)*\n$/
  const run = () => node("--import", "tsx", path.join(folder, "program.ts"))
  const output = run()
  expect(output).toMatch(found)
  expect(block("text")).toMatch(found)
  expect(run()).toBe(output)
})

test("the program in the README holds under the compiler", () => {
  const tsconfig = { extends: "../../tsconfig.json", include: [], files: ["program.ts"] }
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  expect(node("node_modules/typescript/bin/tsc", "-p", folder)).toBe("")
})
