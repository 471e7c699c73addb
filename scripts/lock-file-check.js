import { readFileSync } from "node:fs"

// A lock file that names registry hosts installs on one network only. The project's .npmrc leaves them out; this
// catches a lock file written without it.

for (const file of ["package-lock.json", "examples/third-party/emmett/package-lock.json"]) {
  const lines = readFileSync(file, "utf8").split("\n")
  const bad = lines.findIndex((line) => /"resolved":\s*"https?:/.test(line))
  if (bad === -1) continue
  console.error(`${file}:${bad + 1} names a registry host: delete the lock file's "resolved" fields`)
  process.exitCode = 1
}
