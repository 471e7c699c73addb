import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { capabilities } from "./capability.js"
import { profiles } from "./rule.js"
import { rulesOfProfile } from "./rules.js"

const document = async () =>
  (await readFile("docs/conformance.md", "utf8")).replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---")

test.each(profiles)("the rules of %s are documented as they are", async (profile) => {
  const text = await document()
  for (const { id, level, title, from, needs } of rulesOfProfile(profile, "message-db"))
    expect(text).toContain(`| ${id} | ${level} | ${title} | ${from} | ${needs.join(", ")} |`.replace("|  |", "| |"))
})

test("the capabilities are documented as they are", async () => {
  const text = await document()
  for (const [name, lacking] of Object.entries(capabilities)) expect(text).toContain(`| \`${name}\` | ${lacking} |`)
})
