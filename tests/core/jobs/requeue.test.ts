import { markRequeued, requeueAsk, requeueable, unmarkRequeued } from '../../../core/jobs/requeue.ts';
import { openRecord } from '../../../core/runs/run-record.ts';
import type { JobTerms, RunRecord } from '../../../core/runs/run.ts';
import { aRequest } from '../../support/builders.ts';

const jobWith = (job: Partial<JobTerms>, more: Partial<RunRecord> = {}): RunRecord => ({
  ...openRecord(
    'test.echo-01KAP3M2Q4V8Z0W6T5R7Y9X1BC',
    aRequest({ askedAt: '2026-01-02T03:00:00.000Z', job: { priority: 2, ...job } }),
  ),
  status: 'error',
  ...more,
});

describe('requeueable', () => {
  test('accepts a job that ended without success', () => {
    expect(requeueable(jobWith({})).job.request).toMatchObject({ job: { priority: 2 } });
    expect(requeueable(jobWith({}, { status: 'cancelled' })).status).toBe('cancelled');
  });

  test.each<[Partial<RunRecord>, string]>([
    [{ status: 'queued' }, 'has not ended: it is queued'],
    [{ status: 'success', job: { priority: 2 } }, 'has ended success'],
    [{ status: 'success', job: undefined as never }, 'has ended success'],
  ])('refuses %j', (more, message) => {
    expect(() => requeueable(jobWith({}, more))).toThrow(
      expect.objectContaining({
        code: 'job_not_requeueable',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});

test.each<[Partial<JobTerms>, object]>([
  [{}, {}],
  [{ expiresAt: '2026-01-02T03:10:00.000Z' }, { expiresMs: 600_000 }],
  [{ runAt: '2026-01-02T04:00:00.000Z', expiresAt: '2026-01-02T04:01:00.000Z' }, { expiresMs: 60_000 }],
  [{ runAt: '2026-01-02T01:00:00.000Z', expiresAt: '2026-01-02T03:01:00.000Z' }, { expiresMs: 60_000 }],
])('requeueAsk of %j', (terms, expected) => {
  expect(requeueAsk(requeueable(jobWith(terms)))).toEqual({
    priority: 2,
    requeueOf: 'test.echo-01KAP3M2Q4V8Z0W6T5R7Y9X1BC',
    ...expected,
  });
});

test('the first mark stays, and only its own request takes it back', () => {
  const marked = markRequeued(jobWith({}), 'b');
  expect(marked.job?.requeuedAs).toBe('b');
  expect(markRequeued(marked, 'c')).toBe(marked);
  expect(unmarkRequeued(marked, 'c')).toBe(marked);
  expect(unmarkRequeued(marked, 'b')).toEqual(jobWith({}));
  const { job: _job, ...run } = jobWith({});
  expect(markRequeued(run, 'b')).toBe(run);
  expect(unmarkRequeued(run, 'b')).toBe(run);
});
