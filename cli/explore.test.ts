import { expect, test } from "vitest"
import { main } from "./main.js"
import type { Channel } from "./output.js"

async function windtunnel(...args: string[]) {
  const text = { stdout: "", stderr: "" }
  const channel = (name: "stdout" | "stderr"): Channel => ({
    write: (written) => void (text[name] += written),
    interactive: false,
    columns: 80,
  })
  const output = { stdout: channel("stdout"), stderr: channel("stderr"), colors: false }
  const code = await main(args, { ...output, closed: new AbortController().signal })
  return { code, ...text }
}

test("explore counts every schedule", async () => {
  const { code, stdout } = await windtunnel("explore", "--faults", "0", "--time", "10m")
  expect(code).toBe(0)
  expect(stdout.replace(/, in .*/, "")).toMatchInlineSnapshot(`
    "one-crash on message-db, 35 schedules, 3 more cut, 2 009 steps
    all schedules were seen

    ✓ nothing was violated
    "
  `)
}, 120_000)

test("explore says what it cannot work with", async () => {
  const { code, stderr } = await windtunnel("explore", "--choices", "all")
  expect({ code, stderr }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "error: --choices must be "calls" or "steps", received "all"
    ",
    }
  `)
})
