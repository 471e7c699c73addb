import picocolors from "picocolors"
import type { Channel, Output } from "./output.js"

/** The output of this process. Colours follow NO_COLOR, FORCE_COLOR and whether a terminal is there. */
export const processOutput = (): Output => ({
  stdout: channel(process.stdout),
  stderr: channel(process.stderr),
  colors: picocolors.isColorSupported,
})

const channel = (stream: NodeJS.WriteStream): Channel => ({
  write: (text) => void stream.write(text),
  // Its type says `true`; for pipes and files it is undefined.
  interactive:
    (stream.isTTY as boolean | undefined) === true && process.env["CI"] === undefined && process.env["TERM"] !== "dumb",
  get columns() {
    return stream.columns ?? 80
  },
})
