import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"

// The programs in the README hold under the compiler, and print what the README shows; of the first one the kind of line
// only, since which history is the first to fail is another matter with every change of the engine.

const root = path.resolve(import.meta.dirname, "..")
const readme = readFileSync(path.join(root, "README.md"), "utf8")
const mails = block("ts", "const mailEveryOrder")
const firstTest = block("ts", "fuzzTest(")
const seats = block("ts", "new FakeDynamoDB()")
const foundMails = block("text", "mails for 20 orders")

/** The one code block in the given language that has the words. */
function block(language: string, words: string): string {
  const all = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, code]) => code!)
  const found = all.filter((code) => code.includes(words))
  expect(found, `code blocks in ${language} with ${words}`).toHaveLength(1)
  return found[0]!
}

/** The programs stand in a folder of this package, where the package's name means its sources. */
let folder: string
beforeAll(() => {
  mkdirSync(path.join(root, ".windtunnel"), { recursive: true })
  folder = mkdtempSync(path.join(root, ".windtunnel", "readme-"))
  writeFileSync(path.join(folder, "mails.ts"), mails)
  writeFileSync(path.join(folder, "seats.ts"), seats)
  writeFileSync(path.join(folder, "mails.test.ts"), firstTest)
})
afterAll(() => rmSync(folder, { recursive: true }))

const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" })

test("the first program in the README finds the mails that are sent twice, the same ones in every process", () => {
  const found = /^seed \d+: (2[1-9]|3\d|40) mails for 20 orders, twice: order-\d+(, order-\d+)*\n$/
  const run = () => node("--import", "tsx", path.join(folder, "mails.ts"))
  const output = run()
  expect(output).toMatch(found)
  expect(foundMails).toMatch(found)
  expect(run()).toBe(output)
})

test("a seat is booked once on the fake DynamoDB", () => {
  expect(node("--import", "tsx", path.join(folder, "seats.ts"))).toBe("ConditionalCheckFailedException\n")
})

test("the programs in the README hold under the compiler", { timeout: 120_000 }, () => {
  const tsconfig = { extends: "../../tsconfig.json", include: [], files: ["mails.ts", "seats.ts", "mails.test.ts"] }
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  expect(node("node_modules/typescript/bin/tsc", "-p", folder)).toBe("")
})
