import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeBody, encodeBody } from "./encoded-body.js"

describe("a body", () => {
  it("is the same text after encoding and decoding", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const encoded = encodeBody(text)
        expect(encoded === undefined ? "" : decodeBody(encoded)).toBe(text)
      }),
    )
  })

  it("is not there for an empty text", () => {
    expect(encodeBody("")).toBeUndefined()
  })

  it("is compressed from 49 UTF-16 units on, and only if it gets shorter", () => {
    expect(encodeBody("x".repeat(48))).toMatchObject({ encoding: 0 })
    expect(encodeBody("x".repeat(49))).toMatchObject({ encoding: 2 })
    const noise = Buffer.from(Array.from({ length: 60 }, (_, i) => (i * i * 37 + i * 11) % 251)).toString("base64")
    expect(encodeBody(noise.slice(0, 60))).toMatchObject({ encoding: 0 })
  })

  it("of an unknown encoding is taken for text", () => {
    expect(decodeBody({ encoding: 9, body: Buffer.from("{}") })).toBe("{}")
  })

  it("may be a part of a larger buffer", () => {
    const whole = new TextEncoder().encode("abcdef")
    expect(decodeBody({ encoding: 0, body: whole.subarray(2, 4) })).toBe("cd")
  })
})
