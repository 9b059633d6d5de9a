import { jobTermsOf, parseJobAsk } from '../../../core/jobs/job-terms.ts';
import type { JobAsk, JobTexts } from '../../../core/jobs/job-terms.ts';
import type { JobTerms } from '../../../core/runs/run.ts';

const NAMES = { priority: '--priority', delay: '--delay', runAt: '--run-at', expires: '--expires' };
const NOW = Date.parse('2027-01-18T08:00:00Z');

describe('parseJobAsk', () => {
  test.each<[JobTexts, JobAsk]>([
    [{}, { priority: 3 }],
    [{ priority: '1' }, { priority: 1 }],
    [{ delay: '5m' }, { priority: 3, delayMs: 300_000 }],
    [{ delay: '0' }, { priority: 3, delayMs: 0 }],
    [{ expires: '1h' }, { priority: 3, expiresMs: 3_600_000 }],
    [{ runAt: '2027-01-18T12:00:00+03:00' }, { priority: 3, runAt: '2027-01-18T09:00:00.000Z' }],
    [{ runAt: '2027-01-18T07:00Z' }, { priority: 3, runAt: '2027-01-18T07:00:00.000Z' }],
  ])('reads %j', (texts, expected) => {
    expect(parseJobAsk(texts, NAMES, NOW)).toEqual(expected);
  });

  test.each<[JobTexts, string]>([
    [{ priority: '9' }, 'Invalid --priority "9": expected a whole number from 1 (first) to 5 (last)'],
    [{ priority: '0' }, 'Invalid --priority "0": expected a whole number from 1 (first) to 5 (last)'],
    [{ delay: 'soon' }, 'Invalid --delay "soon": expected a duration'],
    [{ delay: '-5m' }, 'Invalid --delay "-5m": expected a duration'],
    [{ delay: '366d' }, 'Invalid --delay "366d": expected at most 365d'],
    [{ expires: '0s' }, 'Invalid --expires "0s": expected more than 0s'],
    [{ runAt: '2027-02-30T08:00:00Z' }, 'Invalid --run-at "2027-02-30T08:00:00Z": expected a time with its'],
    [{ runAt: '2027-13-01T08:00:00Z' }, 'Invalid --run-at "2027-13-01T08:00:00Z": expected a time with its'],
    [{ runAt: '2027-01-18T25:00:00Z' }, 'Invalid --run-at "2027-01-18T25:00:00Z": expected a time with its'],
    [{ runAt: '2027-01-19T08:00:00' }, 'Invalid --run-at "2027-01-19T08:00:00": expected a time with its'],
    [
      { runAt: '2029-01-19T08:00:00Z' },
      'Invalid --run-at "2029-01-19T08:00:00Z": expected a time within 365d',
    ],
    [{ runAt: 'x'.repeat(90) }, `Invalid --run-at "${'x'.repeat(77)}...": expected a time with its`],
    [{ delay: '5m', runAt: '2027-01-18T12:00:00Z' }, 'Expected one of --delay and --run-at'],
  ])('refuses %j', (texts, message) => {
    expect(() => parseJobAsk(texts, NAMES, NOW)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) as string }),
    );
  });
});

test.each<[JobAsk, JobTerms]>([
  [{ priority: 3 }, { priority: 3 }],
  [
    { priority: 2, delayMs: 60_000, expiresMs: 60_000 },
    { priority: 2, runAt: '2027-01-18T08:01:00.000Z', expiresAt: '2027-01-18T08:02:00.000Z' },
  ],
  [
    { priority: 2, runAt: '2027-01-18T07:00:00.000Z', expiresMs: 1000 },
    { priority: 2, runAt: '2027-01-18T07:00:00.000Z', expiresAt: '2027-01-18T08:00:01.000Z' },
  ],
  [
    { priority: 3, expiresMs: 1000, requeueOf: 'a-1' },
    { priority: 3, expiresAt: '2027-01-18T08:00:01.000Z', requeueOf: 'a-1' },
  ],
  [
    { priority: 3, trigger: 'orders' },
    { priority: 3, trigger: 'orders' },
  ],
])('jobTermsOf %j', (ask, expected) => {
  expect(jobTermsOf(ask, NOW)).toEqual(expected);
});
