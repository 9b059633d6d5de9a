import { jobDocument, jobItem } from '../../../core/jobs/job-document.ts';
import { openRecord } from '../../../core/runs/run-record.ts';
import type { JobState, RunRecord } from '../../../core/runs/run.ts';
import { EMPTY_TRACE } from '../../../core/runs/trace.ts';
import { aRequest } from '../../support/builders.ts';

const NOW = Date.parse('2026-01-02T03:05:00Z');

const jobWith = (job: Partial<JobState>, more: Partial<RunRecord> = {}): RunRecord => ({
  ...openRecord('a-1', aRequest({ job: { priority: 2 } })),
  job: { priority: 2, ...job },
  ...more,
});

test.each<[RunRecord, object]>([
  [jobWith({}), { job_id: 'a-1', status: 'queued', phase: 'due', priority: 2 }],
  [
    jobWith({ runAt: '2026-01-02T04:00:00.000Z', expiresAt: '2026-01-02T05:00:00.000Z' }),
    { phase: 'delayed', run_at: '2026-01-02T04:00:00.000Z', expires_at: '2026-01-02T05:00:00.000Z' },
  ],
  [
    jobWith(
      {
        requeueOf: 'a-0',
        retry: {
          at: '2026-01-02T04:00:00.000Z',
          failures: 1,
          failure: { code: 'skill_failed', message: 'No' },
        },
      },
      { status: 'running' },
    ),
    {
      phase: 'retrying',
      requeue_of: 'a-0',
      retry: {
        at: '2026-01-02T04:00:00.000Z',
        failures: 1,
        error: { code: 'skill_failed', message: 'No' },
      },
    },
  ],
])('jobItem of %j', (record, expected) => {
  expect(jobItem(record, NOW)).toMatchObject(expected);
  expect(jobItem(record, NOW)).not.toHaveProperty('run_id');
});

test('an ended job has no phase', () => {
  const record = jobWith({ requeuedAs: 'a-2' }, { status: 'error', reason: 'skill_failed' });
  expect(jobItem(record, NOW)).not.toHaveProperty('phase');
  expect(jobDocument({ record, trace: EMPTY_TRACE }, NOW)).toMatchObject({
    schema: 'skillos.job/v1',
    job_id: 'a-1',
    status: 'error',
    requeued_as: 'a-2',
  });
});

test('a run that is no job has the fields of a run alone', () => {
  const { job: _job, ...run } = jobWith({});
  expect(jobItem(run, NOW)).not.toHaveProperty('priority');
});
