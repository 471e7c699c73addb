import { expect, test } from "vitest"
import { appendsHandler } from "./appends-handler.js"
import type { AppendSpan } from "./append-span.js"
import type { StreamRecord } from "./stream-records.js"
import { span } from "./tables-under-test.js"

const tip = (stream: string, version: number): StreamRecord => {
  const image = { p: { S: stream }, n: { N: String(version) }, a: { N: "1" }, c: { L: [{ S: `T${version - 1}` }] } }
  return { eventName: "MODIFY", dynamodb: { NewImage: image, StreamViewType: "NEW_IMAGE" } }
}

function setUp(partition?: string) {
  const calls: [string, readonly AppendSpan[]][] = []
  const warnings: string[] = []
  const ingest = async (to: string, spans: readonly AppendSpan[]) => {
    calls.push([to, spans])
    return { accepted: [], position: 0n }
  }
  const warn = (text: string) => void warnings.push(text)
  const handler = appendsHandler({ ingest }, { warn, ...(partition !== undefined && { partition }) })
  return { handler, calls, warnings }
}

test("what one batch of records appended is indexed in one call, in the partition that was chosen", async () => {
  for (const partition of [undefined, "0", "7"]) {
    const { handler, calls } = setUp(partition)
    await handler({ Records: [tip("A-1", 1), tip("B-1", 4), tip("A-1", 2)] })
    expect(calls).toEqual([[partition ?? "0", [span("A-1", 0), span("B-1", 3), span("A-1", 1)]]])
  }
})

test("records of which nothing is to be indexed do not reach the indexer, and foreign ones are told", async () => {
  const { handler, calls, warnings } = setUp()
  await handler({ Records: [tip("$AppendsEpoch-0_0", 1), { eventName: "REMOVE", dynamodb: tip("A-1", 1).dynamodb }] })
  expect([calls, warnings]).toEqual([[], []])
  const foreign = { NewImage: { id: { S: "x" } }, StreamViewType: "NEW_IMAGE" }
  await handler({ Records: [{ eventName: "INSERT", dynamodb: foreign }] })
  expect([calls, warnings.length]).toEqual([[], 1])
})

test.each(["", "00", "-1", "1.5", "x"])("partition %j is refused", (partition) => {
  expect(() => setUp(partition)).toThrow(
    `appendsHandler: option "partition" must be decimal text, as "0", received "${partition}"`,
  )
})
