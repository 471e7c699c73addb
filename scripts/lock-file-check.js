import { readFileSync } from "node:fs"

// A lock file that names registry hosts installs on one network only. The project's .npmrc leaves them out; this
// catches a lock file written without it.

const lines = readFileSync("package-lock.json", "utf8").split("\n")
const bad = lines.findIndex((line) => /"resolved":\s*"https?:/.test(line))
if (bad !== -1) {
  console.error(`package-lock.json:${bad + 1} names a registry host: delete the lock file's "resolved" fields`)
  process.exitCode = 1
}
