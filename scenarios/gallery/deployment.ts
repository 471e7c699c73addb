import fc from "fast-check"
import type { DynamoStoreStage } from "../../properties/dynamo-store-stage.js"
import type { ConsumerOptions, Handler, Stage } from "../../properties/stage.js"
import { type Trouble, trouble, troubling } from "../../properties/trouble.js"
import type { Process, ProcessContext } from "../../sim/world.js"
import { handlingTime, type HandlingTime, takingTime } from "../../properties/deployment/handling-time.js"
import { type History, history, writing } from "../../properties/deployment/history.js"
import { host } from "../../properties/deployment/host.js"
import { indexing } from "../indexing.js"
import { rest } from "../../properties/deployment/rest.js"
import { type Tuning, tuning } from "../../properties/deployment/tuning.js"
import { type Answer, answering, answers } from "./answers.js"

/** What is drawn for every history. Shrinks to one event that is handled at once, without trouble. */
export interface DeploymentSetup {
  /** One for each writer. */
  readonly writes: readonly History[]
  readonly answers: readonly Answer[]
  readonly time: HandlingTime
  readonly tuning: Tuning
  readonly maxCheckpointFailures: number
  /** Of the first consumer, from the beginning until some time after the last event was written. */
  readonly trouble: Trouble
  readonly calmAfterMs: number
}

export interface IndexedSetup extends DeploymentSetup {
  /** Of the indexers. */
  readonly indexerTrouble: Trouble
}

/** @param writers how many there are at most. */
export function deploymentSetup(categories: readonly string[], writers = 1) {
  const written = history({ categories, streams: [1, 5], appends: 25, pauseMs: 12 })
  return {
    writes: fc.array(written, { minLength: 1, maxLength: writers, size: "max" }),
    answers,
    time: handlingTime,
    tuning,
    maxCheckpointFailures: fc.constantFrom(1, 3),
    trouble: trouble(),
    calmAfterMs: fc.nat(200),
  }
}

export function indexedSetup(categories: readonly string[], writers = 1) {
  return {
    ...deploymentSetup(categories, writers),
    indexerTrouble: trouble(["crash", "lost request", "lost reply", "delay"]),
  }
}

export interface Deployment {
  readonly categories: readonly string[]
  readonly consumers: number
  /** Runs the consumer with that number. Default: again and again, as a host does. */
  readonly consume?: (self: ProcessContext, options: ConsumerOptions, n: number) => Promise<void>
  /** What the reaction does, in each incarnation of a consumer. Default: nothing. */
  readonly reaction?: (self: ProcessContext) => Handler
  /** Goes on while writers write, and ends before the deployment is to come to rest. Default: nothing does. */
  readonly meanwhile?: (consumers: readonly Process[]) => Promise<void>
}

/** Less than what scenarios allow: planted bugs that keep a consumer busy use all of it. */
const patienceMs = 8_000

/** Deploys consumers and writers, troubles them, lets them come to rest when all is written, and stops them. */
export async function deploy(
  stage: Stage,
  { writes, answers, time, tuning, maxCheckpointFailures, trouble, calmAfterMs }: DeploymentSetup,
  { categories, consumers: count, ...deployment }: Deployment,
): Promise<void> {
  const { reaction, meanwhile } = deployment
  const consume = deployment.consume ?? ((self: ProcessContext, options: ConsumerOptions) => host(stage, self, options))
  const { world } = stage
  const endTrouble = troubling(stage, "consumer-0", trouble)
  const start = (n: number): Process => {
    const answer = answering(stage, answers)
    return world.process(`consumer-${n}`, (self) => {
      const handler = answer(inTurn(takingTime(self, time), reaction?.(self)))
      return consume(self, { group: "g", categories, ...tuning, maxCheckpointFailures, handler }, n)
    })
  }
  const consumers = Array.from({ length: count }, (_, n) => start(n))
  const writers = writes.map((written, n) => world.process(`writer-${n}`, writing(stage, written)))
  await Promise.all([meanwhile?.(consumers), ...writers.map((writer) => writer.ended)])
  await world.clock.sleep(calmAfterMs)
  endTrouble()
  await rest(stage, consumers, patienceMs)
}

const inTurn =
  (first: Handler, then: Handler | undefined): Handler =>
  async (stream, events) => {
    await first(stream, events)
    await then?.(stream, events)
  }

/** The same with indexers of its own, in trouble of theirs. */
export async function deployIndexed(
  stage: DynamoStoreStage,
  setup: IndexedSetup,
  { indexers = 1, ...deployment }: Deployment & { readonly indexers?: number },
): Promise<void> {
  const names = Array.from({ length: indexers }, (_, n) => `indexer-${n}`)
  for (const name of names) {
    troubling(stage, name, setup.indexerTrouble)
    indexing(stage, name)
  }
  await deploy(stage, setup, deployment)
}
