import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { main } from "./main.js"
import { recordedOutput } from "./recorded-output.js"

async function windtunnel(...args: string[]) {
  const { written, output } = recordedOutput()
  const code = await main(args, output)
  return { code, ...written }
}

const folder = await mkdtemp(join(tmpdir(), "windtunnel-trace-"))

/** Records a run, and answers the lines of the file. */
async function recorded(name: string): Promise<{ readonly file: string; readonly lines: string[] }> {
  const file = join(folder, name)
  const cases = ["--cases", join(folder, "cases")]
  const run = ["run", "consumer-group", "--on", "message-db", "--seed", "3", "--runs", "1", "--trace", file, ...cases]
  const { code, stderr } = await windtunnel(...run)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("error") })
  return { file, lines: (await readFile(file, "utf8")).trimEnd().split("\n") }
}

test("a run that was recorded is watched as it was when it ran, and the same seed is the same file", async () => {
  const { file, lines } = await recorded("one.jsonl")
  expect((await recorded("again.jsonl")).lines).toEqual(lines)
  const { code, stdout, stderr } = await windtunnel("check", file, "--json")
  const { properties, events } = JSON.parse(stdout) as { properties: Record<string, unknown>; events: number }
  expect({ code, events }).toEqual({ code: 0, events: lines.length - 1 })
  expect(properties["I-15"]).toEqual({
    title: "At least once, no loss over restart",
    held: true,
    checked: lines.filter((line) => line.includes('"kind":"Appended"')).length,
  })
  expect(stderr).toContain("✓ I-15  At least once, no loss over restart")
})

test("a violation is told with the line that showed it, and what nothing in the trace asks is said to be untested", async () => {
  const { lines } = await recorded("whole.jsonl")
  const file = join(folder, "without-completion.jsonl")
  await writeFile(file, lines.filter((line) => !line.includes('"kind":"Completed"')).join("\n"))
  const { code, stdout } = await windtunnel("check", file)
  expect(code).toBe(1)
  expect(stdout).toMatch(/^– I-08 {2}Completion is earned +not put to the test by this trace$/m)
  const [, id, line, first] = /^VIOLATED (I-11) .*without-completion\.jsonl:(\d+)\n {2}(.*)$/m.exec(stdout) ?? []
  expect(id).toBe("I-11")
  const shown = (await readFile(file, "utf8")).split("\n")[Number(line) - 1]!
  const event = JSON.parse(shown) as { kind: string; position: string }
  expect(event.kind).toBe("CommitStarted")
  expect(first).toContain(`checkpoint ${event.position} is written`)
})

test("what rests on an assumption that does not hold asks less, or is not asked", async () => {
  const { file } = await recorded("assumed.jsonl")
  const { code, stdout } = await windtunnel("check", file, "--without", "A1, A5")
  expect(code).toBe(0)
  expect(stdout).toMatch(/^– I-15 .*not asked without A1$/m)
})

test("what cannot be recorded or read is wrong usage, and says why", async () => {
  const { lines } = await recorded("cut.jsonl")
  const cut = join(folder, "cut.jsonl")
  await writeFile(cut, lines.slice(0, 5).join("\n").slice(0, -7))
  const calls = [
    ["check", cut],
    ["check", join(folder, "nowhere.jsonl")],
    ["check", cut, "--without", "A6"],
    ["run", "one-consumer", "--runs", "1", "--trace", "t.jsonl"],
    ["run", "--runs", "1", "--trace", "t.jsonl"],
    ["run", "one-crash", "--trace", "t.jsonl"],
    ["run", "one-crash", "--runs", "1", "--trace", join(folder, "no", "where.jsonl")],
    ["replay", "a.json", "b.json", "--trace", "t.jsonl"],
  ]
  const answers = []
  for (const args of calls) answers.push(await windtunnel(...args))
  expect(answers.map(({ code, stdout }) => ({ code, stdout: stdout.slice(0, 10) }))).toEqual(
    calls.map(([command]) => ({
      code: 2,
      stdout: expect.stringMatching(command === "run" ? /^(windtunnel)?$/ : /^$/),
    })),
  )
  expect(
    answers.map(({ stderr }) =>
      stderr
        .replaceAll(folder, "…")
        .replace(/after \d+/, "after #")
        .trimEnd(),
    ),
  ).toMatchInlineSnapshot(`
    [
      "error: …/cut.jsonl, line 5: the line is cut off after # characters, as when a recording was stopped in the middle: without this line the trace can be read",
      "error: the trace …/nowhere.jsonl cannot be read: ENOENT: no such file or directory, open '…/nowhere.jsonl'",
      "error: --without must be one or several of A1,A2,A3,A4,A5, received "A6"",
      "error: --trace records one run: name one scenario and --on, received one-consumer on message-db, one-consumer on dynamo-store",
      "error: --trace records one run: name one scenario and --on, received one-consumer on message-db, one-consumer on dynamo-store, one-crash on message-db, … 40 in all",
      "error: --trace records one run: it needs --runs 1",
      "error: --trace must be a file that can be written: ENOENT: no such file or directory, open '…/no/where.jsonl'",
      "error: --trace is for one case, received 2: a trace is that of one run",
    ]
  `)
})
