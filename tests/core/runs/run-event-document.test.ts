import type { Ready } from '../../../core/runs/run.ts';
import { eventDocument } from '../../../core/runs/run-event-document.ts';
import { EMPTY_TRACE, applyEvent } from '../../../core/runs/trace.ts';
import type { RunTrace, TraceEvent } from '../../../core/runs/trace.ts';

const at = '2026-01-02T03:04:05.000Z';
const scheduled = (activity: string, step: number, undoes = false): TraceEvent => ({
  kind: 'step_scheduled',
  at,
  activity,
  step,
  skill: `demo/s${step}`,
  attemptsBefore: 0,
  input: { value: 'in' },
  undoes,
});
const started: TraceEvent = { kind: 'step_started', at, activity: '5', attempt: 2 };
const FAILED = { code: 'skill_failed', message: 'no luck' } as const;

function documentOf(event: TraceEvent, ...before: readonly TraceEvent[]): unknown {
  const trace = [...before, event].reduce<RunTrace>(applyEvent, EMPTY_TRACE);
  const { schema, at: time, ...fields } = eventDocument(event, trace);
  expect([schema, time]).toEqual(['skillos.event/v1', at]);
  return fields;
}

const STEP = { step: 1, skill: 'demo/s1', attempt: 2 };
const PREPARED = {
  status: 'ready',
  digest: 'd1',
  plan: { kind: 'sequence', plans: [{ kind: 'step', step: { number: 1, skill: 'demo/s1' } }] },
} as unknown as Ready; // no more of it is told

describe('eventDocument', () => {
  test.each<[TraceEvent, readonly TraceEvent[], object]>([
    [{ kind: 'run_started', at }, [], {}],
    [{ kind: 'run_taken', at }, [], {}],
    [
      { kind: 'run_prepared', at, prepared: PREPARED },
      [],
      { plan_digest: 'd1', steps: [{ id: 1, skill: 'demo/s1' }] },
    ],
    [
      { kind: 'run_prepared', at, prepared: { plan: PREPARED.plan, payload: { value: 1 } } },
      [],
      { steps: [{ id: 1, skill: 'demo/s1' }] },
    ],
    [{ kind: 'step_held_back', at, activity: '5' }, [scheduled('5', 1)], {}],
    [{ kind: 'run_state', at, state: 'awaiting_approval' }, [], { status: 'awaiting_approval' }],
    [
      {
        kind: 'run_decided',
        at,
        decision: { decision: 'approved', subject: 'ann', via: 'api', at, counted: true },
      },
      [],
      { decision: { decision: 'approved', principal: 'ann', way: 'api', at, counted: true } },
    ],
    [{ kind: 'step_paused', at, step: 2 }, [], { step: 2 }],
    [{ kind: 'step_parked', at, activity: '5' }, [scheduled('5', 1)], { step: 1, skill: 'demo/s1' }],
    [{ kind: 'step_parked', at, activity: '5' }, [], {}],
    [
      { kind: 'step_parked', at, step: 1 },
      [{ kind: 'run_prepared', at, prepared: PREPARED }],
      { step: 1, skill: 'demo/s1' },
    ],
    [{ kind: 'step_parked', at, step: 1 }, [], {}],
    [{ kind: 'step_ordered', at, command: 'next', via: 'update' }, [], { command: 'next' }],
    [
      { kind: 'step_ordered', at, command: 'break', via: 'update', step: 3 },
      [],
      { command: 'break', step: 3 },
    ],
    [scheduled('5', 1), [], { step: 1, skill: 'demo/s1', attempt: 1 }],
    [scheduled('9', 1, true), [scheduled('5', 1)], { step: 1, skill: 'demo/s1', attempt: 1, undoes: true }],
    [started, [scheduled('5', 1)], STEP],
    [
      { kind: 'step_succeeded', at, activity: '5', output: { value: 'out' } },
      [scheduled('5', 1), started],
      { ...STEP, output: 'out' },
    ],
    [
      { kind: 'step_succeeded', at, activity: '5', output: { blob: 'b1', bytes: 9 } as never },
      [scheduled('5', 1), started],
      STEP,
    ],
    [
      { kind: 'step_failed', at, activity: '5', failure: FAILED },
      [scheduled('5', 1), started],
      { ...STEP, error: FAILED },
    ],
    [{ kind: 'step_cancelled', at, activity: '5' }, [scheduled('5', 1), started], STEP],
    [{ kind: 'step_cancelled', at, activity: '7' }, [], {}],
    [{ kind: 'run_ended', at, end: { status: 'success' } }, [], { status: 'success' }],
    [
      { kind: 'run_ended', at, end: { status: 'error', reason: 'skill_failed' } },
      [],
      { status: 'error', reason: 'skill_failed' },
    ],
  ])('tells %j', (event, before, fields) => {
    expect(documentOf(event, ...before)).toEqual({ kind: event.kind, ...fields });
  });
});
