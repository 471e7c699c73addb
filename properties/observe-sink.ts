import type { IngesterBatch, Sink } from "../engine/batch.js"
import type { ConsumerTrace } from "./consumer-trace.js"

/**
 * A sink whose batches appear in the trace when they are admitted and when they complete. Batches that do not name
 * their tranche are counted to the only one there is.
 */
export function observeSink(sink: Sink, trace: ConsumerTrace, onlyTranche?: string): Sink {
  return {
    start: (signal, onFailure) => sink.start(signal, onFailure),
    addTracingAttrs: (attrs) => sink.addTracingAttrs(attrs),
    pump: (batch, signal) => sink.pump(observed(batch, trace, batch.trancheId ?? onlyTranche), signal),
  }
}

function observed(batch: IngesterBatch, trace: ConsumerTrace, tranche: string | undefined): IngesterBatch {
  if (tranche === undefined) return batch
  // Before the sink sees it: a batch with nothing left to do completes while it is admitted.
  const seq = trace.admitted(tranche, batch.items)
  const onComplete = () => {
    trace.completed(tranche, seq, batch.checkpoint)
    batch.onComplete()
  }
  return { ...batch, onComplete }
}
