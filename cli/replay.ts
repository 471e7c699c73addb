import picocolors from "picocolors"
import type { Case } from "../properties/case.js"
import { retellRule } from "../properties/conformance/retell-rule.js"
import { properties } from "../properties/invariants.js"
import { type Retold, retell } from "../properties/retell.js"
import type { Scenario } from "../properties/scenario.js"
import type { TraceEvent } from "../sim/trace.js"
import { adapterIn } from "./adapter-module.js"
import { readCase } from "./case-folder.js"
import { engineOf } from "./engine-module.js"
import { exitCode } from "./exit-code.js"
import { counted } from "./grouped-number.js"
import type { Output } from "./output.js"
import { findScenario } from "./run-options.js"
import { TraceFile } from "./trace-file.js"
import { UsageError } from "./usage-error.js"

/** The options as they stand on the command line. */
export interface RawReplayOptions {
  readonly trace?: string
}

/**
 * Runs cases again and tells each as a story. Answers the exit code.
 * @throws UsageError for a file that is none, or that names a scenario or an engine which there is not.
 * @throws CaseFileError, StoreUnavailableError
 */
export async function replay(
  files: readonly string[],
  known: readonly Scenario[],
  output: Output,
  { trace }: RawReplayOptions = {},
): Promise<number> {
  if (trace !== undefined && files.length > 1)
    throw new UsageError(`--trace is for one case, received ${files.length}: a trace is that of one run`)
  const paint = picocolors.createColors(output.colors)
  let code: number = exitCode.held
  for (const file of files) {
    const found = await readCase(file).catch(unreadable(file))
    const recording =
      trace === undefined ? undefined : new TraceFile(trace, `${found.scenario} on ${found.on}, ${file}`)
    const retold = await again(found, file, known, (event) => recording?.write(event))
    recording?.close()
    if (retold.violated) code = exitCode.violated
    const { stdout } = output
    stdout.write(`${paint.bold(found.scenario)} on ${found.on}, seed ${found.seed}\n\n`)
    for (const line of retold.story) stdout.write(`${line}\n`)
    const verdict = verdictText(found.violation.property, retold, found.decisions.length)
    stdout.write(`\n${retold.violated ? paint.red(verdict) : paint.green(verdict)}\n`)
  }
  return code
}

async function again(
  found: Case,
  file: string,
  known: readonly Scenario[],
  onEvent: (event: TraceEvent) => void,
): Promise<Retold> {
  const { scenario, engine, adapter } = found
  if (adapter === undefined)
    return retell(found, findScenario(scenario, known), await engineOf(engine), properties, onEvent)
  const retold = await retellRule(found, await adapterIn(adapter), onEvent)
  if (retold === undefined)
    throw new UsageError(`${file} names an adapter, but no history of the conformance kit: ${scenario}`)
  return retold
}

function verdictText(property: string, { violated, applied }: Retold, decisions: number): string {
  const part = decisions === 0 ? "" : `; ${applied} of ${counted(decisions, "decision")} had an effect`
  return violated ? `✗ ${property} is violated again${part}` : `✓ ${property} is not violated any more${part}`
}

const unreadable = (file: string) => (error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code !== undefined) throw new UsageError(`the case file ${file} cannot be read: ${message}`)
  throw error
}
