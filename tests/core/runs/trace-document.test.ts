import { chromeTrace } from '../../../core/runs/chrome-trace.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { traceDocument } from '../../../core/runs/trace-document.ts';
import type { Traced } from '../../../core/runs/trace-document.ts';
import { EMPTY_TRACE } from '../../../core/runs/trace.ts';
import type { RunTrace, StepTrace } from '../../../core/runs/trace.ts';
import { aRecord, aReady, aStep } from '../../support/builders.ts';

const at = (ms: number): string => `2026-01-02T03:04:05.${String(ms).padStart(3, '0')}Z`;
const T0 = Date.parse(at(0)) * 1000;

const step = (number: number, more: Partial<StepTrace> = {}): StepTrace => ({
  number,
  skill: `demo/s${number}`,
  status: 'success',
  attempts: 1,
  scheduledAt: at(100),
  startedAt: at(110),
  endedAt: at(150),
  input: { value: 'in' },
  output: { value: 'out' },
  activity: String(number),
  activityId: `a${number}`,
  attemptsBefore: 0,
  ...more,
});

const STEPS = [1, 2, 3].map((number) => ({ number, skill: parseSkillId(`demo/s${number}`), hash: 'h' }));

const traced = (
  trace: Partial<RunTrace>,
  record: Parameters<typeof aRecord>[0] = {},
  pending?: Traced['pending'],
): Traced => ({
  record: aRecord({ id: 'r', status: 'success', steps: STEPS, ...record }),
  trace: { ...EMPTY_TRACE, startedAt: at(0), ...trace },
  ...(pending === undefined ? {} : { pending }),
});

describe('traceDocument', () => {
  test('describes a run that no worker has started', () => {
    expect(traceDocument(traced({}, { status: 'queued', steps: [] }))).toEqual({
      schema: 'skillos.trace/v1',
      run_id: 'r',
      status: 'queued',
      asked_at: at(0),
      steps: [],
    });
  });

  test('names the variant of a step, before and after it began', () => {
    const steps = [1, 2].map((number) => ({
      number,
      skill: parseSkillId(`demo/s${number}`),
      hash: 'h',
      variant: 'v2',
    }));
    expect(traceDocument(traced({ steps: [step(1)] }, { steps }))['steps']).toMatchObject([
      { id: 1, variant: 'v2', status: 'success' },
      { id: 2, variant: 'v2' },
    ]);
  });

  test('has the tree of the plan and durations', () => {
    const plan = {
      kind: 'sequence',
      plans: [
        {
          kind: 'parallel',
          plans: [
            { kind: 'step', step: aStep({ number: 1 }) },
            { kind: 'step', step: aStep({ number: 2 }) },
          ],
        },
        { kind: 'step', step: aStep({ number: 3 }) },
      ],
    } as const;
    const document = traceDocument(
      traced({
        takenAt: at(10),
        endedAt: at(500),
        prepared: aReady({ plan, digest: 'd', payload: { parts: [{ value: 1 }, { ref: 'x', bytes: 9 }] } }),
        steps: [step(1), step(2, { attempts: 2, lastFailure: { code: 'skill_failed', message: 'again' } })],
      }),
    );
    expect(document).toMatchObject({
      plan_digest: 'd',
      payload: [1, { ref: 'x', bytes: 9 }],
      queue_ms: 10,
      total_ms: 500,
      tree: {
        kind: 'sequence',
        children: [
          {
            kind: 'parallel',
            children: [
              { kind: 'step', step: 1 },
              { kind: 'step', step: 2 },
            ],
          },
          { kind: 'step', step: 3 },
        ],
      },
      steps: [
        { id: 1, status: 'success', input: 'in', output: 'out', queue_ms: 10, run_ms: 40, total_ms: 50 },
        { id: 2, attempts: 2, last_failure: { code: 'skill_failed', message: 'again' }, run_ms: 40 },
        { id: 3, skill: 'demo/s3', status: 'success' },
      ],
    });
    expect((document['steps'] as readonly object[])[1]).not.toHaveProperty('queue_ms');
  });

  test('sums the time that the run has waited for people', () => {
    const waits = [{ at: at(1), until: at(31) }, { at: at(40), until: at(45) }, { at: at(50) }];
    expect(traceDocument(traced({ waits }))).toMatchObject({ waited_ms: 35 });
    expect(traceDocument(traced({}))).not.toHaveProperty('waited_ms');
    expect(traceDocument(traced({ waits: [{ at: at(1) }] }))).not.toHaveProperty('waited_ms');
  });

  test('uses the digest of the record if the plan has none', () => {
    const plan = { kind: 'step', step: aStep({ number: 1 }) } as const;
    const prepared = { plan, payload: { value: 1 } };
    expect(traceDocument(traced({ prepared }, { digest: 'd2' }))).toMatchObject({ plan_digest: 'd2' });
    expect(traceDocument(traced({ prepared }))).not.toHaveProperty('plan_digest');
  });

  test('shows failure, rollbacks and origin', () => {
    const { output: _, ...failed } = step(2, {
      status: 'error',
      failure: { code: 'skill_failed', message: 'no' },
    });
    const document = traceDocument(
      traced(
        { steps: [step(1), failed], undoings: [step(1, { skill: 'demo/undo' })] },
        { status: 'error', reason: 'skill_failed', origin: { runId: 'o', from: 1 } },
      ),
    );
    expect(document).toMatchObject({
      reason: 'skill_failed',
      origin: { run_id: 'o', from: 1 },
      steps: [{}, { status: 'error', error: { code: 'skill_failed', message: 'no' } }, { status: 'waiting' }],
      rollback: [{ id: 1, skill: 'demo/undo', status: 'success' }],
    });
  });

  test('tells of pauses and decisions', () => {
    const decision = { decision: 'approved', subject: 'ann', via: 'cli', at: at(1), counted: true } as const;
    const document = traceDocument(
      traced({
        pauses: [
          { step: 1, at: at(0), until: at(250), ended: 'next', edited: { value: 'new' } },
          { step: 2, at: at(300) },
        ],
        decisions: [decision],
      }),
    );
    expect(document).toMatchObject({
      pauses: [
        { step: 1, at: at(0), until: at(250), ended_by: 'next', edited: 'new', wait_ms: 250 },
        { step: 2, at: at(300) },
      ],
      decisions: [decision],
    });
  });

  test.each([
    [
      { isRunning: true, attempt: 2, failure: 'again', progress: 0.5 },
      { status: 'running', attempts: 2, last_failure: { message: 'again' }, progress: 0.5 },
    ],
    [
      { isRunning: false, attempt: 3, nextAt: at(900) },
      { status: 'scheduled', attempts: 3, next_attempt_at: at(900) },
    ],
    [
      { isRunning: false, attempt: 1, waiting: 'Waits for concurrency of a/b' },
      { status: 'scheduled', attempts: 1, waiting: 'Waits for concurrency of a/b' },
    ],
  ])('shows a pending activity: %j', (live, expected) => {
    const { startedAt: _s, endedAt: _e, output: _o, ...open } = step(1, { status: 'scheduled', attempts: 0 });
    const document = traceDocument(
      traced({ steps: [open] }, { status: 'running' }, [
        { skill: 'demo/s1', activityId: 'other', isRunning: true, attempt: 9 },
        { skill: 'demo/s1', activityId: 'a1', ...live },
      ]),
    );
    expect(document['steps']).toMatchObject([expected, { status: 'waiting' }, { status: 'waiting' }]);
  });
});

test('shows the connector calls of steps and of rollbacks', () => {
  const call = { connector: 'weather', method: 'GET', host: 'h', status: 200, ms: 1, bytes: 2 };
  const shown = [{ at: at(1), attempt: 1, ...call }];
  const calls = new Map([
    ['1', { shown, leftOut: 0 }],
    ['rollback of 2', { shown, leftOut: 7 }],
  ]);
  const document = traceDocument({ ...traced({ steps: [step(1), step(2)], undoings: [step(2)] }), calls });
  expect(document).toMatchObject({ steps: [{ calls: shown }, {}, {}], rollback: [{ calls_left_out: 7 }] });
  expect((document['steps'] as readonly object[])[1]).not.toHaveProperty('calls');
});

describe('chromeTrace', () => {
  const spansOf = (trace: Partial<RunTrace>) =>
    (chromeTrace(traced(trace))['traceEvents'] as readonly Record<string, unknown>[])
      .filter(({ ph }) => ph === 'X')
      .map(({ name, tid, ts, dur, cat }) => [name, cat, tid, (ts as number) - T0, dur]);

  test('puts steps that run at once on tracks of their own, in microseconds', () => {
    expect(
      spansOf({
        takenAt: at(10),
        steps: [
          step(1),
          step(2, { endedAt: at(200) }),
          step(3, { scheduledAt: at(150), startedAt: at(160), endedAt: at(170) }),
        ],
      }),
    ).toEqual([
      ['waits for a worker', 'queue', 0, 0, 10_000],
      ['step 1 demo/s1 (queued)', 'queue', 1, 100_000, 10_000],
      ['step 1 demo/s1', 'step', 1, 110_000, 40_000],
      ['step 2 demo/s2 (queued)', 'queue', 2, 100_000, 10_000],
      ['step 2 demo/s2', 'step', 2, 110_000, 90_000],
      ['step 3 demo/s3 (queued)', 'queue', 1, 150_000, 10_000],
      ['step 3 demo/s3', 'step', 1, 160_000, 10_000],
    ]);
  });

  test('shows pauses and rollbacks, and omits unfinished spans', () => {
    const { startedAt: _s, endedAt: _e, ...open } = step(2, { status: 'scheduled' });
    expect(
      spansOf({
        endedAt: at(900),
        pauses: [
          { step: 1, at: at(0), until: at(50), ended: 'next' },
          { step: 2, at: at(60) },
        ],
        steps: [step(1, { status: 'error', failure: { code: 'skill_failed', message: 'no' } }), open],
        undoings: [
          step(1, { skill: 'demo/undo', scheduledAt: at(200), startedAt: at(200), endedAt: at(300) }),
        ],
      }),
    ).toEqual([
      ['paused before step 1', 'pause', 0, 0, 50_000],
      ['paused before step 2', 'pause', 0, 60_000, 840_000],
      ['step 1 demo/s1 (queued)', 'queue', 1, 100_000, 10_000],
      ['step 1 demo/s1', 'step', 1, 110_000, 40_000],
      ['undoes step 1 demo/undo (queued)', 'queue', 1, 200_000, 0],
      ['undoes step 1 demo/undo', 'rollback', 1, 200_000, 100_000],
    ]);
  });
});
