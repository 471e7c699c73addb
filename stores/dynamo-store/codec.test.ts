import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import { jsonCodec } from "./codec.js"
import type { NewEvent } from "./new-event.js"

const read = (event: NewEvent): ITimelineEvent => ({
  ...event,
  id: "",
  time: new Date(0),
  index: 0n,
  isUnfold: false,
  size: 0,
})

describe("the codec for JSON", () => {
  const codec = jsonCodec()

  it("keeps all data that JSON can carry, falsy data too", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const json = JSON.parse(JSON.stringify(data)) as unknown
        expect(codec.decode(read(codec.encode({ type: "A", data: json, meta: json })))).toEqual({
          type: "A",
          data: json,
          meta: json,
        })
      }),
    )
    for (const data of [0, "", false, null])
      expect(codec.decode(read(codec.encode({ type: "A", data })))).toEqual({ type: "A", data })
  })

  it("gives no body for undefined", () => {
    expect(codec.encode({ type: "A", data: undefined })).toEqual({ type: "A" })
    expect(codec.decode(read({ type: "A" }))).toEqual({ type: "A" })
  })

  it("skips types it is not told of", () => {
    expect(jsonCodec({ types: ["A"] }).decode(read({ type: "B" }))).toBeUndefined()
  })
})
