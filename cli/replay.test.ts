import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { StreamName } from "../engine/stream-name.js"
import { playOf } from "../properties/play.js"
import { onMessageDb, type Scenario } from "../properties/scenario.js"
import { recordedOutput } from "./recorded-output.js"
import { replay } from "./replay.js"
import { run } from "./run.js"

/** The reader asks once, and takes it that the writer, who began first, is done by then. */
const impatient = (patienceMs: number): Scenario =>
  onMessageDb({
    name: "impatient",
    title: "",
    sometimes: { handled: Infinity },
    setup: fc.record({ counts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }) }),
    async run(stage, { counts }) {
      const { world } = stage
      const stream = StreamName.create("a", "1")
      const writer = world.process("writer", async (self) => {
        for (const count of counts) await stage.append(self, stream, count)
      })
      const reader = world.process("reader", async (self) => {
        await self.clock.sleep(patienceMs)
        if ((await stage.streamVersion(self, stream)) === 0n) throw new Error("nothing is there yet")
      })
      const ending = await reader.ended
      if (ending.kind === "failed") throw ending.error
      await writer.ended
    },
  })

const freshFolder = () => mkdtemp(join(tmpdir(), "windtunnel-cases-"))
const options = (scenario: Scenario, cases: string) =>
  ({
    plan: [playOf("test", scenario)],
    store: "fake",
    effort: { runs: 5 },
    seed: 4,
    strategy: "portfolio",
    shard: { nth: 1, of: 1 },
    workers: 1,
    json: false,
    cases,
  }) as const

test("a failure is made smaller, told as a story, kept, and replayed by one command", async () => {
  const cases = await freshFolder()
  const { written, output } = recordedOutput()
  expect(await run(options(impatient(3), cases), output)).toBe(1)
  const file = join(cases, "impatient.message-db.run.json")
  expect(written.stdout).toContain(`replay: npx windtunnel replay ${file}`)
  const kept = await readFile(file, "utf8")
  expect(kept.slice(kept.indexOf(`"violation"`))).toMatchInlineSnapshot(`
    ""violation": {"property":"run","message":"nothing is there yet"},
      "setup": {
        "scenario": {
          "counts": [
            1
          ]
        },
        "store": null
      },
      "decisions": [
        {"kind":"latency","step":"writer#1 message-db.connect request 1","ms":1},
        {"kind":"latency","step":"writer#1 message-db.connect reply 1","ms":2}
      ]
    }
    "
  `)

  const again = recordedOutput()
  expect(await replay([file], [impatient(3)], again.output)).toBe(1)
  expect(again.written.stdout.replace(/seed \d+/, "seed #")).toMatchInlineSnapshot(`
    "impatient on message-db, seed #

    given
      counts  [1]
    first in, first out, but
      writer#1 message-db.connect request 1 takes 1 ms
      writer#1 message-db.connect reply 1 takes 2 ms
    it happened that
      3 ms  store  has a-1@0
      ✗ run: nothing is there yet

    ✗ run is violated again; 2 of 2 decisions had an effect
    "
  `)
})

test("what was kept is run first the next time, and no failure any more once it is mended", async () => {
  const cases = await freshFolder()
  await run(options(impatient(3), cases), recordedOutput().output)
  const next = recordedOutput()
  expect(await run({ ...options(impatient(3), cases), effort: { runs: 1 }, seed: 1 }, next.output)).toBe(1)
  expect(next.written.stdout).toContain("✗ run is violated again by ")
  const mended = recordedOutput()
  expect(await run(options(impatient(1_000), cases), mended.output)).toBe(0)
  expect(mended.written.stdout).toContain("✓ run is not violated any more by ")
})

test("a case of a scenario that there is not, and a file that is none, are refused", async () => {
  const folder = await freshFolder()
  const file = join(folder, "mine.json")
  await expect(replay([file], [], recordedOutput().output)).rejects.toThrow(
    `the case file ${file} cannot be read: ENOENT`,
  )
  await writeFile(file, "[]")
  await expect(replay([file], [], recordedOutput().output)).rejects.toThrow("mine.json is no case file of version 1")
  await run(options(impatient(3), folder), recordedOutput().output)
  const kept = join(folder, "impatient.message-db.run.json")
  await expect(replay([kept], [], recordedOutput().output)).rejects.toThrow(`there is no scenario "impatient"`)
})
