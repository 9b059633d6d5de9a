import {
  endedRun,
  endedRunsLog,
  readEndedRun,
  readRoutedRequest,
  routingLog,
} from '../../../core/learning/ended-runs.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { aRecord, aRequirement } from '../../support/builders.ts';

const at = (seconds: number) => `2026-01-02T03:04:${String(seconds).padStart(2, '0')}.000Z`;
const ENDED = { status: 'success', executionId: 'e1', startedAt: at(1), endedAt: at(3), cost: 5000 } as const;

test('each tenant has its own logs', () => {
  expect([endedRunsLog('acme'), routingLog('acme')]).toEqual(['runs-ended/acme', 'routing/acme']);
});

describe('endedRun', () => {
  test('has the duration and cost of a run', () => {
    const record = aRecord(ENDED);
    expect(endedRun(record)).toEqual({
      at: at(3),
      run: record.id,
      execution: 'e1',
      skill: 'travel/search_flights',
      status: 'success',
      duration_ms: 2000,
      cost: 5000,
    });
  });

  test('is no failure if the schedule refused the firing', () => {
    const refused = aRecord({ ...ENDED, status: 'error', reason: 'schedule_refused' });
    expect(endedRun(refused)).toMatchObject({ status: 'cancelled', reason: 'schedule_refused' });
  });

  test('has the steps and attempts of a run', () => {
    const error = { code: 'skill_failed', message: 'no', step: 3, attempts: 3 } as const;
    const counted = { ...ENDED, succeeded: [1, 2], attempts: 5 };
    expect(endedRun(aRecord(counted))).toMatchObject({ steps: 2, attempts: 5 });
    expect(endedRun(aRecord({ ...counted, status: 'error', error }))).toMatchObject({
      steps: 3,
      attempts: 5,
    });
  });

  test('has the reason of a run that never began', () => {
    const record = aRecord({ status: 'blocked', reason: 'budget_exceeded', endedAt: at(3) });
    expect(endedRun(record)).toEqual({
      at: at(3),
      run: record.id,
      execution: '',
      skill: 'travel/search_flights',
      status: 'blocked',
      reason: 'budget_exceeded',
      cost: 0,
    });
  });

  test.each<[string, NonNullable<RunRecord['approval']>['decisions'], number]>([
    [
      'until the decision',
      [{ decision: 'approved', subject: 'bob', via: 'cli', at: at(2), counted: true }],
      1000,
    ],
    [
      'until the end if no decision counted',
      [{ decision: 'approved', subject: '', via: 'signal', at: at(2), counted: false }],
      2000,
    ],
    ['until the end', [], 2000],
  ])('has the wait for an approval, %s', (_, decisions, waited) => {
    const approval = {
      requirement: aRequirement(),
      digest: 'd1',
      input: { value: 1 },
      since: at(1),
      decisions,
    };
    expect(endedRun(aRecord({ ...ENDED, approval }))).toMatchObject({ waited_ms: waited });
  });

  test('is absent before the end', () => {
    expect(endedRun(aRecord())).toBeUndefined();
  });
});

test.each([
  [{ at: at(1), run: 'r', execution: '', skill: 's', status: 'success', cost: 1 }, true],
  [{ at: at(1), run: 'r', execution: '', skill: 's', status: 'success' }, false],
  [{ at: at(1), run: 'r', execution: '', skill: 's', status: 3, cost: 1 }, false],
])('reads the end %j: %s', (line, isRead) => {
  expect(readEndedRun(line)).toEqual(isRead ? line : undefined);
});

test.each([
  [{ at: at(1), status: 'routed' }, true],
  [{ at: at(1) }, false],
  [{ status: 'routed' }, false],
])('reads the request %j: %s', (line, isRead) => {
  expect(readRoutedRequest(line)).toEqual(isRead ? line : undefined);
});
