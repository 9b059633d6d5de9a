import { NO_JOBS, countJob } from '../../../core/jobs/job-figures.ts';
import type { JobFigures, OpenPhase } from '../../../core/jobs/job-figures.ts';
import { standingOf } from '../../../core/jobs/job-standing.ts';
import { openRecord } from '../../../core/runs/run-record.ts';
import type { JobState, RunRecord } from '../../../core/runs/run.ts';
import { aRequest } from '../../support/builders.ts';

const NOW = Date.parse('2026-01-02T03:05:00.000Z');
const LATER = '2026-01-02T03:06:00.000Z';
const EARLIER = '2026-01-02T03:04:30.000Z';
const failure = { code: 'skill_failed', message: 'No' } as const;

const jobWith = (job: Partial<JobState>, more: Partial<RunRecord> = {}): RunRecord => ({
  ...openRecord('a-1', aRequest({ askedAt: '2026-01-02T03:04:00.000Z' })),
  job: { priority: 3, ...job },
  ...more,
});

test.each<[RunRecord, string | undefined]>([
  [jobWith({}), 'due'],
  [jobWith({ runAt: LATER }), `not before ${LATER}`],
  [jobWith({ expiresAt: EARLIER }), 'expired; the next worker records it'],
  [jobWith({}, { status: 'paused' }), 'waits for people'],
  [jobWith({}, { status: 'running' }), undefined],
  [jobWith({ isCancelling: true }, { status: 'running' }), 'is being cancelled'],
  [
    jobWith({ retry: { at: LATER, failures: 2, failure } }, { status: 'running' }),
    `attempt 3 at ${LATER}, after skill_failed`,
  ],
  [jobWith({}, { status: 'success' }), undefined],
  [jobWith({}, { status: 'error', reason: 'skill_failed' }), 'skill_failed'],
  [jobWith({ requeuedAs: 'a-2' }, { status: 'error', reason: 'skill_failed' }), 'skill_failed, requeued'],
])('standingOf %j', (record, expected) => {
  expect(standingOf(record, NOW)).toBe(expected);
});

type Counted = Partial<Omit<JobFigures, 'phases'>>;

test.each<[RunRecord, OpenPhase | undefined, Counted]>([
  [jobWith({}), 'due', { queued: 1, oldestAgeSeconds: 60 }],
  [jobWith({ runAt: EARLIER }), 'due', { queued: 1, oldestAgeSeconds: 30 }],
  [jobWith({ runAt: LATER }), 'delayed', { queued: 1 }],
  [jobWith({ expiresAt: EARLIER }), 'expired', {}],
  [jobWith({}, { status: 'running' }), 'running', {}],
  [jobWith({}, { status: 'awaiting_approval' }), 'waiting', {}],
  [jobWith({ retry: { at: LATER, failures: 2, failure } }, { status: 'running' }), 'retrying', {}],
  [jobWith({}, { status: 'error' }), undefined, { dead: 1 }],
  [jobWith({ requeuedAs: 'a-2' }, { status: 'error' }), undefined, {}],
])('countJob %j', (record, phase, expected) => {
  const phases = { ...NO_JOBS.phases, ...(phase === undefined ? {} : { [phase]: 1 }) };
  expect(countJob(NO_JOBS, record, NOW)).toEqual({ ...NO_JOBS, ...expected, phases });
});

test('the age is that of the oldest', () => {
  const first = countJob(NO_JOBS, jobWith({}), NOW);
  expect(countJob(first, jobWith({ runAt: EARLIER }), NOW)).toMatchObject({
    queued: 2,
    oldestAgeSeconds: 60,
    dead: 0,
    phases: { due: 2 },
  });
});
