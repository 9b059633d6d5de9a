/** What people say to a run, as its trace tells it. */
import { EMPTY_TRACE, applyEvent } from '../../../core/runs/trace.ts';
import type { StepCommand, PauseTrace, TraceEvent } from '../../../core/runs/trace.ts';

const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
const fold = (...events: readonly TraceEvent[]) => events.reduce(applyEvent, EMPTY_TRACE);

const paused = (second: number, step: number): TraceEvent => ({ kind: 'step_paused', at: at(second), step });
const told = (
  second: number,
  command: StepCommand['command'],
  more: Partial<StepCommand> = {},
): TraceEvent => ({
  kind: 'step_ordered',
  at: at(second),
  via: 'update',
  command,
  ...more,
});
const prepared = (signals?: boolean): TraceEvent => ({
  kind: 'run_prepared',
  at: at(0),
  prepared: {
    plan: { kind: 'sequence', plans: [] },
    digest: 'd',
    payload: { value: 1 },
    ...(signals === undefined ? {} : { signals }),
  },
});

describe('applyEvent', () => {
  test('keeps plan and time of run_prepared', () => {
    expect(fold(prepared())).toMatchObject({ prepared: { digest: 'd' }, preparedAt: at(0) });
  });

  test('keeps decisions in their order', () => {
    const decision = { decision: 'approved', subject: 'ann', via: 'cli', at: at(1), counted: true } as const;
    const second = { ...decision, subject: 'bob' };
    const events = [decision, second].map(
      (each) => ({ kind: 'run_decided', at: at(1), decision: each }) as const,
    );
    expect(fold(...events).decisions).toEqual([decision, second]);
  });

  test.each<readonly [string, readonly TraceEvent[], readonly PauseTrace[]]>([
    ['lasts until it is told to go on', [paused(1, 1)], [{ step: 1, at: at(1) }]],
    [
      'ends with the order',
      [paused(1, 1), told(2, 'next'), paused(3, 2), told(4, 'skip')],
      [
        { step: 1, at: at(1), until: at(2), ended: 'next' },
        { step: 2, at: at(3), until: at(4), ended: 'skip' },
      ],
    ],
    [
      'stays one when the input is edited',
      [paused(1, 1), told(2, 'edit', { input: { value: 'x' } }), paused(2, 1), told(3, 'next')],
      [{ step: 1, at: at(1), until: at(3), ended: 'next', edited: { value: 'x' } }],
    ],
    ['is not changed by an edit of nothing', [paused(1, 1), told(2, 'edit')], [{ step: 1, at: at(1) }]],
    [
      'is not changed by a breakpoint',
      [paused(1, 1), told(2, 'break', { step: 3 })],
      [{ step: 1, at: at(1) }],
    ],
    [
      'is another one after it has ended, also before the same step',
      [paused(1, 1), told(2, 'next'), paused(3, 1)],
      [
        { step: 1, at: at(1), until: at(2), ended: 'next' },
        { step: 1, at: at(3) },
      ],
    ],
    [
      'is not changed by an order that comes after it',
      [paused(1, 1), told(2, 'next'), told(3, 'abort')],
      [{ step: 1, at: at(1), until: at(2), ended: 'next' }],
    ],
    [
      'is ended by a signal where signals count',
      [prepared(true), paused(1, 1), told(2, 'abort', { via: 'signal' })],
      [{ step: 1, at: at(1), until: at(2), ended: 'abort' }],
    ],
    [
      'is not ended by a signal where signals do not count',
      [prepared(false), paused(1, 1), told(2, 'abort', { via: 'signal' })],
      [{ step: 1, at: at(1) }],
    ],
  ])('a pause %s', (_, events, expected) => {
    expect(fold(...events).pauses).toEqual(expected);
  });

  test('an order outside a pause is nothing', () => {
    expect(fold(told(1, 'break', { step: 2 })).pauses).toBeUndefined();
  });

  test('keeps why the attempt before failed', () => {
    const failure = { code: 'skill_failed', message: 'again' } as const;
    const trace = fold(
      {
        kind: 'step_scheduled',
        at: at(1),
        activity: '5',
        step: 1,
        skill: 'a/b',
        activityId: '1',
        attemptsBefore: 0,
        input: { value: 1 },
        undoes: false,
      },
      { kind: 'step_started', at: at(2), activity: '5', attempt: 2, lastFailure: failure },
    );
    expect(trace.steps).toMatchObject([
      { attempts: 2, activityId: '1', lastFailure: failure, input: { value: 1 } },
    ]);
  });
});
