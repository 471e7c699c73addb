/*
 * What a feed may do to a sink besides what ours does: deliver events again, and in another order across streams. Within
 * a stream their order stays, with what comes again going back to an earlier event and on from there (assumption A1).
 *
 * - `duplicates`: a batch begins with all of the batch before it in its tranche once more.
 * - `reordersStreams`: the streams of a batch come one by one, the one that came last first.
 */
import type { IngesterBatch, Sink } from "../engine/batch.js"
import type { ProcessContext } from "../sim/world.js"

type Items = IngesterBatch["items"]

/** A sink before which a feed is unruly when plans say so, at the place `feed.deliver`. */
export function unrulyFeed(sink: Sink, self: ProcessContext): Sink {
  const last = new Map<string | undefined, Items>()
  const strikes = (fault: string, of: string | undefined) =>
    self.strikes(fault, { port: "feed", operation: "deliver", ...(of !== undefined && { about: { of } }) })
  return {
    start: (signal, onFailure) => sink.start(signal, onFailure),
    addTracingAttrs: (attrs) => sink.addTracingAttrs(attrs),
    pump: (batch, signal) => {
      const { trancheId, items } = batch
      const before = last.get(trancheId) ?? []
      last.set(trancheId, items)
      const again = before.length > 0 && strikes("duplicates", trancheId) ? [...before, ...items] : items
      const unruly = items.length > 1 && strikes("reordersStreams", trancheId) ? lastStreamFirst(again) : again
      return sink.pump(unruly === items ? batch : { ...batch, items: unruly }, signal)
    },
  }
}

function lastStreamFirst(items: Items): Items {
  const streams = new Map<string, Items[number][]>()
  for (const item of items) {
    const known = streams.get(item[0])
    if (known === undefined) streams.set(item[0], [item])
    else known.push(item)
  }
  return [...streams.values()].reverse().flat()
}
