/** Traces of real runs, from a command or a request to the calls of connectors, as a collector receives them. */
import { readFileSync } from 'node:fs';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { httpServer } from '../support/http-server.ts';
import type { HttpServer } from '../support/http-server.ts';
import { otlpCollector } from '../support/otlp-collector.ts';
import type { CollectedSpan, Collector } from '../support/otlp-collector.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { writeFiles } from '../support/write-files.ts';

const SECRET = 'hush-hush-4711';
const COLLECTOR_KEY = 'collector-key-4712';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const SKILLS = {
  'test/context': {
    code: 'export const run = (_: unknown, ctx: any) => ctx.traceparent ?? "none";',
  },
  'test/call': {
    manifest: 'side_effects: read\nconnectors: [sky]\nsecrets: [API_KEY]\n',
    code: 'export const run = async (_: unknown, ctx: any) => (await ctx.connectors.sky.request({ query: { k: ctx.secrets.API_KEY } })).status;',
  },
  'test/second': {
    manifest: 'retry: { max_attempts: 2, initial: 1ms }\n',
    code: 'export const run = (_: unknown, ctx: any) => { if (ctx.attempt === 1) throw new Error("once"); return "done"; };',
  },
};

let collector: Collector;
let sky: HttpServer;
let deployment: Deployment;
let env: Record<string, string>;
let worker: SkillosProcess;
let api: BuiltServer;

beforeAll(async () => {
  collector = await otlpCollector();
  sky = await httpServer((_request, response) => response.end('{}'));
  const root = rootWith(SKILLS);
  writeFiles(root, { 'connectors/sky.yaml': `id: sky\nbase_url: ${sky.url}\nallow_private: true\n` });
  deployment = await openDeployment(root);
  env = {
    ...deployment.env,
    API_KEY: SECRET,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${COLLECTOR_KEY}`,
  };
  [worker, api] = await Promise.all([startWorkerProcess(env), serveBuilt(env)]);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await Promise.all([worker.ended, api.close()]);
  await deployment.close();
  await collector[Symbol.asyncDispose]();
  await sky[Symbol.asyncDispose]();
});

/** The spans of a trace by name, when there are as many as that. */
async function traceOf(traceId: string, count: number): Promise<ReadonlyMap<string, CollectedSpan>> {
  return eventually(() => {
    const spans = collector.spans().filter((span) => span.traceId === traceId);
    expect(spans).toHaveLength(count);
    return new Map(
      spans.map((span) => [`${span.name} ${span.attributes['skillos.attempt'] ?? ''}`.trim(), span]),
    );
  });
}

const runOf = (runId: unknown) =>
  eventually(() => {
    const found = collector.spans().find(({ attributes }) => attributes['skillos.run.id'] === runId);
    if (found === undefined) throw new Error('Expected a span of the run');
    return found;
  });

test('a request with a traceparent: request, run, attempts of two steps, connector call', async () => {
  const reply = await api.post(
    '/pipelines/run',
    { steps: ['test/call', 'test/second'], wait_seconds: 30 },
    { traceparent: `00-${TRACE}-${SPAN}-01` },
  );
  expect([reply.status, reply.body]).toMatchObject([200, { status: 'success' }]);
  const spans = await traceOf(TRACE, 6);
  const parents = [...spans].map(([name, { parentId }]) => {
    const parent = [...spans.values()].find(({ spanId }) => spanId === parentId);
    return [name, parent?.name ?? parentId];
  });
  expect(Object.fromEntries(parents)).toEqual({
    'POST /pipelines/run': SPAN,
    'run pipeline': 'POST /pipelines/run',
    'step test/call 1': 'run pipeline',
    'GET sky': 'step test/call',
    'step test/second 1': 'run pipeline',
    'step test/second 2': 'run pipeline',
  });
  expect(spans.get('step test/second 1')).toMatchObject({
    status: 2,
    attributes: { 'error.type': 'skill_failed' },
  });
  for (const [name, span] of spans) {
    expect([name, span.endMs >= span.startMs]).toEqual([name, true]);
  }
});

test('a request that is refused is in no trace of its caller', async () => {
  const other = TRACE.split('').toReversed().join('');
  expect((await api.post('/no/such/path', {}, { traceparent: `00-${other}-${SPAN}-01` })).status).toBe(404);
  const unmatched = await eventually(() => {
    const found = collector.spans().find(({ name }) => name === 'POST unmatched');
    if (found === undefined) throw new Error('Expected a span of the request');
    return found;
  });
  expect([unmatched.traceId === other, unmatched.parentId]).toEqual([false, '']);
});

test('a command begins the trace, and the skill receives the context of its attempt', async () => {
  const { stdout, code } = await skillos(['run-skill', 'test/context', '--json'], { env });
  expect(code).toBe(0);
  const { result } = JSON.parse(stdout) as { readonly result: string };
  const [, traceId = '', spanId] = result.split('-');
  const spans = await traceOf(traceId, 3);
  expect(spans.get('step test/context 1')?.spanId).toBe(spanId);
  expect(spans.get('run test/context')?.parentId).toBe(spans.get('skillos run-skill')?.spanId);
  expect(spans.get('skillos run-skill')?.parentId).toBe('');
});

test('a run that nobody traces has a trace of its own', async () => {
  const { stdout } = await skillos(['run-skill', 'test/context', '--json'], { env: deployment.env });
  const { run_id: runId } = JSON.parse(stdout) as { readonly run_id: string };
  const { traceId } = await runOf(runId);
  const spans = await traceOf(traceId, 2);
  expect(spans.get('run test/context')?.parentId).toBe('');
});

test('nothing that was sent contains a secret or a payload', () => {
  const sent = Buffer.concat(collector.requests.map(({ body }) => body)).toString('latin1');
  expect(sent).not.toContain(SECRET);
  expect(sent).not.toContain(COLLECTOR_KEY);
  expect(collector.requests.every(({ headers }) => headers['x-key'] === COLLECTOR_KEY)).toBe(true);
  expect(readFileSync(`/proc/${worker.pid}/environ`, 'latin1')).not.toContain(COLLECTOR_KEY);
});

test('a collector that is away changes no result, and is one warning', async () => {
  const away = { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://${await deadAddress()}` };
  const { stdout, stderr, code } = await skillos(['run-skill', 'test/context'], { env: away });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^00-/)]);
  expect(stderr.match(/warning: /g)).toHaveLength(1);
});
