import { writeFile } from "node:fs/promises"
import picocolors from "picocolors"
import { conform } from "../properties/conformance/conform.js"
import { conforms, type ConformanceReport } from "../properties/conformance/report.js"
import { retellRule } from "../properties/conformance/retell-rule.js"
import type { Adapter } from "../properties/conformance/adapter.js"
import { playOf } from "../properties/play.js"
import { historyOf } from "../properties/conformance/history-of.js"
import { adapterIn } from "./adapter-module.js"
import { CaseFolder, readCase } from "./case-folder.js"
import { type ConformCommand, conformCommand, type RawConformOptions } from "./conform-options.js"
import { junitText } from "./conformance-junit.js"
import { conformanceTable } from "./conformance-table.js"
import { exitCode } from "./exit-code.js"
import { listenForInterruption } from "./interruption.js"
import { openStores } from "./open-stores.js"
import type { Output } from "./output.js"
import { plainProgress, rewrittenProgress } from "./progress-line.js"
import { UsageError } from "./usage-error.js"

/**
 * Drives the adapter of a module through the conformance kit and reports. Answers the exit code.
 * @throws UsageError, CaseFileError
 * @throws StoreUnavailableError when the real store that was asked for is not there
 */
export async function conformCommandLine(
  module: string,
  raw: RawConformOptions,
  freshSeed: () => number,
  output: Output,
): Promise<number> {
  const adapter = await adapterIn(module)
  if (raw.case !== undefined) return again(adapter, raw.case, output)
  const command = conformCommand(raw, adapter, freshSeed)
  const interruption = listenForInterruption(output.stderr)
  try {
    const signal = AbortSignal.any([interruption.signal, output.closed])
    const report = await reported(adapter, command, output, signal)
    await told(report, module, adapter, command, output)
    if (signal.aborted) return exitCode.interrupted
    return conforms(report) ? exitCode.held : exitCode.violated
  } finally {
    interruption.release()
  }
}

async function reported(
  adapter: Adapter,
  { store, profiles, effort, seed }: ConformCommand,
  { stderr }: Output,
  signal: AbortSignal,
): Promise<ConformanceReport> {
  const [play] = profiles.map((profile) => playOf("conform", historyOf(adapter, profile)))
  const stores = await openStores({ store, plan: [play!] }, stderr)
  const line = stderr.interactive ? rewrittenProgress(stderr, Date.now) : plainProgress(stderr, Date.now)
  try {
    return await conform(adapter, {
      profiles,
      ...effort,
      seed,
      store: stores.byKind.get(play!.on)!,
      signal,
      onProgress: (profile, { runs, faults }) => line.show(`${profile}: ${runs} histories, ${faults} faults`),
    })
  } finally {
    line.clear()
    await stores.close()
  }
}

/** Writes the report, and for each violation its story and the file that holds its case. */
async function told(
  report: ConformanceReport,
  module: string,
  adapter: Adapter,
  { json, report: file, junit, cases, seed, store }: ConformCommand,
  { stdout, stderr, colors }: Output,
): Promise<void> {
  const paint = picocolors.createColors(colors)
  const document = `${JSON.stringify(report, undefined, 2)}\n`
  const people = json ? stderr : stdout
  people.write(conformanceTable(report, colors))
  const folder = new CaseFolder(cases, module, "adapter")
  for (const { id, title, profile, outcome } of report.rules) {
    if (outcome.kind !== "violated") continue
    const { message, run, case: found } = outcome.violation
    people.write(`\n${paint.red(`✗ ${id} ${title}`)}\n\n`)
    const told = found && (await retellRule(found, adapter))
    const lines = told?.story ?? message.split("\n").map((line) => `  ${line}`)
    for (const line of lines) people.write(`${line}\n`)
    const replay =
      found === undefined
        ? `npx windtunnel conform ${module} --store ${store} --profile ${profile} --seed ${seed} --histories ${run + 1}`
        : `npx windtunnel replay ${await folder.keep(found)}`
    people.write(`\nagain: ${replay}\n`)
  }
  if (json) stdout.write(document)
  if (file !== undefined) await writeFile(file, document)
  if (junit !== undefined) await writeFile(junit, junitText(report))
}

/** Runs a case again and tells it. */
async function again(adapter: Adapter, file: string, { stdout, colors }: Output): Promise<number> {
  const paint = picocolors.createColors(colors)
  const found = await readCase(file)
  const retold = await retellRule(found, adapter)
  if (retold === undefined)
    throw new UsageError(`${file} is no case of the conformance kit: it is one of ${found.scenario}`)
  for (const line of retold.story) stdout.write(`${line}\n`)
  const { property } = found.violation
  const verdict = retold.violated ? `✗ ${property} is violated again` : `✓ ${property} is not violated any more`
  stdout.write(`\n${retold.violated ? paint.red(verdict) : paint.green(verdict)}\n`)
  return retold.violated ? exitCode.violated : exitCode.held
}
