import type { RunFailure, RunState } from '../../../core/runs/run.ts';
import { EMPTY_TRACE, applyEvent } from '../../../core/runs/trace.ts';
import type { RunTrace, TraceEvent } from '../../../core/runs/trace.ts';

const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
const fold = (...events: readonly TraceEvent[]): RunTrace => events.reduce(applyEvent, EMPTY_TRACE);

const scheduled = (
  second: number,
  activity: string,
  step: number,
  { attemptsBefore = 0, undoes = false } = {},
): TraceEvent => ({
  kind: 'step_scheduled',
  at: at(second),
  activity,
  step,
  skill: `demo/s${step}`,
  attemptsBefore,
  input: { value: 'in' },
  undoes,
});
const started = (second: number, activity: string, attempt = 1): TraceEvent => ({
  kind: 'step_started',
  at: at(second),
  activity,
  attempt,
});
const succeeded = (second: number, activity: string, value: string): TraceEvent => ({
  kind: 'step_succeeded',
  at: at(second),
  activity,
  output: { value },
});
const LOST = { code: 'outcome_unknown', message: 'activity timed out' } as const;
const FAILED = { code: 'skill_failed', message: 'no' } as const;
const failed = (second: number, activity: string, failure: RunFailure): TraceEvent => ({
  kind: 'step_failed',
  at: at(second),
  activity,
  failure,
});

describe('applyEvent', () => {
  test('keeps when the run began and when a worker first took it up', () => {
    const events: TraceEvent[] = [
      { kind: 'run_started', at: at(0) },
      { kind: 'run_taken', at: at(1) },
      { kind: 'run_taken', at: at(2) },
    ];
    expect(fold(...events)).toEqual({ startedAt: at(0), takenAt: at(1), steps: [], undoings: [] });
  });

  test('follows a step from scheduled over started to its output', () => {
    const step = {
      number: 1,
      skill: 'demo/s1',
      activity: '5',
      attemptsBefore: 0,
      input: { value: 'in' },
      scheduledAt: at(1),
    };
    expect(fold(scheduled(1, '5', 1)).steps).toEqual([{ ...step, status: 'scheduled', attempts: 0 }]);
    expect(fold(scheduled(1, '5', 1), started(2, '5')).steps).toEqual([
      { ...step, status: 'scheduled', attempts: 1, startedAt: at(2) },
    ]);
    expect(fold(scheduled(1, '5', 1), started(2, '5'), succeeded(3, '5', 'out')).steps).toEqual([
      {
        ...step,
        status: 'success',
        attempts: 1,
        startedAt: at(2),
        endedAt: at(3),
        output: { value: 'out' },
      },
    ]);
  });

  test('counts retries as attempts of one step', () => {
    const trace = fold(scheduled(1, '5', 1), started(2, '5', 3), succeeded(3, '5', 'out'));
    expect(trace.steps).toMatchObject([{ attempts: 3, status: 'success' }]);
  });

  test.each<[string, TraceEvent, number]>([
    ['a success', succeeded(3, '5', 'out'), 1],
    ['a later success', { ...succeeded(3, '5', 'out'), attempts: 2 } as TraceEvent, 2],
    ['a failure', failed(3, '5', FAILED), 1],
    ['a later failure', failed(3, '5', { ...FAILED, attempts: 3 }), 3],
    ['a cancellation', { kind: 'step_cancelled', at: at(3), activity: '5' }, 1],
  ])('counts no delivery that found no slot, with %s', (_what, end, attempts) => {
    const limited = { ...scheduled(1, '5', 1), isLimited: true } as TraceEvent;
    expect(fold(limited, started(2, '5', 40), end).steps).toMatchObject([{ attempts }]);
  });

  test('keeps the failure of a step and of the run', () => {
    const trace = fold(scheduled(1, '5', 1), started(2, '5'), failed(3, '5', FAILED), {
      kind: 'run_ended',
      at: at(4),
      end: { status: 'error', reason: 'skill_failed', failure: FAILED },
    });
    expect(trace).toMatchObject({
      steps: [
        {
          number: 1,
          skill: 'demo/s1',
          activity: '5',
          attemptsBefore: 0,
          status: 'error',
          attempts: 1,
          scheduledAt: at(1),
          startedAt: at(2),
          endedAt: at(3),
          failure: FAILED,
        },
      ],
      end: { status: 'error', reason: 'skill_failed', failure: FAILED },
      endedAt: at(4),
    });
  });

  test('takes a step that is scheduled once more after its worker was lost as the same step', () => {
    const lost = [scheduled(1, '5', 1), started(2, '5'), failed(3, '5', LOST)];
    const again = [...lost, scheduled(4, '9', 1, { attemptsBefore: 3 })];
    const step = { number: 1, skill: 'demo/s1', activity: '9', attemptsBefore: 3, input: { value: 'in' } };
    expect(fold(...again).steps).toEqual([
      { ...step, status: 'scheduled', attempts: 3, scheduledAt: at(1), startedAt: at(2) },
    ]);
    expect(fold(...again, started(5, '9', 2), succeeded(6, '9', 'out')).steps).toEqual([
      {
        ...step,
        status: 'success',
        attempts: 5,
        scheduledAt: at(1),
        startedAt: at(2),
        endedAt: at(6),
        output: { value: 'out' },
      },
    ]);
  });

  test('takes a step over that was lost before it started', () => {
    const trace = fold(
      scheduled(1, '5', 1),
      failed(2, '5', LOST),
      scheduled(3, '9', 1, { attemptsBefore: 1 }),
      started(4, '9'),
    );
    expect(trace.steps).toMatchObject([
      { status: 'scheduled', attempts: 2, scheduledAt: at(1), startedAt: at(4) },
    ]);
  });

  test('keeps the steps of a group apart, in the order in which they were first scheduled', () => {
    const trace = fold(
      scheduled(1, '5', 2),
      scheduled(1, '6', 1),
      started(2, '6'),
      started(2, '5'),
      failed(3, '6', LOST),
      succeeded(4, '5', 'two'),
      scheduled(5, '9', 1, { attemptsBefore: 1 }),
    );
    expect(trace.steps).toMatchObject([
      { number: 2, status: 'success', output: { value: 'two' } },
      { number: 1, status: 'scheduled', activity: '9' },
    ]);
  });

  test('follows a cancel', () => {
    const trace = fold(
      scheduled(1, '5', 1),
      started(2, '5'),
      { kind: 'step_cancelled', at: at(3), activity: '5' },
      { kind: 'run_ended', at: at(4), end: { status: 'cancelled', reason: 'run_cancelled' } },
    );
    expect(trace).toMatchObject({
      steps: [{ status: 'cancelled', endedAt: at(3) }],
      end: { status: 'cancelled', reason: 'run_cancelled' },
      endedAt: at(4),
    });
  });

  test('forgets a step whose run may not go on at once, until it begins', () => {
    const held = { kind: 'step_held_back', at: at(3), activity: '5' } as const;
    expect(fold(scheduled(1, '5', 1), started(2, '5'), held).steps).toEqual([]);
    expect(fold(scheduled(1, '5', 1), started(2, '5'), held, scheduled(4, '9', 1)).steps).toMatchObject([
      { number: 1, activity: '9', scheduledAt: at(4) },
    ]);
  });

  describe('while the run waits for an approval before a step', () => {
    const state = (second: number, to: 'awaiting_approval' | 'running'): TraceEvent => ({
      kind: 'run_state',
      at: at(second),
      state: to,
    });
    const parked: TraceEvent = { kind: 'step_parked', at: at(3), activity: '5' };
    const begun = [scheduled(1, '5', 1), started(2, '5'), parked, state(3, 'awaiting_approval')];

    test('has no failed step, and counts no time of the step', () => {
      const waiting = fold(...begun);
      expect(waiting).toMatchObject({ steps: [], parked: { number: 1 }, waits: [{ at: at(3) }] });
      const after = fold(...begun, state(8, 'running'), scheduled(8, '9', 1), started(9, '9'));
      expect(after).toMatchObject({
        steps: [{ number: 1, activity: '9', scheduledAt: at(8), startedAt: at(9) }],
        waits: [{ at: at(3), until: at(8) }],
      });
    });

    test('ends the wait with the run', () => {
      const end: TraceEvent = { kind: 'run_ended', at: at(7), end: { status: 'cancelled' } };
      expect(fold(...begun, end).waits).toEqual([{ at: at(3), until: at(7) }]);
      expect(fold(...begun, state(5, 'running'), end).waits).toEqual([{ at: at(3), until: at(5) }]);
    });

    test('has the waits of several approvals', () => {
      const again = fold(...begun, state(5, 'running'), state(6, 'awaiting_approval'));
      expect(again.waits).toEqual([{ at: at(3), until: at(5) }, { at: at(6) }]);
    });
  });

  test('has a pause before a step among its waits', () => {
    const state = (second: number, to: RunState) =>
      ({ kind: 'run_state', at: at(second), state: to }) as const;
    expect(fold(state(2, 'paused'), state(5, 'running')).waits).toEqual([{ at: at(2), until: at(5) }]);
  });

  test('leaves a step of a terminated run as it was last seen', () => {
    const failure = { code: 'run_terminated', message: 'Run terminated: stuck' } as const;
    const trace = fold(scheduled(1, '5', 1), started(2, '5'), {
      kind: 'run_ended',
      at: at(3),
      end: { status: 'error', reason: 'run_terminated', failure },
    });
    expect(trace.steps).toMatchObject([{ status: 'scheduled', attempts: 1 }]);
    expect(trace.steps[0]).not.toHaveProperty('endedAt');
    expect(trace).toMatchObject({
      end: { status: 'error', reason: 'run_terminated', failure },
      endedAt: at(3),
    });
  });

  test('ignores events of activities it does not know', () => {
    const before = fold(scheduled(1, '5', 1));
    expect(applyEvent(before, succeeded(2, '7', 'out'))).toEqual(before);
  });

  test('changes nothing in place', () => {
    const before = Object.freeze(fold(scheduled(1, '5', 1)));
    Object.freeze(before.steps);
    Object.freeze(before.steps[0]);
    expect(applyEvent(before, started(2, '5')).steps).not.toBe(before.steps);
    expect(before.steps).toMatchObject([{ attempts: 0 }]);
  });

  test('separates rollbacks from steps', () => {
    const trace = fold(
      scheduled(1, 'a', 1),
      succeeded(2, 'a', 'done'),
      scheduled(3, 'b', 1, { undoes: true }),
      succeeded(4, 'b', 'undone'),
    );
    expect(trace.steps).toMatchObject([{ number: 1, output: { value: 'done' } }]);
    expect(trace.undoings).toMatchObject([{ number: 1, output: { value: 'undone' } }]);
  });

  test('has the state of the run', () => {
    expect(fold({ kind: 'run_state', at: at(1), state: 'awaiting_approval' }).state).toBe(
      'awaiting_approval',
    );
  });
});
