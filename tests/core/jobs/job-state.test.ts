import {
  cancelQueued,
  endLost,
  isDeadLetter,
  isDue,
  jobPhaseOf,
  markCancelling,
  refuseStart,
} from '../../../core/jobs/job-state.ts';
import { jobReportOf } from '../../../core/jobs/job-report.ts';
import { jobsQueueOf } from '../../../core/jobs/jobs-queue.ts';
import { openRecord } from '../../../core/runs/run-record.ts';
import type { JobState, RunRecord } from '../../../core/runs/run.ts';
import { aRequest } from '../../support/builders.ts';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const LATER = '2026-01-02T03:04:06.000Z';
const EARLIER = '2026-01-02T03:04:04.000Z';
const queued = openRecord('a-1', aRequest({ job: { priority: 3 } }));
const withJob = (job: Partial<JobState>, more: Partial<RunRecord> = {}): RunRecord => ({
  ...queued,
  ...more,
  job: { priority: 3, ...job },
});
const retry = (at: string) => ({
  at,
  failures: 1,
  failure: { code: 'skill_failed', message: 'No' } as const,
});

test.each<[string, boolean, string | undefined, RunRecord]>([
  ['due', true, undefined, queued],
  ['due', true, undefined, withJob({ runAt: EARLIER, expiresAt: LATER })],
  ['delayed', false, undefined, withJob({ runAt: LATER })],
  ['expired', false, undefined, withJob({ expiresAt: EARLIER })],
  ['running', true, undefined, withJob({ expiresAt: EARLIER }, { executionId: 'x' })],
  ['running', true, undefined, withJob({}, { status: 'running' })],
  ['running', true, undefined, withJob({ retry: retry(EARLIER) }, { status: 'running' })],
  ['retrying', false, 'job_retry_scheduled', withJob({ retry: retry(LATER) }, { status: 'running' })],
  ['waiting', false, 'job_waiting', withJob({}, { status: 'awaiting_approval' })],
  ['waiting', false, 'job_waiting', withJob({}, { status: 'paused' })],
  ['running', true, undefined, withJob({ isCancelling: true }, { status: 'paused' })],
  ['ended', false, 'job_succeeded', withJob({}, { status: 'success' })],
  ['ended', false, 'job_failed', withJob({}, { status: 'error' })],
  ['ended', false, 'job_failed', withJob({}, { status: 'blocked' })],
  ['ended', false, 'job_cancelled', withJob({}, { status: 'cancelled' })],
])('is %s', (phase, due, report, record) => {
  expect(jobPhaseOf(record, NOW)).toBe(phase);
  expect(isDue(record, NOW)).toBe(due);
  expect(jobReportOf(record, NOW)).toBe(report);
});

const EXPIRED = { status: 'cancelled', reason: 'expired' };

test.each<[string, Parameters<typeof refuseStart>[0], RunRecord | undefined, object | undefined]>([
  ['a run that is no job', {}, undefined, undefined],
  ['a job without a record', { job: { priority: 3 } }, undefined, undefined],
  ['a job that waits', { job: { priority: 3, expiresAt: LATER } }, queued, undefined],
  ['a job that has expired', { job: { priority: 3, expiresAt: EARLIER } }, queued, EXPIRED],
  [
    'a job that started in time',
    { job: { priority: 3, expiresAt: EARLIER } },
    { ...queued, startedAt: EARLIER },
    undefined,
  ],
  [
    'a job that was cancelled',
    { job: { priority: 3 } },
    cancelQueued(queued, { at: EARLIER, reason: 'run_cancelled' }),
    { status: 'cancelled' },
  ],
  [
    'a job that was found expired',
    { job: { priority: 3 } },
    cancelQueued(queued, { at: EARLIER, reason: 'expired' }),
    EXPIRED,
  ],
  [
    'a job that an execution has ended',
    { job: { priority: 3 } },
    { ...queued, endedAt: EARLIER, executionId: 'x' },
    undefined,
  ],
])('refuseStart of %s', (_, request, record, expected) => {
  expect(refuseStart(request, record, NOW)).toEqual(expected);
});

describe('cancelQueued', () => {
  test('ends a job that no worker has begun', () => {
    expect(cancelQueued(queued, { at: LATER, reason: 'expired' })).toEqual({
      ...queued,
      status: 'cancelled',
      reason: 'expired',
      endedAt: LATER,
    });
  });

  test.each<RunRecord>([
    openRecord('a-1', aRequest()),
    { ...queued, status: 'running' },
    { ...queued, executionId: 'x' },
  ])('leaves any other run as it is', (record) => {
    expect(cancelQueued(record, { at: LATER, reason: 'expired' })).toBe(record);
  });
});

test.each<[boolean, RunRecord]>([
  [true, withJob({}, { status: 'error' })],
  [true, withJob({}, { status: 'blocked' })],
  [false, withJob({ requeuedAs: 'a-2' }, { status: 'error' })],
  [false, withJob({}, { status: 'cancelled' })],
  [false, { ...openRecord('a-1', aRequest()), status: 'error' }],
])('isDeadLetter is %s', (expected, record) => {
  expect(isDeadLetter(record)).toBe(expected);
});

test('jobs have a queue of their own', () => {
  expect(jobsQueueOf('skillos')).toBe('skillos-jobs');
});

test('marks a job in flight as to be cancelled, and nothing else', () => {
  expect(markCancelling(queued).job).toMatchObject({ isCancelling: true });
  const ended = withJob({}, { status: 'success' });
  expect(markCancelling(ended)).toBe(ended);
  const { job: _job, ...run } = queued;
  expect(markCancelling(run)).toBe(run);
});

test('ends a job in flight that Temporal has lost, and nothing else', () => {
  expect(endLost(queued, EARLIER)).toMatchObject({
    status: 'error',
    reason: 'outcome_unknown',
    error: { code: 'outcome_unknown' },
    endedAt: EARLIER,
  });
  const ended = withJob({}, { status: 'success' });
  expect(endLost(ended, LATER)).toBe(ended);
  const { job: _job, ...run } = queued;
  expect(endLost(run, LATER)).toBe(run);
});
