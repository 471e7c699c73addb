import * as v from "valibot"
import type { Decision } from "../../sim/decision.js"
import { CaseFileError, decisionSchema } from "../case.js"
import type { AxisName } from "./axis.js"
import type { FuzzSetup } from "./setup.js"

/** One failing run of a reaction, in all that makes it. */
export interface FuzzCase {
  readonly axis: AxisName
  readonly seed: number | string
  /** Of streams that the test gives, how many events; of others the events that were drawn. */
  readonly setup: FuzzSetup
  readonly decisions: readonly Decision[]
}

/** A case and the reaction that it is of, by its name. */
export interface NamedCase {
  readonly reaction: string
  readonly case: FuzzCase
}

/** Of the format of case files. A file of another version is refused. */
const caseVersion = 1

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const event = v.looseObject({ type: v.string() })
const streams = v.array(
  v.union([
    v.strictObject({ stream: v.string(), count }),
    v.strictObject({ stream: v.string(), events: v.array(event) }),
  ]),
)
const setup = v.strictObject({
  streams,
  order: v.array(count),
  otherOrder: v.nullable(v.array(count)),
  pages: v.array(count),
  atOnce: count,
  back: count,
  latencyMs: count,
  trouble: v.array(v.record(v.string(), v.unknown())),
})
const schema = v.strictObject({
  windtunnelFuzzCase: v.literal(caseVersion),
  reaction: v.string(),
  axis: v.string(),
  seed: v.union([v.pipe(v.number(), v.finite()), v.string()]),
  setup,
  decisions: v.array(decisionSchema),
})

/** As a file holds it: JSON, the same text for the same case. */
export const fuzzCaseText = ({ reaction, case: { axis, seed, setup: drawn, decisions } }: NamedCase): string =>
  `${JSON.stringify({ windtunnelFuzzCase: caseVersion, reaction, axis, seed, setup: drawn, decisions }, undefined, 2)}\n`

/** @param file Its name, for messages. @throws CaseFileError */
export function parseFuzzCase(file: string, content: string): NamedCase {
  let document: unknown
  try {
    document = JSON.parse(content)
  } catch (error) {
    throw new CaseFileError(`${file} is no JSON: ${(error as Error).message}`)
  }
  const version = (document as { windtunnelFuzzCase?: unknown } | null)?.windtunnelFuzzCase
  if (version !== caseVersion)
    throw new CaseFileError(
      `${file} is no case file of fuzz of version ${caseVersion}: its windtunnelFuzzCase is ${String(version)}`,
    )
  const parsed = v.safeParse(schema, document)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw new CaseFileError(
      `${file} is not as a case file should be, at ${v.getDotPath(issue) ?? "its top"}: ${issue.message}`,
    )
  }
  const { reaction, windtunnelFuzzCase: _, ...found } = parsed.output
  return { reaction, case: found as unknown as FuzzCase }
}
