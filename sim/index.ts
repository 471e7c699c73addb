/**
 * Deterministic simulation of a deployment: processes, ports, virtual time, a chosen order, faults. It knows no store
 * and no engine; whatever object it is given becomes part of the simulated world.
 *
 * @module equinox-windtunnel/sim
 */
export { epoch, simulate, type SimulationOptions, type SimulationResult } from "./simulate.js"
export { liveWorld, type LiveWorld, type LiveWorldOptions } from "./live-world.js"
export { type FailingCall, failsAfterwardsWith, failsWith, type Failure } from "./failure.js"
export type {
  BuiltInFault,
  Ending,
  FaultKind,
  FaultPlace,
  FaultPlan,
  MsRange,
  PortOptions,
  Process,
  ProcessContext,
  Touch,
  World,
} from "./world.js"
export type { Decision } from "./decision.js"
export { type Census, explore, type Exploration, type ExploreOptions, type Violation } from "./explore.js"
export { NotRepeatableError } from "./exploration-tree.js"
export { type Difference, firstDifference } from "./first-difference.js"
export type { StrayUse } from "./stray-use.js"
export { Schedule, schedule } from "./schedule.js"
export { type Chooser, fifo, random, type ReadyStep, type ReadySteps, type Strategy } from "./strategy.js"
export type { ExpectedLength } from "./strategies/change-points.js"
export { delayBounded } from "./strategies/delay-bounded.js"
export { type Latencies, withLatencies } from "./strategies/latencies.js"
export { pct, type PctOptions } from "./strategies/pct.js"
export { portfolio } from "./strategies/portfolio.js"
export { skewed } from "./strategies/skewed.js"
export { StepCount, stepsPerProcess, type StepsPerProcess, uniformWalk } from "./strategies/uniform-walk.js"
export { type StepId, stepName } from "./step-id.js"
export type { Phase, StepLabel, Subject } from "./step-label.js"
export { DeadlockError, RealTimeError, StepLimitError, TimeLimitError } from "./scheduler.js"
export { EndlessStepError } from "./step-budget.js"
export { type SeededRandom, seededRandom } from "./seeded-random.js"
export type { Trace } from "./trace-recorder.js"
export type { Waiting } from "./waiting.js"
export type { Happening, ItemRef, Stamp, TraceEvent } from "./trace.js"
