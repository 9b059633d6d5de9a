import { parseConfig } from '../../../core/settings/config.ts';
import type { Span } from '../../../core/telemetry/tracing.ts';
import { rootContext } from '../../../core/telemetry/trace-context.ts';
import { openTracing } from '../../../adapters/telemetry/otel/tracing.ts';
import { deadAddress } from '../../support/dead-address.ts';
import { eventually } from '../../support/eventually.ts';
import { otlpCollector } from '../../support/otlp-collector.ts';

const span: Span = {
  name: 'step test/echo',
  kind: 'client',
  context: rootContext('span', 1),
  parent: rootContext('parent', 1),
  startMs: 1_764_000_000_000.5,
  endMs: 1_764_000_000_020,
  attributes: { 'skillos.step': 1, 'skillos.job': true, 'skillos.skill': 'test/echo' },
  error: 'skill_failed',
};

const AWAY = 'warning: the collector does not take traces; runs go on without them';

async function open(url: string, settings: Readonly<Record<string, string>> = {}, timeoutMs = 5000) {
  const notes: string[] = [];
  const config = parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...settings });
  const tracing = await openTracing(config, { note: (line) => notes.push(line), timeoutMs });
  if (tracing === undefined) throw new Error(notes.join());
  return { tracing, notes };
}

test.each(['http/protobuf', 'http/json'])('a span arrives whole by %s', async (protocol) => {
  await using collector = await otlpCollector();
  const { tracing, notes } = await open(collector.url, {
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20secret',
    OTEL_SERVICE_NAME: 'billing',
  });
  tracing.record(span);
  await tracing.close();
  expect(collector.spans()).toEqual([
    {
      service: 'billing',
      name: 'step test/echo',
      traceId: span.context.traceId,
      spanId: span.context.spanId,
      parentId: span.parent?.spanId,
      kind: 3,
      startMs: 1_764_000_000_000.5,
      endMs: 1_764_000_000_020,
      status: 2,
      attributes: { ...span.attributes, 'error.type': 'skill_failed' },
    },
  ]);
  expect(collector.requests[0]?.headers['x-key']).toBe('a secret');
  expect(notes).toEqual([]);
});

test('spans that are not sampled are not sent', async () => {
  await using collector = await otlpCollector();
  const { tracing } = await open(collector.url);
  tracing.record({ ...span, context: { ...span.context, isSampled: false } });
  await tracing.close();
  expect(collector.requests).toEqual([]);
});

test('spans are dropped when the queue is full', async () => {
  await using collector = await otlpCollector('silent');
  const { tracing } = await open(collector.url, {}, 200);
  for (let n = 0; n < 10_000; n++) tracing.record(span);
  await tracing.close();
  await eventually(() => expect(collector.spans().length).toBeGreaterThan(0));
  expect(collector.spans().length).toBeLessThanOrEqual(2048 + 512); // the queue, and the batch before it
});

test.each([['silent'], [500], [400]] as const)(
  'a collector that answers %s is noted once',
  async (status) => {
    await using collector = await otlpCollector(status);
    const { tracing, notes } = await open(collector.url, { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=hush' }, 200);
    for (let n = 0; n < 1500; n++) tracing.record(span);
    await tracing.close();
    await eventually(() => expect(notes).toEqual([AWAY]));
  },
);

test('a collector that is away is noted once', async () => {
  const { tracing, notes } = await open(`http://${await deadAddress()}`, {}, 200);
  tracing.record(span);
  await tracing.close();
  await eventually(() => expect(notes).toEqual([AWAY]));
});

test('grpc is refused with one warning', async () => {
  const notes: string[] = [];
  const config = parseConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  expect(await openTracing(config, { note: (line) => notes.push(line) })).toBeUndefined();
  expect(notes).toEqual([
    'warning: traces are not sent: expected the protocol http/protobuf or http/json, got "grpc"',
  ]);
});
