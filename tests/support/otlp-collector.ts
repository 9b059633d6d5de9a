/** A collector of traces that speaks OTLP over HTTP in both encodings, and keeps what it receives. */
import protobuf from 'protobufjs';
import { httpServer } from './http-server.ts';
import type { HttpServer } from './http-server.ts';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentId: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  /** 2 for an error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface Collector extends HttpServer {
  spans(): readonly CollectedSpan[];
}

/** `status` of each answer; `silent` never answers. */
export async function otlpCollector(status: number | 'silent' = 200): Promise<Collector> {
  const server = await httpServer((request, response) => {
    if (status === 'silent') return;
    response.statusCode = status;
    response.setHeader('content-type', request.headers['content-type'] ?? '');
    response.end(request.headers['content-type'] === 'application/json' ? '{}' : '');
  });
  return { ...server, spans: () => server.requests.flatMap(spansIn) };
}

/** The field numbers are those of opentelemetry-proto, of the fields that the tests read. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Value { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message KeyValue { string key = 1; Value value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Status { string message = 2; int32 code = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15;
  }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Request { repeated ResourceSpans resource_spans = 1; }
`);

interface Value {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
}

interface KeyValue {
  readonly key: string;
  readonly value: Value;
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly status?: { readonly code?: number };
}

interface WireRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

function spansIn({ url, headers, body }: HttpServer['requests'][number]): readonly CollectedSpan[] {
  if (url !== '/v1/traces') throw new Error(`Expected /v1/traces, got ${url}`);
  const isJson = headers['content-type'] === 'application/json';
  const request = isJson ? (JSON.parse(body.toString()) as WireRequest) : decoded(body);
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => collected(span, String(attributesOf(resource.attributes)['service.name']))),
    ),
  );
}

function decoded(body: Buffer): WireRequest {
  const type = root.lookupType('Request');
  const plain = type.toObject(type.decode(body), { longs: String });
  return JSON.parse(
    JSON.stringify(plain, (_key, value: unknown) => (isBytes(value) ? hexOf(value) : value)),
  ) as WireRequest;
}

/** A Buffer as JSON.stringify passes it on. */
function isBytes(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}

function hexOf({ data }: { readonly data: readonly number[] }): string {
  return Buffer.from(data).toString('hex');
}

function collected(span: WireSpan, service: string): CollectedSpan {
  const { name, traceId, spanId, parentSpanId = '', kind, attributes = [], status } = span;
  return {
    service,
    name,
    traceId,
    spanId,
    parentId: parentSpanId,
    kind,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    status: status?.code ?? 0,
    attributes: attributesOf(attributes),
  };
}

function attributesOf(attributes: readonly KeyValue[]): CollectedSpan['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  );
}
