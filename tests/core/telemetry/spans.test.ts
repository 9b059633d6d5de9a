import { callSpan, commandSpan, requestSpan, runSpan, stepSpan } from '../../../core/telemetry/spans.ts';
import { rootContext } from '../../../core/telemetry/trace-context.ts';

const context = rootContext('a span', 1);
const parent = rootContext('another', 1);
const run = { id: 'r', executionId: 'e', skill: 'test/echo', isJob: false, durationMs: 40, endMs: 1000 };

test('a run lasts from its request to its end', () => {
  const span = runSpan({ context, parent }, { status: 'success', output: { value: 'secret' } }, run);
  expect(span).toEqual({
    context,
    parent,
    name: 'run test/echo',
    kind: 'internal',
    startMs: 960,
    endMs: 1000,
    attributes: {
      'skillos.run.id': 'r',
      'skillos.run.status': 'success',
      'skillos.skill': 'test/echo',
      'temporal.run.id': 'e',
    },
  });
});

test('a failed run names its code and never its message', () => {
  const failure = { code: 'skill_failed', message: 'secret' } as const;
  const span = runSpan(
    { context },
    { status: 'error', failure },
    { ...run, isJob: true, schedule: 'nightly' },
  );
  expect(span.error).toBe('skill_failed');
  expect(span.attributes).toMatchObject({ 'skillos.job': true, 'skillos.schedule': 'nightly' });
  expect(JSON.stringify(span)).not.toContain('secret');
});

test('a blocked run names its reason, and is no error', () => {
  const blocked = { status: 'blocked', reason: 'budget_exceeded', policy: 'daily', message: 'm' } as const;
  const span = runSpan({ context }, blocked, run);
  expect(span.error).toBeUndefined();
  expect(span.attributes['skillos.run.reason']).toBe('budget_exceeded');
});

const attempt = {
  runId: 'r',
  skill: 'test/echo',
  step: 2,
  attempt: 3,
  isRollback: false,
  startMs: 1,
  endMs: 5,
};

test.each([
  [false, 'step test/echo'],
  [true, 'rollback test/echo'],
])('an attempt of a step, rollback: %s', (isRollback, name) => {
  expect(stepSpan({ context, parent }, { ...attempt, isRollback, error: 'skill_timeout' })).toMatchObject({
    name,
    startMs: 1,
    endMs: 5,
    error: 'skill_timeout',
    attributes: { 'skillos.step': 2, 'skillos.attempt': 3, 'skillos.skill': 'test/echo' },
  });
});

test('a connector call ends when it is reported', () => {
  const call = { connector: 'weather', method: 'GET', host: 'api.example.com', ms: 20, bytes: 7 };
  const answered = callSpan(parent, { ...call, status: 200 }, { number: 0, endMs: 100 });
  expect(answered).toMatchObject({ name: 'GET weather', kind: 'client', startMs: 80, endMs: 100 });
  expect(answered.attributes['http.response.status_code']).toBe(200);
  const failed = callSpan(parent, { ...call, code: 'connector_timeout' }, { number: 1, endMs: 100 });
  expect(failed.error).toBe('connector_timeout');
  expect(failed.context.spanId).not.toBe(answered.context.spanId);
});

test.each([
  [404, undefined],
  [503, '503'],
])('a request that is answered %d', (status, error) => {
  const request = { method: 'POST', route: '/run', status, requestId: 'q', startMs: 1, endMs: 2 };
  expect(requestSpan({ context }, request)).toMatchObject({ name: 'POST /run', kind: 'server' });
  expect(requestSpan({ context }, request).error).toBe(error);
});

test('a command is named by its words', () => {
  expect(commandSpan(context, { words: ['pipeline', 'run'], startMs: 1, endMs: 2 }).name).toBe(
    'skillos pipeline run',
  );
});
