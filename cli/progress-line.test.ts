import { expect, test } from "vitest"
import type { Channel } from "./output.js"
import { plainProgress, rewrittenProgress } from "./progress-line.js"

function recorded(columns = 20) {
  const written: string[] = []
  const channel: Channel = { write: (text) => void written.push(text), interactive: true, columns }
  return { written, channel }
}

test("on a terminal one line is written over, at most ten times a second, and never wraps", () => {
  const { written, channel } = recorded()
  let time = 0
  const line = rewrittenProgress(channel, () => time)
  line.show("first")
  line.show("too soon")
  time = 100
  line.show("a text that is wider than the terminal")
  line.clear()
  line.clear()
  expect(written).toEqual(["\r\u001b[2Kfirst", "\r\u001b[2Ka text that is wide", "\r\u001b[2K"])
})

test("in a log a line comes every ten seconds", () => {
  const { written, channel } = recorded()
  let time = 0
  const line = plainProgress(channel, () => time)
  line.show("at the beginning there is no news")
  time = 10_000
  line.show("after ten seconds")
  line.show("too soon")
  line.clear()
  expect(written).toEqual(["after ten seconds\n"])
})
