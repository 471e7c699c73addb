import type { Channel, Output } from "./output.js"

/** For tests: an output that keeps what is written to it, as nobody at a terminal would see it. */
export function recordedOutput() {
  const written = { stdout: "", stderr: "" }
  const channel = (name: keyof typeof written): Channel => ({
    write: (text) => void (written[name] += text),
    interactive: false,
    columns: 80,
  })
  const closed = new AbortController().signal
  const output: Output = { stdout: channel("stdout"), stderr: channel("stderr"), colors: false, closed }
  return { written, output }
}
