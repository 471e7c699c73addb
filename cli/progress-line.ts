import { stripVTControlCharacters } from "node:util"
import type { Channel } from "./output.js"

/** Shows where things stand, for as long as that is news. */
export interface ProgressLine {
  show(text: string): void
  /** Makes room for a line that stays. */
  clear(): void
}

/** For a person at a terminal: one line that is written over, ten times a second, never wider than the terminal. */
export function rewrittenProgress(channel: Channel, now: () => number): ProgressLine {
  const due = every(100, now)
  let shown = false
  return {
    show(text) {
      if (!due()) return
      channel.write(`\r\u001b[2K${stripVTControlCharacters(text).slice(0, channel.columns - 1)}`)
      shown = true
    },
    clear() {
      if (shown) channel.write("\r\u001b[2K")
      shown = false
    },
  }
}

/** For a log: a line of its own now and then, so that nobody thinks it hangs. */
export function plainProgress(channel: Channel, now: () => number): ProgressLine {
  const due = every(10_000, now)
  due()
  return {
    show(text) {
      if (due()) channel.write(`${text}\n`)
    },
    clear() {},
  }
}

/** Answers true when at least `ms` milliseconds have passed since it last did, and the first time. */
function every(ms: number, now: () => number): () => boolean {
  let next = -Infinity
  return () => {
    const time = now()
    if (time < next) return false
    next = time + ms
    return true
  }
}
