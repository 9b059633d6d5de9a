import { runResults } from '../../../core/learning/run-results.ts';
import type { RunRecord, StepRecord } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRecord } from '../../support/builders.ts';

const SKILL = parseSkillId('travel/search_flights');
const STEP: StepRecord = { number: 1, skill: SKILL, hash: 'h1', variant: 'v2', cost: 5000 };
const END: Partial<RunRecord> = {
  id: 'r1',
  executionId: 'e1',
  status: 'success',
  steps: [STEP],
  succeeded: [1],
  startedAt: '2026-01-02T03:04:05.000Z',
  endedAt: '2026-01-02T03:04:05.250Z',
};
const failedAt = (code: 'skill_failed' | 'run_cancelled', step?: number) =>
  ({ status: 'error', succeeded: [], error: { code, message: 'x', ...(step && { step }) } }) as never;

test('a run that succeeded is a success of its variant', () => {
  expect(runResults(aRecord(END))).toEqual([
    {
      skill: SKILL,
      result: {
        variant: 'v2',
        success: true,
        at: '2026-01-02T03:04:05.250Z',
        run: 'r1',
        id: 'e1/1',
        cost: 5000,
        duration_ms: 250,
      },
    },
  ]);
});

test('the step that failed is a failure, and steps before it are successes', () => {
  const second = { ...STEP, number: 2 };
  const record = aRecord({
    ...END,
    steps: [STEP, second],
    status: 'error',
    error: { code: 'skill_failed', message: 'x', step: 2 },
  });
  expect(runResults(record).map(({ result }) => [result.id, result.success, result.duration_ms])).toEqual([
    ['e1/1', true, undefined],
    ['e1/2', false, undefined],
  ]);
});

test('a record of an earlier version has neither execution nor times', () => {
  const { executionId: _e, startedAt: _s, endedAt: _d, ...rest } = aRecord(END);
  expect(runResults(rest)).toMatchObject([{ result: { id: '/1', at: rest.createdAt } }]);
});

test.each<[string, Partial<RunRecord>]>([
  ['no variant', { steps: [{ ...STEP, variant: undefined } as never] }],
  ['an output of an earlier run', { steps: [{ ...STEP, cost: undefined } as never] }],
  ['a run that was cancelled', { status: 'cancelled', succeeded: [] }],
  ['a failure that is not of the skill', failedAt('run_cancelled', 1)],
  ['a failure of no step', failedAt('skill_failed')],
])('%s is no result', (_, more) => {
  expect(runResults(aRecord({ ...END, ...more }))).toEqual([]);
});

test('a record without ended steps has no results', () => {
  const { succeeded: _, ...rest } = aRecord(END);
  expect(runResults(rest)).toEqual([]);
});
