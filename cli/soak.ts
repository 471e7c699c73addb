import picocolors from "picocolors"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import { properties } from "../properties/invariants.js"
import { storeKinds, type StoreKind } from "../properties/scenario.js"
import { dynamoStoreSoakStore } from "../properties/soak/dynamo-store-soak-store.js"
import { messageDbSoakStore } from "../properties/soak/message-db-soak-store.js"
import { type Phase, soak, soakCategories, type SoakResult } from "../properties/soak/soak.js"
import type { SoakStore } from "../properties/soak/soak-store.js"
import type { Sample } from "../properties/soak/soak-tally.js"
import { clientConfig } from "../stores/dynamodb/client-config.js"
import { startDynamoDbContainer } from "../stores/dynamodb/container-server.js"
import { startEmbeddedDynamoDb } from "../stores/dynamodb/embedded-server.js"
import { freePort } from "../stores/free-port.js"
import { startMessageDbContainer } from "../stores/message-db/container-server.js"
import { startEmbeddedMessageDb } from "../stores/message-db/embedded-server.js"
import { parseDuration, showDuration } from "./duration.js"
import { exitCode } from "./exit-code.js"
import { counted, grouped } from "./grouped-number.js"
import { listenForInterruption } from "./interruption.js"
import { requiresContainers } from "./open-stores.js"
import { oneOf } from "./one-of.js"
import type { Channel, Output } from "./output.js"
import { parseInteger } from "./run-options.js"
import { UsageError, wrongValue } from "./usage-error.js"

/** The options as they stand on the command line. */
export interface RawSoakOptions {
  readonly store: string
  readonly on: string
  readonly time: string
  readonly members?: string
  readonly seed?: string
  readonly pause: string
  readonly trouble?: string
}

const places = ["embedded", "containers"] as const
type Place = (typeof places)[number]

/** After the last trouble. More than a deployment needs that has not lost anything. */
const patienceMs = 120_000

/**
 * Soaks a consumer group in trouble on a real store, and tells what came of it on one page. Answers the exit code.
 * @throws UsageError, StoreUnavailableError
 */
export async function soakCommand(raw: RawSoakOptions, freshSeed: () => number, output: Output): Promise<number> {
  const on = oneOf("--on", raw.on, storeKinds)
  const place = oneOf("--store", raw.store, places)
  const timeMs = parseDuration("--time", raw.time)
  const troublePauseMs = raw.pause === "none" ? 0 : parseDuration("--pause", raw.pause)
  const given = raw.members ?? (on === "message-db" ? "3" : "1")
  const sizes = given.split(",").map((size) => parseInteger("--members", size.trim(), 1, 50))
  if (on === "dynamo-store" && sizes.some((size, n) => n > 0 || size > 1))
    throw new UsageError("--members must be 1 with --on dynamo-store: its consumers do not share events between them")
  const seed = raw.seed === undefined ? freshSeed() : parseInteger("--seed", raw.seed, 0, Number.MAX_SAFE_INTEGER)
  const troubles = raw.trouble?.split(",").map((name) => name.trim())

  const interruption = listenForInterruption(output.stderr)
  const { store, name, close } = await open(on, place, output.stderr)
  try {
    const known = ["kill", "pause", ...store.troubles().map((trouble) => trouble.name)]
    for (const trouble of troubles ?? [])
      if (!known.includes(trouble)) throw wrongValue("--trouble", trouble, `some of ${known.join(", ")}`)
    output.stderr.write(`Soaking on ${name} for ${showDuration(timeMs)}, seed ${seed} …\n`)
    const result = await soak({
      ...{ store, properties, timeMs, seed, sizes, troublePauseMs, patienceMs },
      ...{ writers: 3, writePauseMs: 40, signal: AbortSignal.any([interruption.signal, output.closed]) },
      ...(troubles !== undefined && { troubles }),
      onSample: (sample) => output.stderr.write(`${sampleText(sample)}\n`),
    })
    output.stdout.write(pageOf(result, name, output))
    if (interruption.signal.aborted) return exitCode.interrupted
    return holds(result) ? exitCode.held : exitCode.violated
  } finally {
    interruption.release()
    await close()
  }
}

interface Opened {
  readonly store: SoakStore
  /** For people. */
  readonly name: string
  readonly close: () => Promise<void>
}

async function open(on: StoreKind, place: Place, log: Channel): Promise<Opened> {
  // About versions of Node to come; it would stand in the middle of the report.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true"
  if (place === "embedded") return opens[on].embedded()
  try {
    return await opens[on].containers()
  } catch (error) {
    if (!(error instanceof StoreUnavailableError) || requiresContainers(process.env)) throw error
    log.write(`No container: ${error.message}; ${error.hint}. An embedded server takes its place.\n`)
    return opens[on].embedded()
  }
}

const opens: Readonly<Record<StoreKind, Readonly<Record<Place, () => Promise<Opened>>>>> = {
  "message-db": {
    embedded: async () => {
      const server = await startEmbeddedMessageDb()
      return opened("an embedded Message DB", server, await messageDbSoakStore(server, soakCategories))
    },
    containers: async () => {
      // A port of its own, which a restart leaves as it is.
      const server = await startMessageDbContainer({ hostPort: await freePort() })
      const store = await messageDbSoakStore(server, soakCategories, server.control)
      return opened(`a Message DB in a container of ${server.image}`, server, store)
    },
  },
  "dynamo-store": {
    embedded: async () => {
      const server = await startEmbeddedDynamoDb()
      return opened("an embedded DynamoDB Local", server, await dynamoStoreSoakStore(live(server.endpoint)))
    },
    containers: async () => {
      const server = await startDynamoDbContainer({ hostPort: await freePort() })
      const store = await dynamoStoreSoakStore(live(server.endpoint), server.control)
      return opened(`a DynamoDB Local in a container of ${server.image}`, server, store)
    },
  },
}

const live = (endpoint: string) =>
  ({ kind: "dynamo-store", name: "soak", config: clientConfig(endpoint, process.env) }) as const

const opened = (name: string, server: { readonly stop: () => Promise<void> }, store: SoakStore): Opened => ({
  store,
  name,
  close: async () => {
    await store.close().catch(() => undefined)
    await server.stop()
  },
})

const megabytes = (bytes: number) => `${Math.round(bytes / 1_000_000)} MB`

const sampleText = ({ t, appended, handled, memory }: Sample) =>
  `${showDuration(t).padStart(9)}  ${grouped(appended).padStart(9)} appended  ${grouped(handled).padStart(9)} handled  ${megabytes(memory).padStart(7)}`

const consumersText = ({ phases }: SoakResult) =>
  phases.length === 1
    ? counted(phases[0]!.members, "consumer")
    : `a group of ${phases.map(({ members }) => members).join(", then of ")}`

const phaseText = ({ timeMs, handled, redelivered }: Phase) =>
  `${counted(handled, "event")} in ${showDuration(timeMs)}, ${grouped(redelivered)} redelivered`

const holds = ({ violations, caughtUpMs, tally }: SoakResult) =>
  violations.length === 0 && caughtUpMs !== undefined && tally.handled === tally.appended && tally.outOfOrder === 0

function pageOf(result: SoakResult, name: string, { colors }: Pick<Output, "colors">): string {
  const paint = picocolors.createColors(colors)
  const { tally, phases, violations, caughtUpMs, samples } = result
  const row = (what: string, value: string) => `  ${what.padEnd(16)} ${value}\n`
  const faults = Object.entries(tally.faults).sort(([a], [b]) => (a < b ? -1 : 1))
  const slowest = Math.max(0, ...samples.map(({ appended, handled }) => appended - handled))
  const verdict = holds(result)
    ? paint.green("✓ nothing lost, nothing out of order, no checkpoint moved back")
    : paint.red(`✗ ${caughtUpMs === undefined ? "not caught up" : "a property was violated"}`)
  return [
    `\n${paint.bold("Soak")} on ${name}: ${showDuration(result.timeMs)}, ${consumersText(result)}, seed ${result.seed}\n\n`,
    row("appended", counted(tally.appended, "event")),
    row("handled", `${counted(tally.handled, "event")} in ${counted(tally.calls, "call")}`),
    ...(phases.length > 1 ? phases.map((phase) => row(counted(phase.members, "member"), phaseText(phase))) : []),
    row("redelivered", counted(tally.redelivered, "event")),
    row("lost", grouped(tally.appended - tally.handled)),
    row("out of order", grouped(tally.outOfOrder)),
    row("checkpoints", counted(tally.commits, "write")),
    row("trouble", faults.map(([fault, count]) => `${count} × ${fault}`).join(", ") || "none"),
    row("largest backlog", counted(slowest, "event")),
    row("peak memory", `${megabytes(tally.peakMemory)} of one consumer`),
    row("caught up", caughtUpMs === undefined ? "never" : `${showDuration(caughtUpMs)} after the last trouble`),
    row("checked", `${result.checked.size} properties over ${counted(result.events, "event")} of the trace`),
    ...violations.map(({ property, message }) => `\n  ${paint.red(`✗ ${property}`)} ${message}\n`),
    `\n${verdict}\n`,
  ].join("")
}
