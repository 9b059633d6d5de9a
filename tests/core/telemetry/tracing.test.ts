import { traceTarget } from '../../../core/telemetry/tracing.ts';

test.each([
  ['http://127.0.0.1:4318', 'http/protobuf', 'http://127.0.0.1:4318/v1/traces'],
  ['https://otel.example.com/', 'http/json', 'https://otel.example.com/v1/traces'],
  ['https://example.com/otlp', 'http/json', 'https://example.com/otlp/v1/traces'],
])('traces go from %s, %s to %s', (otlpEndpoint, otlpProtocol, url) => {
  expect(traceTarget({ otlpEndpoint, otlpProtocol })).toEqual({ url, protocol: otlpProtocol });
});

test('no traces are sent without an endpoint', () => {
  expect(traceTarget({ otlpEndpoint: undefined, otlpProtocol: 'grpc' })).toBeUndefined();
});

test.each([
  ['http://127.0.0.1:4317', 'grpc', 'expected the protocol http/protobuf or http/json, got "grpc"'],
  ['127.0.0.1:4317', 'http/protobuf', 'expected an http or https URL in OTEL_EXPORTER_OTLP_ENDPOINT'],
  ['http://[oops', 'http/protobuf', 'expected an http or https URL in OTEL_EXPORTER_OTLP_ENDPOINT'],
])('%s with %s is a warning', (otlpEndpoint, otlpProtocol, text) => {
  expect(traceTarget({ otlpEndpoint, otlpProtocol })).toEqual({ warning: `traces are not sent: ${text}` });
});
