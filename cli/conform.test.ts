import { expect, test } from "vitest"
import { main } from "./main.js"
import { recordedOutput } from "./recorded-output.js"

const adapter = "examples/adapters/windtunnel-message-db.ts"

async function conform(...args: string[]) {
  const { written, output } = recordedOutput()
  const code = await main(["conform", adapter, "--histories", "2", "--seed", "1", ...args], output)
  return { code, ...written }
}

const profilesIn = (text: string) => text.match(/^[\w-]+(?=: 2 histories)/gm)

test("conform takes the profiles that are named, together or one by one", async () => {
  expect(profilesIn((await conform("--profile", "checkpoints,event-store")).stdout)).toEqual([
    "checkpoints",
    "event-store",
  ])
  const { code, stdout } = await conform("--profile", "checkpoints", "--profile", "event-store")
  expect(profilesIn(stdout)).toEqual(["checkpoints", "event-store"])
  expect(code).toBe(0)
}, 60_000)

test("conform says which profiles there are", async () => {
  expect(await conform("--profile", "sources")).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "error: there is no profile "sources": is it source?
    ",
      "stdout": "",
    }
  `)
})
