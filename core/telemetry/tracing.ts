/** The port for spans, and where they are sent. */
import type { TraceContext } from './trace-context.ts';

/** A span that has ended. Names and attributes contain no payloads, queries or secrets. */
export interface Span {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  readonly context: TraceContext;
  /** Absent for the first span of a trace. */
  readonly parent?: TraceContext | undefined;
  /** Unix milliseconds, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Code of the failure. */
  readonly error?: string | undefined;
}

export interface Tracing {
  /** Share of new traces that are sampled, from 0 to 1. */
  readonly ratio: number;
  /** Queues a span, and returns at once. Spans that are not sampled or do not fit into the queue are dropped. */
  record(span: Span): void;
  /** Sends what is queued, for as long as the exporter may take; never rejects. */
  close(): Promise<void>;
}

interface TraceSettings {
  readonly otlpEndpoint: string | undefined;
  readonly otlpProtocol: string;
}

/** Where spans are sent, and how they are encoded. */
export interface TraceTarget {
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
}

/** Returns undefined without an endpoint, and a warning for an endpoint or protocol that cannot be used. */
export function traceTarget({
  otlpEndpoint: endpoint,
  otlpProtocol: protocol,
}: TraceSettings): TraceTarget | { readonly warning: string } | undefined {
  if (endpoint === undefined) return undefined;
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    const given = JSON.stringify(protocol.slice(0, 40));
    return { warning: `traces are not sent: expected the protocol http/protobuf or http/json, got ${given}` };
  }
  if (!/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint)) {
    return { warning: 'traces are not sent: expected an http or https URL in OTEL_EXPORTER_OTLP_ENDPOINT' };
  }
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`; // OTLP/HTTP adds the path of the signal
  return { url: url.href, protocol };
}
