/**
 * Checks deployments of reactions: scenarios run in simulation or on real stores, and their traces are watched for what
 * must always hold.
 *
 * @module equinox-windtunnel
 */
export { type Assumed, type Assumption, assumptions, type Weakening } from "./assumption.js"
export { check, type CheckOptions, type CheckProgress } from "./check.js"
export type { CheckResult, Verdict } from "./check-result.js"
export { fuzz, type FuzzOptions, judgeReaction, NotIdempotentError } from "./fuzz/fuzz.js"
export type { AxisName } from "./fuzz/axis.js"
export type { Equal } from "./fuzz/difference.js"
export { ExportFileError, exportedStreams, type ExportedStreams } from "./fuzz/exported-streams.js"
export type { FuzzCase } from "./fuzz/fuzz-case.js"
export type { SampleEvent, Samples } from "./fuzz/history.js"
export type { FreshReaction, FuzzPortOptions, FuzzWorld, Reaction, StoredEvents } from "./fuzz/reaction.js"
export { type AxisVerdict, type Counterexample, type FuzzVerdict, verdictLines } from "./fuzz/verdict.js"
export { mergeResults } from "./merge-results.js"
export type { Shard } from "./shard.js"
export type { Violation } from "./violation.js"
export { exhaust, type Exhaustion, type ExhaustOptions, type ExhaustViolation } from "./exhaust.js"
export { properties } from "./invariants.js"
export type { LiveDynamoDb, LiveMessageDb, LiveStore } from "./live-store.js"
export type { EventKind, Monitor, Property } from "./monitor.js"
export { type Observation, Watch, watch, type WatchOptions } from "./watch.js"
export { bodyDigest } from "./body-digest.js"
export { ConsumerTrace, type ConsumerStart, type ReadPage } from "./consumer-trace.js"
export { observeCheckpoints } from "./observe-checkpoints.js"
export { observeHandler } from "./observe-handler.js"
export { observePool } from "./observe-pool.js"
export { observeSink } from "./observe-sink.js"
export { referenceEngine } from "./reference-engine.js"
export type { EngineUnderTest, SinkOptions, SourceOptions } from "./engine-under-test.js"
export type { MessageDbConsumerOptions, MessageDbStage } from "./message-db-stage.js"
export type {
  DynamoDbConditions,
  DynamoStoreConsumerOptions,
  DynamoStoreStage,
  DynamoStoreTuning,
  Loading,
} from "./dynamo-store-stage.js"
export type { ExerciseName } from "./exercises.js"
export type { Exercised } from "./tally.js"
export type { Sometimes } from "./vacuity.js"
export type { Scenario, StoreKind } from "./scenario.js"
export type { ConsumerOptions, Handler, Stage } from "./stage.js"
export { conform, type ConformOptions } from "./conformance/conform.js"
export type * from "./conformance/adapter.js"
export type { Capability } from "./conformance/capability.js"
export type { ConformanceReport, Outcome, ProfileResult, RuleResult, RuleViolation } from "./conformance/report.js"
export type { Level, Profile, Rule } from "./conformance/rule.js"
