import { readFile } from "node:fs/promises"
import type { CheckResult } from "../properties/check-result.js"
import { mergeResults } from "../properties/merge-results.js"
import { type Play, playOf } from "../properties/play.js"
import type { Scenario } from "../properties/scenario.js"
import { whole, whyIncomplete } from "../properties/shard.js"
import { CaseFolder } from "./case-folder.js"
import { engineOf } from "./engine-module.js"
import { exitCode } from "./exit-code.js"
import type { Output } from "./output.js"
import { parseDocument, type ReportDocument } from "./report-document.js"
import { reporters } from "./reporters.js"
import { findScenario } from "./run-options.js"
import { toldFailures } from "./told-failures.js"
import { UsageError } from "./usage-error.js"
import { version } from "./version.js"

export interface MergeOptions {
  /** Default: false. */
  readonly json?: boolean
  /** Where failures are kept. */
  readonly cases: string
}

/**
 * Puts the reports of all shards of a run together, and reports what the run without shards would have reported, with
 * its exit code.
 * @throws UsageError for a file that is none, and for shards that do not belong together.
 */
export async function merge(
  files: readonly string[],
  { json = false, cases }: MergeOptions,
  known: readonly Scenario[],
  output: Output,
): Promise<number> {
  const shards = await Promise.all(files.map(readDocument))
  mustBelongTogether(shards)
  const [{ document: first }] = shards as [Shard]
  const plan = first.plan.map(({ scenario, on }) => playOf("windtunnel merge", findScenario(scenario, known), on))
  const { store, effort, seed, strategy, engine: module } = first
  const engine = await engineOf(module)
  const told = reporters({ json }, output)
  const skipped = first.skipped
  for (const reporter of told)
    reporter.started(
      { plan, store, effort, seed, strategy, shard: whole, workers: 1, engine: module, json, cases },
      skipped,
    )
  const replayed = oncePerFile(shards.flatMap(({ document }) => document.replayed))
  for (const reporter of told) for (const kept of replayed) reporter.replayed(kept)
  const results: CheckResult[] = []
  for (const play of plan) {
    const result = mergeResults(shards.map(({ document }) => resultOf(document, play)))
    results.push(result)
    const failures = await toldFailures(play, engine, result, new CaseFolder(cases, module))
    for (const reporter of told) reporter.checked(play, result, failures)
  }
  for (const reporter of told) reporter.ended(results, false)
  const held = replayed.every(({ violated }) => !violated) && results.every(({ violations }) => violations.length === 0)
  return held ? exitCode.held : exitCode.violated
}

interface Shard {
  readonly file: string
  readonly document: ReportDocument
}

async function readDocument(file: string): Promise<Shard> {
  const content = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`the report ${file} cannot be read: ${(error as Error).message}`)
  })
  return { file, document: parseDocument(file, content) }
}

const resultOf = ({ results }: ReportDocument, { scenario, on }: Play): CheckResult =>
  results.find((result) => result.scenario === scenario.name && result.on === on)!

/** What all shards of one run have in common, and what it is called. */
const common: Readonly<Record<string, (document: ReportDocument) => unknown>> = {
  seed: ({ seed }) => seed,
  extent: ({ effort }) => ("runs" in effort ? `--runs ${effort.runs}` : `--time ${effort.timeMs}ms`),
  strategy: ({ strategy }) => strategy,
  store: ({ store }) => store,
  engine: ({ engine }) => engine ?? "this package's",
  scenarios: ({ plan }) => plan.map(({ scenario, on }) => `${scenario} on ${on}`).join(", "),
  "number of shards": ({ shard }) => shard.of,
}

function mustBelongTogether(shards: readonly Shard[]): void {
  const [first] = shards as [Shard]
  for (const { file, document } of shards) {
    if (document.windtunnel !== version)
      throw new UsageError(`${file} is of windtunnel ${document.windtunnel}, and this is ${version}`)
    if (document.interrupted) throw new UsageError(`${file} was interrupted: it does not have all runs of its shard`)
    for (const [name, of] of Object.entries(common))
      if (of(document) !== of(first.document))
        throw new UsageError(
          `${file} is of another run than ${first.file}: its ${name} is ${JSON.stringify(of(document))}, not ${JSON.stringify(of(first.document))}`,
        )
    const missing = document.plan.find(
      ({ scenario, on }) => !document.results.some((result) => result.scenario === scenario && result.on === on),
    )
    if (missing !== undefined) throw new UsageError(`${file} has no result of ${missing.scenario} on ${missing.on}`)
  }
  const incomplete = whyIncomplete(shards.map(({ document }) => document.shard))
  if (incomplete !== undefined) throw new UsageError(incomplete)
}

/** A case that is in the repository is run again by every shard. */
function oncePerFile(replayed: ReportDocument["replayed"]): ReportDocument["replayed"] {
  const byFile = new Map<string, ReportDocument["replayed"][number]>()
  for (const kept of replayed) {
    const known = byFile.get(kept.file)
    byFile.set(kept.file, known === undefined || kept.violated ? kept : known)
  }
  return [...byFile.values()]
}
