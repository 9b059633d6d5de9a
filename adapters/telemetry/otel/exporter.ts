/** Sends spans by the exporters of the OpenTelemetry SDK, in batches and in the background. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import { ExportResultCode, millisToHrTime, parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { TraceContext } from '../../../core/telemetry/trace-context.ts';
import type { Span, TraceTarget, Tracing } from '../../../core/telemetry/tracing.ts';
import type { Config } from '../../../core/settings/config.ts';

export type TraceSettings = Pick<
  Config,
  'otlpEndpoint' | 'otlpProtocol' | 'otlpHeaders' | 'otelServiceName' | 'traceRatio'
>;

export interface TracingOptions {
  /** Receives one line for settings that cannot be used, and one for the first spans that were not delivered. */
  readonly note: (line: string) => void;
  /** Time for one delivery with its retries, which bounds `close` too. Default: 5 s. */
  readonly timeoutMs?: number;
}

interface ExporterOptions extends TraceTarget, Required<TracingOptions> {
  readonly settings: TraceSettings;
}

/** Spans beyond it are dropped while the collector does not take them. */
const MAX_QUEUE = 2048;
const BATCH_EVERY_MS = 1000;
const SCOPE = { name: 'skillos' };

export function openExporter(options: ExporterOptions): Tracing {
  const { url, settings, timeoutMs } = options;
  const agent = new (url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const exporter = noting(sdkExporter(options, agent), options);
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MAX_QUEUE,
    scheduledDelayMillis: BATCH_EVERY_MS,
    exportTimeoutMillis: 2 * timeoutMs, // the exporter reports a failure at its own, shorter limit
  });
  const resource = resourceFromAttributes({ 'service.name': settings.otelServiceName });
  return {
    ratio: settings.traceRatio,
    record: (span) => processor.onEnd(readable(span, resource)),
    async close() {
      const sent = processor
        .shutdown()
        .catch(() => undefined) // noted before
        .then(() => exporter.shutdown()); // waits for the batches under way
      await Promise.race([sent, delay(2 * timeoutMs, undefined, { ref: false })]);
      agent.destroy(); // so that a collector that answers slowly does not keep this process running
    },
  };
}

const EXPORTERS = { 'http/protobuf': ProtobufExporter, 'http/json': JsonExporter } as const;

function sdkExporter(
  { protocol, url, timeoutMs, settings }: ExporterOptions,
  agent: HttpAgent | HttpsAgent,
): SpanExporter {
  return new EXPORTERS[protocol]({
    url,
    timeoutMillis: timeoutMs,
    headers: parseKeyPairsIntoRecord(settings.otlpHeaders),
    httpAgentOptions: () => agent,
  });
}

/** Notes the first failure. Neither the address nor the answer of the collector is noted: they may contain its key. */
function noting(exporter: SpanExporter, { note }: Pick<TracingOptions, 'note'>): SpanExporter {
  let isNoted = false;
  return {
    export(spans, onResult) {
      exporter.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS && !isNoted) {
          isNoted = true;
          note('warning: the collector does not take traces; runs go on without them');
        }
        onResult(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** The SDK makes spans of its own ids; ours follow from the ids of runs, so the record that it exports is filled in here. */
function readable(span: Span, resource: Resource): ReadableSpan {
  const { name, context, parent, startMs, endMs, attributes, error } = span;
  return {
    name,
    kind: KINDS[span.kind],
    spanContext: () => spanContext(context),
    ...(parent === undefined ? {} : { parentSpanContext: spanContext(parent) }),
    startTime: millisToHrTime(startMs),
    endTime: millisToHrTime(endMs),
    duration: millisToHrTime(Math.max(0, endMs - startMs)),
    ended: true,
    status:
      error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: error === undefined ? attributes : { ...attributes, 'error.type': error },
    links: [],
    events: [],
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

function spanContext({ traceId, spanId, isSampled }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}
