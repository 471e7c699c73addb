import { messageOf } from "./error-message.js"
import { ProxyTracerProvider, SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api"
import type { Attributes, Span, Tracer } from "@opentelemetry/api"
import type { Clock } from "./clock.js"
import type { EventHandler } from "./sink/streams-sink.js"
import { StreamName } from "./stream-name.js"

const tracerName = "@equinox-js/propeller"

/** The tracer, or undefined while no OpenTelemetry SDK is registered, so that untraced calls pay nothing for spans. */
export function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  // The only way to ask the API whether somebody registered a provider.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer(tracerName)
    : provider.getTracer(tracerName)
}

/**
 * Wraps a handler in a consumer span `{category} process` that is active during the call. Names of spans and
 * attributes are those of equinox-js; `eqx.lead_time_ms` is the age of the oldest event of the span at its end.
 */
export function traceHandler(tracer: Tracer, attrs: Attributes, handler: EventHandler, clock: Clock): EventHandler {
  return async (stream, events) => {
    const category = StreamName.category(stream)
    const attributes: Attributes = {
      "eqx.category": category,
      "eqx.stream_name": stream,
      "eqx.stream_version": Number(events.at(-1)?.index ?? -1n),
      "eqx.load.count": events.length,
      ...attrs,
    }
    const oldest = events[0]?.time
    const span = tracer.startSpan(`${category} process`, { kind: SpanKind.CONSUMER, attributes })
    try {
      return await context.with(trace.setSpan(context.active(), span), () => handler(stream, events))
    } catch (error) {
      recordFailure(span, error)
      throw error
    } finally {
      if (oldest instanceof Date) span.setAttribute("eqx.lead_time_ms", clock.now() - oldest.getTime())
      span.end()
    }
  }
}

/** What one tranche read and handled since the last dump. */
export interface TrancheMetrics {
  readonly pagesRead: number
  readonly pagesEmpty: number
  readonly eventsRead: number
  readonly readsFailed: number
  readonly atTail: boolean
  /** Last read position, -1 before the first page. */
  readonly readPosition: bigint
  /** Last completed position, -1 before the first. */
  readonly completedPosition: bigint
}

/** Emits the span `propeller.metrics` of one tranche. Positions are text: numbers would round them above 2^53. */
export function traceMetrics(trancheId: string, metrics: TrancheMetrics): void {
  const span = registeredTracer()?.startSpan("propeller.metrics", {
    kind: SpanKind.INTERNAL,
    attributes: {
      "metrics.eqx.tranche_id": trancheId,
      "metrics.eqx.pages_read": metrics.pagesRead,
      "metrics.eqx.pages_empty": metrics.pagesEmpty,
      "metrics.eqx.events_read": metrics.eventsRead,
      "metrics.eqx.reads_failed": metrics.readsFailed,
      "metrics.eqx.at_tail": metrics.atTail,
      "metrics.eqx.batch_checkpoint": String(metrics.readPosition),
      "metrics.eqx.processed_checkpoint": String(metrics.completedPosition),
    },
  })
  span?.end()
}

function recordFailure(span: Span, error: unknown): void {
  const message = messageOf(error)
  span.recordException(error instanceof Error ? error : message)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}
