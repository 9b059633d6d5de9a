import {
  childContext,
  parseTraceparent,
  rootContext,
  runContext,
  traceparentOf,
} from '../../../core/telemetry/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const parent = { traceId: TRACE, spanId: SPAN, isSampled: true };
const execution = { id: 'test.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV', executionId: 'a' };

describe('parseTraceparent', () => {
  test.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`cc-${TRACE}-${SPAN}-01-of-a-later-version`, true],
  ])('reads %s', (text, isSampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled });
  });

  test.each([
    undefined,
    '',
    'hello',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
  ])('ignores %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

test.each([true, false])('traceparentOf writes what parseTraceparent reads, sampled: %s', (isSampled) => {
  const context = { ...parent, isSampled };
  expect(parseTraceparent(traceparentOf(context))).toEqual(context);
});

test('contexts follow from their keys', () => {
  expect(rootContext('a', 1)).toEqual(rootContext('a', 1));
  expect(rootContext('a', 1).traceId).not.toBe(rootContext('b', 1).traceId);
  expect(childContext(parent, 'x')).toEqual({ ...parent, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(childContext(parent, 'x').spanId).not.toBe(childContext(parent, 'y').spanId);
});

test.each([
  [0, 0, 0],
  [1, 1000, 1000],
  [0.25, 200, 300],
])('a share of %d of the traces is sampled', (ratio, least, most) => {
  const sampled = Array.from({ length: 1000 }, (_, n) => rootContext(`key ${n}`, ratio)).filter(
    ({ isSampled }) => isSampled,
  );
  expect(sampled.length).toBeGreaterThanOrEqual(least);
  expect(sampled.length).toBeLessThanOrEqual(most);
});

describe('runContext', () => {
  test('continues the trace of the request, sampled or not', () => {
    const run = runContext(execution, traceparentOf({ ...parent, isSampled: false }), 1);
    expect(run).toMatchObject({ traceId: TRACE, isSampled: false });
    expect(run.spanId).not.toBe(SPAN);
  });

  test('begins a trace that all executions of the run share', () => {
    const first = runContext(execution, undefined, 1);
    const second = runContext({ ...execution, executionId: 'b' }, 'not valid', 1);
    expect(second.traceId).toBe(first.traceId);
    expect(second.spanId).not.toBe(first.spanId);
    expect(first.isSampled).toBe(true);
  });
});
