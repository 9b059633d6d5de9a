import { runDocument, runItem, titleOf, untracedStatus } from '../../../core/runs/run-document.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { EMPTY_TRACE } from '../../../core/runs/trace.ts';
import type { RunRecord, RunStatus } from '../../../core/runs/run.ts';
import type { RunTrace, StepTrace } from '../../../core/runs/trace.ts';
import { aRecord } from '../../support/builders.ts';

const STEP: StepTrace = {
  number: 1,
  skill: 'travel/search_flights',
  status: 'scheduled',
  attempts: 0,
  scheduledAt: '2026-01-02T03:04:06.000Z',
  activity: '5',
  attemptsBefore: 0,
  input: { value: 'Sochi' },
};
const BASE = { id: 1, skill: 'travel/search_flights', hash: 'h1' };

function stepsIn(...steps: readonly StepTrace[]) {
  return runDocument({ record: aRecord(), trace: { ...EMPTY_TRACE, steps } })['steps'];
}

describe('runDocument', () => {
  test('omits unknown values', () => {
    expect(runDocument({ record: aRecord({ status: 'queued', steps: [] }), trace: EMPTY_TRACE })).toEqual({
      schema: 'skillos.run/v1',
      run_id: 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV',
      status: 'queued',
      skill: 'travel/search_flights',
      steps: [],
      principal: 'ann',
      created_at: '2026-01-02T03:04:05.000Z',
    });
  });

  test('names the session of the run', () => {
    const record = aRecord({ session: { id: 'trip', seen: { value: null } } });
    expect(runDocument({ record, trace: EMPTY_TRACE })).toMatchObject({ session_id: 'trip' });
    expect(runItem(record)).toMatchObject({ session_id: 'trip' });
  });

  test('names the trigger whose delivery has enqueued the job', () => {
    const record = aRecord({ job: { priority: 3, trigger: 'orders' } });
    expect(runDocument({ record, trace: EMPTY_TRACE })).toMatchObject({ trigger: 'orders' });
    expect(runItem(record)).toMatchObject({ trigger: 'orders' });
  });

  test('names the variant of a step', () => {
    const record = aRecord({
      steps: [{ number: 1, skill: parseSkillId('travel/search_flights'), hash: 'h1', variant: 'v2' }],
    });
    expect(runDocument({ record, trace: EMPTY_TRACE })['steps']).toMatchObject([{ variant: 'v2' }]);
  });

  test('names the schedule that fired the run', () => {
    const record = aRecord({ schedule: 'nightly' });
    expect(runDocument({ record, trace: EMPTY_TRACE })).toMatchObject({ schedule: 'nightly' });
    expect(runItem(record)).toMatchObject({ schedule: 'nightly' });
  });

  test('shows a run that succeeded', () => {
    const record = aRecord({
      status: 'success',
      digest: 'd1',
      startedAt: '2026-01-02T03:04:06.000Z',
      endedAt: '2026-01-02T03:04:09.000Z',
      output: { value: 'out' },
      warnings: [
        {
          code: 'deprecated_skill',
          skill: parseSkillId('travel/search_flights'),
          message: 'Skill is deprecated',
        },
      ],
    });
    const trace = {
      ...EMPTY_TRACE,
      steps: [
        {
          ...STEP,
          status: 'success',
          attempts: 2,
          startedAt: '2026-01-02T03:04:07.000Z',
          endedAt: '2026-01-02T03:04:08.000Z',
          output: { value: 'out' },
        },
      ],
    } as const;
    expect(runDocument({ record, trace, result: 'out', url: 'http://localhost:8233/x' })).toEqual({
      schema: 'skillos.run/v1',
      run_id: 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV',
      status: 'success',
      skill: 'travel/search_flights',
      plan_digest: 'd1',
      result: 'out',
      steps: [
        {
          ...BASE,
          status: 'success',
          attempts: 2,
          started_at: '2026-01-02T03:04:07.000Z',
          ended_at: '2026-01-02T03:04:08.000Z',
          output: 'out',
        },
      ],
      warnings: ['Skill is deprecated'],
      principal: 'ann',
      created_at: '2026-01-02T03:04:05.000Z',
      started_at: '2026-01-02T03:04:06.000Z',
      ended_at: '2026-01-02T03:04:09.000Z',
      url: 'http://localhost:8233/x',
    });
  });

  test('shows a result that is null', () => {
    expect(runDocument({ record: aRecord(), trace: EMPTY_TRACE, result: null })).toHaveProperty(
      'result',
      null,
    );
  });

  test('shows why a run failed, by code and message alone', () => {
    const failure = { code: 'skill_failed', message: 'no', step: 1 } as const;
    const record = aRecord({ status: 'error', reason: 'skill_failed', error: failure });
    const trace = { ...EMPTY_TRACE, steps: [{ ...STEP, status: 'error', attempts: 1, failure } as const] };
    expect(runDocument({ record, trace })).toMatchObject({
      status: 'error',
      reason: 'skill_failed',
      error: { code: 'skill_failed', message: 'no' },
      steps: [{ ...BASE, status: 'error', attempts: 1, error: { code: 'skill_failed', message: 'no' } }],
    });
  });

  test('shows a step that has not begun as waiting', () => {
    const trace = { ...EMPTY_TRACE, startedAt: '2026-01-02T03:04:05.000Z' };
    expect(runDocument({ record: aRecord(), trace })['steps']).toEqual([
      { ...BASE, status: 'waiting', attempts: 0 },
    ]);
  });

  test.each([
    ['success', 'success'],
    ['error', 'unknown'],
    ['cancelled', 'unknown'],
    ['running', 'unknown'],
  ] as const)('says of a step of a run that is %s and has no history: %s', (status, shown) => {
    const { steps } = runDocument({ record: aRecord({ status }), trace: EMPTY_TRACE });
    expect(steps).toEqual([{ ...BASE, status: shown }]);
  });

  test('shows a step that is scheduled', () => {
    expect(stepsIn(STEP)).toEqual([{ ...BASE, status: 'scheduled', attempts: 0 }]);
  });

  test.each([
    ['a reference', { ref: 'f'.repeat(64), bytes: 20_000 }],
    ['the parts of a group', { parts: [{ value: 'a' }] }],
  ])('leaves out an output that travels as %s', (_what, output) => {
    expect(stepsIn({ ...STEP, status: 'success', output })).toEqual([
      { ...BASE, status: 'success', attempts: 0 },
    ]);
  });

  test('names the rule that blocked a run', () => {
    const error = { code: 'permission_denied', message: 'No' } as const;
    const record = aRecord({
      status: 'blocked',
      reason: 'permission_denied',
      policy: 'rule',
      steps: [],
      error,
    });
    expect(runDocument({ record, trace: EMPTY_TRACE })).toMatchObject({
      status: 'blocked',
      reason: 'permission_denied',
      policy: 'rule',
      error,
      steps: [],
    });
  });
});

describe('runItem', () => {
  const base = {
    run_id: 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV',
    skill: 'travel/search_flights',
    principal: 'ann',
    created_at: '2026-01-02T03:04:05.000Z',
  };

  test('describes a run that has not begun', () => {
    expect(runItem(aRecord({ status: 'queued' }))).toEqual({ ...base, status: 'queued' });
  });

  test('shows start, end and reason', () => {
    const times = { startedAt: '2026-01-02T03:04:06.000Z', endedAt: '2026-01-02T03:04:07.000Z' };
    expect(runItem(aRecord({ status: 'error', reason: 'skill_failed', ...times }))).toEqual({
      ...base,
      status: 'error',
      reason: 'skill_failed',
      started_at: times.startedAt,
      ended_at: times.endedAt,
    });
  });

  test('shows cost, approval and rollbacks', () => {
    const failure = { code: 'skill_failed', message: 'no' } as const;
    const record = aRecord({
      cost: 15_000,
      claim: { key: 'k', tier: 'cheap', stepCost: 5000 },
      pause: { step: 2, skill: parseSkillId('demo/second'), input: { value: 1 } },
      undoings: [
        { step: 2, skill: parseSkillId('demo/undo') },
        { step: 1, skill: parseSkillId('demo/undo'), failure },
      ],
      origin: { runId: 'r', from: 2 },
    });
    expect(runDocument({ record, trace: EMPTY_TRACE })).toMatchObject({
      cost: 1.5,
      tier: 'cheap',
      paused_before: { step: 2, skill: 'demo/second' },
      rollback: [
        { step: 2, skill: 'demo/undo', status: 'success' },
        { step: 1, skill: 'demo/undo', status: 'error', error: failure },
      ],
      origin: { run_id: 'r', from: 2 },
    });
  });

  test('shows the approval of a parked run', () => {
    const requirement = {
      policy: 'destructive',
      reasons: ['destructive: skill "a/b"'],
      approvers: [],
      nOf: 1,
      allowSelf: true,
      timeoutMs: 1000,
      proof: false,
      signals: true,
    };
    const approval = {
      requirement,
      digest: 'd',
      input: { value: 1 },
      decisions: [],
      since: '2026-01-02T03:04:05.000Z',
    };
    const document = (status: RunStatus) =>
      runDocument({ record: aRecord({ status, approval }), trace: EMPTY_TRACE })['approval'];
    expect(document('awaiting_approval')).toMatchObject({ status: 'pending', policy: 'destructive' });
    expect(document('cancelled')).toMatchObject({ status: 'withdrawn' });
  });
});

describe('titleOf', () => {
  test.each([
    ['a skill', { skill: 'a/b' }, 'a/b'],
    ['a composition that an earlier build recorded', { skill: 'a/b', title: 'a/c → a/d' }, 'a/b'],
    ['a pipeline', { skill: 'pipeline', title: 'a/b → a/c' }, 'a/b → a/c'],
    ['a pipeline without a title', { skill: 'pipeline' }, 'pipeline'],
  ])('of %s', (_, record, expected) => {
    expect(titleOf(record)).toBe(expected);
  });
});

describe('untracedStatus', () => {
  const origin = { runId: 'r', from: 2 };
  const pause = { step: 2, skill: parseSkillId('a/b'), input: { value: 1 } };
  const skip = { step: 2, at: 'x', until: 'y', ended: 'skip' } as const;
  test.each([
    ['waits', {}, {}, 'waiting'],
    ['is paused', { status: 'paused', pause }, {}, 'paused'],
    ['waits for approval', { status: 'awaiting_approval', approval: { step: 2 } }, {}, 'awaiting_approval'],
    ['waits behind an approval', { status: 'awaiting_approval', approval: { step: 1 } }, {}, 'waiting'],
    ['was approved', { approval: { step: 2 } }, {}, 'waiting'],
    ['waits behind a pause', { status: 'paused', pause: { ...pause, step: 1 } }, {}, 'waiting'],
    ['was skipped', {}, { pauses: [skip] }, 'skipped'],
    ['waits where another was skipped', {}, { pauses: [{ ...skip, step: 1 }] }, 'waiting'],
    ['was not skipped by another order', {}, { pauses: [{ ...skip, ended: 'next' }] }, 'waiting'],
    ['is before the first step of a fork', { origin: { ...origin, from: 3 } }, {}, 'taken_over'],
    ['waits in a fork', { origin }, {}, 'waiting'],
    ['was set in a fork', { origin, status: 'success' }, {}, 'taken_over'],
    ['is not told of', { status: 'success' }, {}, 'success'],
    ['was forgotten', { status: 'error' }, { startedAt: undefined }, 'unknown'],
    ['was forgotten after a success', { status: 'success' }, { startedAt: undefined }, 'success'],
  ] as const)('of a step that %s', (_, record, trace, expected) => {
    const traced = { ...EMPTY_TRACE, startedAt: '2026-01-02T03:04:05.000Z', ...trace } as RunTrace;
    expect(
      untracedStatus(aRecord({ status: 'running', ...(record as unknown as Partial<RunRecord>) }), traced, 2),
    ).toBe(expected);
  });
});
