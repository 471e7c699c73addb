import { createReadStream } from "node:fs"
import picocolors from "picocolors"
import { type Assumed, type Assumption, assumptions, isAsked } from "../properties/assumption.js"
import { properties } from "../properties/invariants.js"
import type { Property } from "../properties/monitor.js"
import { lineOf, TraceReader } from "../properties/trace-lines.js"
import { Watch } from "../properties/watch.js"
import { showDuration } from "./duration.js"
import { exitCode } from "./exit-code.js"
import { counted, grouped } from "./grouped-number.js"
import type { Output } from "./output.js"
import { UsageError, wrongValue } from "./usage-error.js"
import { version } from "./version.js"

/** The options as they stand on the command line. */
export interface RawCheckOptions {
  /** Assumptions that the trace breaks, separated by commas. */
  readonly without?: string
  readonly json?: boolean
}

/** What a recorded trace came to: the JSON document, but for its version. */
interface TraceReport {
  readonly windtunnel: string
  readonly trace: string
  readonly events: number
  /** From its beginning to its last event. */
  readonly traceMs: number
  /** The assumptions that it was said to break. */
  readonly without: readonly Assumption[]
  readonly properties: Readonly<Record<string, PropertyReport>>
}

interface PropertyReport {
  readonly title: string
  readonly held: boolean
  /** How often it was put to the test. */
  readonly checked: number
  /** Which of its assumptions does not hold, and what becomes of it. */
  readonly weakened?: Assumed
  readonly violation?: {
    readonly message: string
    /** In the file, from 1; absent where it took the end of the trace to tell. */
    readonly line?: number
  }
}

/** Of the JSON document. It changes when a reader of the earlier one would no longer understand it. */
const documentVersion = 1

/**
 * Watches a recorded trace with all properties. Answers the exit code.
 * @throws UsageError when the file cannot be read
 * @throws TraceFileError when it is no trace
 */
export async function checkTrace(
  file: string,
  { json = false, without: names }: RawCheckOptions,
  output: Output,
): Promise<number> {
  const without = assumptionsOf(names)
  const watch = new Watch(properties, { without })
  const reader = new TraceReader(file, (event) => watch.observe(event))
  for await (const piece of pieces(file)) {
    reader.read(piece)
    if (output.closed.aborted) return exitCode.unread
  }
  reader.end()
  watch.end()
  const report = reportOf(file, without, reader, watch)
  if (json) output.stdout.write(`${JSON.stringify({ version: documentVersion, ...report }, undefined, 2)}\n`)
  const told = tableText(report, picocolors.createColors(output.colors))
  ;(json ? output.stderr : output.stdout).write(told)
  return Object.values(report.properties).every(({ held }) => held) ? exitCode.held : exitCode.violated
}

/** Large ones: each costs a turn of the event loop. */
async function* pieces(file: string): AsyncIterable<string> {
  try {
    for await (const piece of createReadStream(file, { encoding: "utf8", highWaterMark: 1 << 20 }))
      yield piece as string
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    throw new UsageError(`the trace ${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

function assumptionsOf(names: string | undefined): readonly Assumption[] {
  const known = Object.keys(assumptions) as Assumption[]
  return (names?.split(",") ?? []).map((name) => {
    const found = known.find((assumption) => assumption === name.trim())
    if (found === undefined) throw wrongValue("--without", names!, `one or several of ${known.join(",")}`)
    return found
  })
}

function reportOf(
  trace: string,
  without: readonly Assumption[],
  { events, lastMs }: TraceReader,
  watch: Watch,
): TraceReport {
  const messages = new Map(watch.violations.map(({ property, message }) => [property, message]))
  const report = ({ id, title }: Property): PropertyReport => {
    const checked = watch.checked.get(id) ?? 0
    const message = messages.get(id)
    const missing = watch.weakened.get(id)
    const about = { title, held: message === undefined, checked, ...(missing !== undefined && { weakened: missing }) }
    if (message === undefined) return about
    const n = watch.eventOf(id)
    return { ...about, violation: { message, ...(n !== undefined && { line: lineOf({ n }) }) } }
  }
  const entries = properties.map((property) => [property.id, report(property)] as const)
  return { windtunnel: version, trace, events, traceMs: lastMs, without, properties: Object.fromEntries(entries) }
}

type Paint = ReturnType<typeof picocolors.createColors>

function tableText(report: TraceReport, paint: Paint): string {
  const { trace, events, traceMs } = report
  const all = Object.entries(report.properties)
  const width = Math.max(...all.map(([, { title }]) => title.length))
  const rows = all.map(([id, property]) => row(`${id}  ${property.title.padEnd(width)}`, property, paint))
  const violated = all.filter(([, { held }]) => !held)
  return [
    `${paint.bold("windtunnel check")} · ${trace} · ${counted(events, "event")} in ${showDuration(traceMs)}`,
    "",
    ...rows,
    ...violated.flatMap(([id, property]) => violationLines(id, property, trace, paint)),
    "",
    verdict(
      all.map(([, property]) => property),
      paint,
    ),
    "",
  ].join("\n")
}

function row(name: string, { held, checked, weakened }: PropertyReport, paint: Paint): string {
  const less = weakened === undefined ? "" : `; asks less without ${Object.keys(weakened).join(", ")}`
  const times = `checked ${counted(checked, "time")}${less}`
  if (!isAsked(weakened)) return paint.dim(`– ${name}  not asked without ${Object.keys(weakened!).join(", ")}`)
  if (!held) return `${paint.red("✗")} ${name}  ${paint.red("violated")}, ${times}`
  if (checked === 0) return paint.dim(`– ${name}  not put to the test by this trace`)
  return `${paint.green("✓")} ${name}  held, ${times}`
}

function violationLines(id: string, { title, violation }: PropertyReport, trace: string, paint: Paint): string[] {
  const { message, line } = violation!
  const place = line === undefined ? `at the end of ${trace}` : `${trace}:${line}`
  return [
    "",
    `${paint.red(paint.bold("VIOLATED"))} ${id} ${title}, ${place}`,
    ...message.split("\n").map((l) => `  ${l}`),
  ]
}

function verdict(all: readonly PropertyReport[], paint: Paint): string {
  const violated = all.filter(({ held }) => !held).length
  const tested = all.filter(({ held, checked }) => held && checked > 0).length
  const untested = all.filter(({ held, checked }) => held && checked === 0).length
  const what =
    violated > 0
      ? paint.red(paint.bold(`${violated} violated`))
      : tested > 0
        ? paint.green(paint.bold("held"))
        : paint.yellow("nothing was put to the test")
  return `${what}: of ${counted(all.length, "property").replace("propertys", "properties")} ${grouped(tested)} held, ${grouped(untested)} not put to the test`
}
