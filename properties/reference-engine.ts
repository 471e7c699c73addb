import { StreamsSink } from "../engine/sink/streams-sink.js"
import { PgCheckpoints } from "../stores/message-db/pg-checkpoints.js"
import { MessageDbSource } from "../stores/message-db/source.js"
import type { EngineUnderTest } from "./engine-under-test.js"

/** The engine of this package. */
export const referenceEngine: EngineUnderTest = { StreamsSink, MessageDbSource, PgCheckpoints }
