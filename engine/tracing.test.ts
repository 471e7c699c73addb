import { SpanStatusCode, trace } from "@opentelemetry/api"
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ManualClock } from "./manual-clock.js"
import { StreamsSink } from "./sink/streams-sink.js"
import type { EventHandler } from "./sink/streams-sink.js"
import { StreamName } from "./stream-name.js"
import { traceMetrics } from "./tracing.js"

const exporter = new InMemorySpanExporter()
beforeEach(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
})
afterEach(() => {
  exporter.reset()
  trace.disable()
})

async function handleTwo(handler: EventHandler): Promise<void> {
  const clock = new ManualClock(60_000)
  const sink = StreamsSink.create({
    handler,
    maxConcurrentStreams: 3,
    maxReadAhead: 7,
    tracingAttrs: { team: "billing", "eqx.source": "Mine" },
    clock,
  })
  sink.addTracingAttrs({ "eqx.consumer_group": "g" })
  const stop = new AbortController()
  const running = sink.start(stop.signal)
  running.catch(() => undefined)
  const item = (index: bigint, time: Date) =>
    [StreamName.create("Invoice", "1"), { id: "", time, type: "T", index, isUnfold: false, size: -1 }] as const
  const items = [item(4n, new Date(0)), item(5n, new Date(59_000))]
  void sink.pump({ items, checkpoint: 6n, isTail: false, onComplete: () => {} }, stop.signal)
  await clock.settle()
  stop.abort()
  await running
}

test("a handler call is a consumer span with the names of equinox-js; lead time is that of the oldest event (E-24)", async () => {
  await handleTwo(async () => {})
  const [span] = exporter.getFinishedSpans()
  expect({ name: span?.name, kind: span?.kind, ...span?.attributes }).toMatchInlineSnapshot(`
    {
      "eqx.category": "Invoice",
      "eqx.consumer_group": "g",
      "eqx.lead_time_ms": 60000,
      "eqx.load.count": 2,
      "eqx.max_concurrent_streams": 3,
      "eqx.max_read_ahead": 7,
      "eqx.source": "Mine",
      "eqx.stream_name": "Invoice-1",
      "eqx.stream_version": 5,
      "kind": 4,
      "name": "Invoice process",
      "team": "billing",
    }
  `)
})

test.each<[string, EventHandler]>([
  ["rejects", () => Promise.reject(new Error("boom"))],
  [
    "throws at once (E-24)",
    () => {
      throw new Error("boom")
    },
  ],
])("a call that %s ends its span with the error", async (_, handler) => {
  await handleTwo(handler).catch(() => undefined)
  const [span] = exporter.getFinishedSpans()
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: "boom" })
  expect(span?.events.map(({ name }) => name)).toEqual(["exception"])
})

test("the metrics of a tranche are a span of their own", () => {
  const positions = { readPosition: 9007199254740993n, completedPosition: -1n }
  traceMetrics("Invoice", { pagesRead: 2, pagesEmpty: 1, eventsRead: 500, readsFailed: 3, atTail: false, ...positions })
  const [span] = exporter.getFinishedSpans()
  expect({ name: span?.name, ...span?.attributes }).toMatchInlineSnapshot(`
    {
      "metrics.eqx.at_tail": false,
      "metrics.eqx.batch_checkpoint": "9007199254740993",
      "metrics.eqx.events_read": 500,
      "metrics.eqx.pages_empty": 1,
      "metrics.eqx.pages_read": 2,
      "metrics.eqx.processed_checkpoint": "-1",
      "metrics.eqx.reads_failed": 3,
      "metrics.eqx.tranche_id": "Invoice",
      "name": "propeller.metrics",
    }
  `)
})
