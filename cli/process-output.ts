import picocolors from "picocolors"
import { exitCode } from "./exit-code.js"
import type { Channel, Output } from "./output.js"

/**
 * The output of this process. Colours follow NO_COLOR, FORCE_COLOR and whether a terminal is there. When the reader of
 * stdout goes away, as `head` does, that is no error of ours: `closed` says so, and nothing more is written.
 */
export function processOutput(): Output {
  const closing = new AbortController()
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    passOnUnlessUnread(error)
    // The last write may fail after the command has ended.
    process.exitCode = exitCode.unread
    closing.abort()
  })
  // What is said about the result may go unread: the result still counts.
  process.stderr.on("error", passOnUnlessUnread)
  return {
    stdout: channel(process.stdout, closing.signal),
    stderr: channel(process.stderr),
    colors: picocolors.isColorSupported,
    closed: closing.signal,
  }
}

function passOnUnlessUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error
}

const channel = (stream: NodeJS.WriteStream, closed?: AbortSignal): Channel => ({
  write: (text) => {
    if (closed?.aborted !== true) stream.write(text)
  },
  // Its type says `true`; for pipes and files it is undefined.
  interactive:
    (stream.isTTY as boolean | undefined) === true && process.env["CI"] === undefined && process.env["TERM"] !== "dumb",
  get columns() {
    return stream.columns ?? 80
  },
})
