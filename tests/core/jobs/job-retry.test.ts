import { jobRetryPolicy, pauseAfter, retryRecord } from '../../../core/jobs/job-retry.ts';
import { openRecord } from '../../../core/runs/run-record.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { aRequest } from '../../support/builders.ts';

const policy = { maxAttempts: 9, initialMs: 1, backoff: 3, maxIntervalMs: 2, nonRetryable: ['Gone'] };

test('the policy of a job keeps attempts and names, and pauses from 5 s to 300 s', () => {
  expect(jobRetryPolicy(policy)).toEqual({
    maxAttempts: 9,
    initialMs: 5000,
    backoff: 2,
    maxIntervalMs: 300_000,
    nonRetryable: ['Gone'],
  });
});

test.each([
  [1, 5000],
  [2, 10_000],
  [3, 20_000],
  [4, 40_000],
  [5, 80_000],
  [6, 160_000],
  [7, 300_000],
  [8, 300_000],
  [9, undefined],
])('pauseAfter attempt %i', (attempt, expected) => {
  expect(pauseAfter(jobRetryPolicy(policy), attempt)).toBe(expected);
});

describe('retryRecord', () => {
  const retry = {
    attempt: 2,
    at: Date.parse('2026-01-02T03:04:15.000Z'),
    failure: { code: 'skill_failed', message: 'No' },
  } as const;
  const job = openRecord('a-1', aRequest({ job: { priority: 3 } }));

  test('says when the next attempt of a job is', () => {
    expect(retryRecord({ ...job, status: 'running' }, retry).job?.retry).toEqual({
      at: '2026-01-02T03:04:15.000Z',
      failures: 2,
      failure: { code: 'skill_failed', message: 'No' },
    });
  });

  test.each<RunRecord>([openRecord('a-1', aRequest()), { ...job, status: 'cancelled' }])(
    'leaves $status as it is',
    (record) => {
      expect(retryRecord(record, retry)).toBe(record);
    },
  );
});
