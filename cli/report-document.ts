import * as v from "valibot"
import { type Assumption, assumptions } from "../properties/assumption.js"
import { caseSchema } from "../properties/case.js"
import type { CheckResult } from "../properties/check-result.js"
import { storeKinds } from "../properties/scenario.js"
import { storeNames } from "./run-options.js"
import { UsageError } from "./usage-error.js"

/** Of the format. It changes when a reader of the earlier one would no longer understand it. */
const formatVersion = 1

const text = v.string()
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const counts = v.record(text, count)
const seed = v.union([v.pipe(v.number(), v.finite()), text])
const on = v.picklist(storeKinds)
const list = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.readonly())
const digest = v.pipe(text, v.regex(/^[\da-f]{64}$/))

const weakened = v.record(v.picklist(Object.keys(assumptions) as Assumption[]), v.picklist(["asks less", "not asked"]))

const violationSchema = v.object({
  property: text,
  run: count,
  seed,
  message: text,
  case: v.exactOptional(caseSchema),
})

const resultSchema: v.GenericSchema<unknown, CheckResult> = v.object({
  scenario: text,
  on,
  store: text,
  strategy: text,
  seed,
  shard: v.object({ nth: count, of: count }),
  runs: count,
  steps: count,
  virtualMs: v.number(),
  wallMs: v.number(),
  traceHash: digest,
  faults: counts,
  sometimes: v.record(text, v.number()),
  exercised: v.record(text, v.object({ runs: count, times: count })),
  properties: v.record(text, v.object({ held: v.boolean(), checked: count, weakened: v.exactOptional(weakened) })),
  violations: list(violationSchema),
})

const schema = v.object({
  version: v.literal(formatVersion),
  /** Version of this package, on which histories depend. */
  windtunnel: text,
  store: v.picklist(storeNames),
  effort: v.union([v.object({ runs: count }), v.object({ timeMs: v.number() })]),
  seed: count,
  strategy: text,
  /** Which of the runs. */
  shard: v.object({ nth: count, of: count }),
  /** Module of the engine under test; absent for this package's. */
  engine: v.exactOptional(text),
  plan: list(v.object({ scenario: text, on })),
  interrupted: v.boolean(),
  skipped: list(v.object({ on, reason: text })),
  replayed: list(v.object({ file: text, property: text, violated: v.boolean() })),
  results: list(resultSchema),
})

/** What `windtunnel run --json` and `windtunnel merge --json` write. */
export type ReportDocument = v.InferOutput<typeof schema>

export const documentText = (document: Omit<ReportDocument, "version">): string =>
  `${JSON.stringify({ version: formatVersion, ...document }, undefined, 2)}\n`

/**
 * @param name Of the file, for messages.
 * @throws UsageError when it is no such document, or one of another version.
 */
export function parseDocument(name: string, content: string): ReportDocument {
  const document = parseJson(name, content)
  const version = (document as { version?: unknown } | null)?.version
  if (version !== formatVersion)
    throw new UsageError(`${name} is no report of format ${formatVersion}: its version is ${JSON.stringify(version)}`)
  const parsed = v.safeParse(schema, document)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new UsageError(`${name} is not as a report should be, at ${v.getDotPath(issue) ?? "its top"}: ${issue.message}`)
}

function parseJson(name: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw new UsageError(`${name} is no JSON, as "windtunnel run --json" writes it`, { cause })
  }
}
