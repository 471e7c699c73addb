import * as v from "valibot"
import type { Decision } from "../sim/decision.js"
import { type StoreKind, storeKinds } from "./scenario.js"

/** One failing run, in all that makes it: what a case file holds. */
export interface Case {
  readonly scenario: string
  readonly on: StoreKind
  /** Module of the engine under test, as a path from the case file on; this package's engine when it is absent. */
  readonly engine?: string
  /** Module of the adapter that the kit drove, as a path from the case file on; absent when it was a scenario that ran. */
  readonly adapter?: string
  /** What the code under test draws while it runs comes from it. */
  readonly seed: number | string
  /** The scenario's setup: deployment, history, trouble. Plain JSON. */
  readonly setup: unknown
  /** Everything else goes by default: first in, first out, without latency and without fault. */
  readonly decisions: readonly Decision[]
  /** What it showed when it was kept. */
  readonly violation: { readonly property: string; readonly message: string }
}

/** A case file that cannot be used: it says which, where and why. */
export class CaseFileError extends Error {
  override readonly name = "CaseFileError"
}

/** Of the format of case files. A file of another version is refused. */
const caseVersion = 1

const text = v.pipe(v.string(), v.minLength(1))
const whole = v.pipe(v.number(), v.integer())
const ms = v.pipe(whole, v.minValue(0))
export const decisionSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("hold"), step: text, until: text }),
  v.strictObject({ kind: v.literal("latency"), step: text, ms }),
  v.strictObject({ kind: v.literal("fault"), fault: text, step: text, ms: v.exactOptional(whole) }),
])
const entries = {
  scenario: text,
  on: v.picklist(storeKinds),
  engine: v.exactOptional(text),
  adapter: v.exactOptional(text),
  seed: v.union([v.pipe(v.number(), v.finite()), v.string()]),
  setup: v.unknown(),
  decisions: v.array(decisionSchema),
  violation: v.strictObject({ property: text, message: v.string() }),
}
const schema = v.strictObject({ windtunnelCase: v.literal(caseVersion), ...entries })

/** A case inside another document. */
export const caseSchema = v.strictObject(entries)

/** As a case file holds it: JSON, a line for each decision, the same text for the same case. */
export function caseText({ scenario, on, engine, adapter, seed, setup, decisions, violation }: Case): string {
  const document = { windtunnelCase: caseVersion, scenario, on, engine, adapter, seed, violation, setup, decisions }
  const { setup: _setup, decisions: _decisions, ...head } = document
  const lines = Object.entries(head)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`)
  return [
    "{",
    ...lines,
    `  "setup": ${JSON.stringify(setup, undefined, 2).replaceAll("\n", "\n  ")},`,
    decisions.length === 0
      ? `  "decisions": []`
      : `  "decisions": [\n${decisions.map((one) => `    ${JSON.stringify(one)}`).join(",\n")}\n  ]`,
    "}",
    "",
  ].join("\n")
}

/**
 * Reads a case file.
 * @param name Of the file, for messages.
 * @throws CaseFileError
 */
export function parseCase(name: string, content: string): Case {
  const document = parseJson(name, content)
  const version = (document as { windtunnelCase?: unknown } | null)?.windtunnelCase
  if (version !== caseVersion)
    throw new CaseFileError(
      `${name} is no case file of version ${caseVersion}: its windtunnelCase is ${String(version)}`,
    )
  const parsed = v.safeParse(schema, document)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw new CaseFileError(
      `${name} is not as a case file should be, at ${v.getDotPath(issue) ?? "its top"}: ${issue.message}`,
    )
  }
  const { windtunnelCase: _, ...found } = parsed.output
  return found
}

function parseJson(name: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new CaseFileError(`${name} is no JSON: ${(error as Error).message}`)
  }
}
