import { existsSync, readFileSync } from "node:fs"

// Prints the totals of a test run from Vitest's JSON report, and fails when something failed or nothing ran.
//   node scripts/test-totals.js report.json

const [report] = process.argv.slice(2)
if (report === undefined || !existsSync(report)) {
  console.error("The tests did not run to their end: there is no report.")
  process.exit(1)
}

const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, "utf8"))
// A file that could not be loaded has failed without one failed test.
const brokenFiles = testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
)
for (const { name, message } of brokenFiles) console.log(`failed outside its tests: ${name}: ${message}`)
if (numPendingTests > 0) console.log(`${numPendingTests} skipped`)

const failed = numFailedTests + brokenFiles.length
console.log(`${numPassedTests} passed, ${failed} failed`)
process.exitCode = failed > 0 || numPassedTests === 0 ? 1 : 0
