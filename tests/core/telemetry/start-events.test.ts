import type { RunRequest, Settlement } from '../../../core/runs/run.ts';
import type { EventBody } from '../../../core/telemetry/events.ts';
import { dueEvents, endEvents, retryEvents, startedEvents } from '../../../core/telemetry/start-events.ts';
import type { EndedRun } from '../../../core/telemetry/start-events.ts';
import { aRecord, aRequest } from '../../support/builders.ts';

const SKILL = 'travel/search_flights';
const FIRED = { runId: 'nightly-2026-01-02T03:00:00Z', now: Date.parse('2026-01-02T03:00:04Z') };
const DUE = { schedule_id: 'nightly', skill_id: SKILL, due_at: '2026-01-02T03:00:00.000Z', lag_ms: 4000 };
const fired = aRequest({ schedule: 'nightly' });
const job = aRequest({ job: { priority: 3 }, maxRetries: 2 });

test.each<[RunRequest, readonly EventBody[], readonly EventBody[]]>([
  [aRequest(), [], []],
  [fired, [{ event: 'schedule_due', ...DUE }], [{ event: 'schedule_started', ...DUE }]],
])('a run %j is due and starts', (request, due, started) => {
  expect(dueEvents(request, FIRED)).toEqual(due);
  expect(startedEvents(request, FIRED)).toEqual(started);
});

test('a firing is never early: clocks differ', () => {
  const early = { ...FIRED, now: Date.parse('2026-01-02T02:59:59Z') };
  expect(dueEvents(fired, early)).toMatchObject([{ lag_ms: 0 }]);
});

test('a request of a schedule under the id of another run is no firing', () => {
  expect(dueEvents(fired, { ...FIRED, runId: 'ops.first-01KAP3M2Q4V8Z0W6T5R7Y9X1BC' })).toEqual([]);
});

test.each([
  [job, 2],
  [aRequest({ job: { priority: 3 } }), null],
])('a job %j starts', (request, retries) => {
  expect(startedEvents(request, { runId: 'j', now: 1 })).toEqual([
    {
      event: 'job_started',
      job_id: 'j',
      skill_id: SKILL,
      status: 'running',
      max_retries: retries,
      retries: 0,
    },
  ]);
});

test('a job whose step has failed is tried again', () => {
  const failure = { code: 'skill_failed', message: 'no' } as const;
  const retry = { at: '2026-01-02T03:00:05.000Z', failures: 1, failure };
  const event = {
    event: 'job_failed',
    job_id: 'j',
    skill_id: SKILL,
    status: 'running',
    error_class: 'skill_failed',
    retries: 1,
    next_run_at: '2026-01-02T03:00:05.000Z',
    retrying: true,
  };
  const record = aRecord({
    id: 'j',
    skill: SKILL,
    status: 'running',
    job: { priority: 3, retry, request: job },
  });
  expect(retryEvents(record)).toEqual([{ ...event, max_retries: 2 }]);
  expect(retryEvents({ ...record, job: { priority: 3, retry } })).toEqual([{ ...event, max_retries: null }]);
  expect(retryEvents({ ...record, job: { priority: 3 } })).toEqual([]);
});

const RUN: EndedRun = { id: 'j', skill: SKILL, durationMs: 7, isJob: false };
const FAILED: Settlement = { status: 'error', failure: { code: 'skill_failed', message: 'no' } };
const SUCCESS: Settlement = { status: 'success', output: { value: 1 } };
const BLOCKED: Settlement = { status: 'blocked', reason: 'budget_exceeded', policy: 'p', message: 'no' };
const scheduleEnd = { schedule_id: 'nightly', skill_id: SKILL, duration_ms: 7 };
const jobEnd = { job_id: 'j', skill_id: SKILL };

test.each<[Settlement, Partial<EndedRun>, readonly EventBody[]]>([
  [SUCCESS, {}, []],
  [SUCCESS, { schedule: 'nightly' }, [{ event: 'schedule_completed', ...scheduleEnd, status: 'success' }]],
  [
    FAILED,
    { schedule: 'nightly' },
    [{ event: 'schedule_failed', ...scheduleEnd, status: 'error', error_class: 'skill_failed' }],
  ],
  [
    { status: 'cancelled' },
    { schedule: 'nightly' },
    [{ event: 'schedule_failed', ...scheduleEnd, status: 'cancelled', error_class: 'run_cancelled' }],
  ],
  [
    { status: 'cancelled', reason: 'expired' },
    { schedule: 'nightly' },
    [{ event: 'schedule_failed', ...scheduleEnd, status: 'cancelled', error_class: 'expired' }],
  ],
  [SUCCESS, { isJob: true }, [{ event: 'job_succeeded', ...jobEnd, status: 'success', duration_ms: 7 }]],
  [
    FAILED,
    { isJob: true, maxRetries: 1 },
    [
      {
        event: 'job_failed',
        ...jobEnd,
        status: 'error',
        error_class: 'skill_failed',
        max_retries: 1,
        retrying: false,
      },
    ],
  ],
  [
    BLOCKED,
    { isJob: true },
    [
      {
        event: 'job_failed',
        ...jobEnd,
        status: 'blocked',
        error_class: 'budget_exceeded',
        max_retries: null,
        retrying: false,
      },
    ],
  ],
  [{ status: 'cancelled' }, { isJob: true }, []],
])('%j of %j ends with its events', (settlement, run, expected) => {
  expect(endEvents(settlement, { ...RUN, ...run })).toEqual(expected);
});
