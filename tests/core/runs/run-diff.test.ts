import { parseSkillId } from '../../../core/values/skill-id.ts';
import { diffRuns } from '../../../core/runs/run-diff.ts';
import type { ComparedRun } from '../../../core/runs/run-diff.ts';
import { EMPTY_TRACE } from '../../../core/runs/trace.ts';
import type { StepTrace } from '../../../core/runs/trace.ts';
import { aRecord } from '../../support/builders.ts';

const at = (ms: number): string => `2026-01-02T03:04:05.${String(ms).padStart(3, '0')}Z`;

const step = (number: number, more: Partial<StepTrace> = {}): StepTrace => ({
  number,
  skill: `demo/s${number}`,
  status: 'success',
  attempts: 1,
  scheduledAt: at(0),
  endedAt: at(10 * number),
  input: { value: 1 },
  activity: String(number),
  attemptsBefore: 0,
  ...more,
});

const recordSteps = (hash = 'h') =>
  [1, 2].map((number) => ({ number, skill: parseSkillId(`demo/s${number}`), hash }));

const run = (more: Partial<ComparedRun> = {}): ComparedRun => ({
  record: aRecord({ status: 'success', steps: recordSteps() }),
  trace: { ...EMPTY_TRACE, startedAt: at(0), endedAt: at(100), steps: [step(1), step(2)] },
  request: {},
  payload: { city: 'Kazan' },
  inputs: new Map([[1, { city: 'Kazan' }]]),
  outputs: new Map([[1, [1, 2]]]),
  result: 'done',
  ...more,
});

describe('diffRuns', () => {
  test('finds no change between a run and itself', () => {
    expect(diffRuns(run(), run()).changes).toEqual([]);
  });

  test('finds changes of request, inputs and outputs', () => {
    const other = run({
      payload: { city: 'Sochi' },
      request: { maxRetries: 2, noRollback: true, stepThrough: true },
      inputs: new Map([[1, { city: 'Sochi' }]]),
      outputs: new Map([[1, [1]]]),
      result: 'else',
    });
    expect(diffRuns(run(), other).changes).toEqual([
      { path: 'request.payload.city', before: 'Kazan', after: 'Sochi' },
      { path: 'request.max_retries', after: 2 },
      { path: 'request.no_rollback', after: true },
      { path: 'request.step_through', after: true },
      { path: 'steps.1.input.city', before: 'Kazan', after: 'Sochi' },
      { path: 'steps.1.output.1', before: 2 },
      { path: 'outcome.result', before: 'done', after: 'else' },
    ]);
  });

  test('finds other code, other steps, and another end', () => {
    const { result: _, ...failed } = run();
    const other: ComparedRun = {
      ...failed,
      record: aRecord({
        status: 'error',
        reason: 'skill_failed',
        error: { code: 'skill_failed', message: 'no' },
        steps: recordSteps('other').slice(0, 1),
        undoings: [
          { step: 1, skill: parseSkillId('demo/undo') },
          { step: 2, skill: parseSkillId('demo/undo'), failure: { code: 'skill_failed', message: 'no' } },
        ],
      }),
      trace: { ...EMPTY_TRACE, startedAt: at(0), steps: [step(1, { attempts: 3 })] },
    };
    const { changes, timing } = diffRuns(run(), other);
    expect(changes).toEqual(
      expect.arrayContaining([
        { path: 'steps.1.code', before: 'h', after: 'other' },
        { path: 'steps.1.attempts', before: 1, after: 3 },
        expect.objectContaining({ path: 'steps.2', before: expect.objectContaining({ skill: 'demo/s2' }) }),
        { path: 'outcome.status', before: 'success', after: 'error' },
        { path: 'outcome.error', after: 'no' },
        { path: 'rollback.0', after: { step: 1, skill: 'demo/undo', undone: true } },
        { path: 'rollback.1', after: { step: 2, skill: 'demo/undo', undone: false } },
      ]),
    );
    expect(timing).toEqual([
      { what: 'run', before: 100 },
      { what: 'step 1 demo/s1', before: 10, after: 10 },
      { what: 'step 2 demo/s2', before: 20 },
    ]);
  });

  test('tells of a step that a fork has taken over', () => {
    const fork = run({
      record: aRecord({ status: 'success', steps: recordSteps(), origin: { runId: 'r', from: 2 } }),
      trace: { ...EMPTY_TRACE, startedAt: at(0), endedAt: at(100), steps: [step(2)] },
    });
    expect(diffRuns(run(), fork).changes).toEqual([
      { path: 'steps.1.status', before: 'success', after: 'taken_over' },
      { path: 'steps.1.attempts', before: 1 },
    ]);
  });
});
