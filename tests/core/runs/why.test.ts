import type { ApprovalRequirement, RecordedDecision } from '../../../core/approvals/approval.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { whyOf } from '../../../core/runs/why.ts';
import type { JobState } from '../../../core/runs/run.ts';
import type { PendingStep, RunObservation } from '../../../core/runs/why.ts';
import { aRecord } from '../../support/builders.ts';

const ID = 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const SIGHT: RunObservation = {
  isTaken: true,
  pending: [],
  hasWorker: true,
  now: '2026-01-02T03:05:00.000Z',
};
const PENDING: PendingStep = { skill: 'a/b', isRunning: false, attempt: 1 };
const LATER = '2026-01-02T03:06:00.000Z';

const REQUIREMENT: ApprovalRequirement = {
  policy: 'books, destructive',
  reasons: ['policy "books" says so', 'admin/delete_records is destructive'],
  approvers: [],
  nOf: 1,
  allowSelf: true,
  timeoutMs: 60_000,
  proof: false,
  signals: true,
};
const YES: RecordedDecision = {
  decision: 'approved',
  subject: 'bob',
  via: 'cli',
  at: '2026-01-02T03:05:00.000Z',
  counted: true,
};

describe('whyOf', () => {
  test.each<[string, Partial<RunObservation>, string, string]>([
    ['a running step', { pending: [{ ...PENDING, isRunning: true }] }, 'running', 'Skill a/b is running'],
    [
      'a later attempt',
      { pending: [{ ...PENDING, isRunning: true, attempt: 2 }] },
      'running',
      'Skill a/b is running, attempt 2',
    ],
    [
      'a step that runs beside one that waits',
      {
        pending: [
          { ...PENDING, nextAt: LATER },
          { ...PENDING, skill: 'c/d', isRunning: true },
        ],
      },
      'running',
      'Skill c/d is running',
    ],
    [
      'a step that will be tried again',
      { pending: [{ ...PENDING, attempt: 2, nextAt: LATER, failure: 'no luck' }] },
      'backing_off',
      `Skill a/b failed (no luck); attempt 2 starts at ${LATER}`,
    ],
    [
      'a step that found no slot',
      { pending: [{ ...PENDING, nextAt: LATER, waiting: 'Waits for concurrency of a/b: 2 of 2 run' }] },
      'concurrency_limited',
      'Waits for concurrency of a/b: 2 of 2 run',
    ],
    [
      'one whose failure nobody knows',
      { hasWorker: false, pending: [{ ...PENDING, attempt: 3, nextAt: LATER }] },
      'backing_off',
      `Skill a/b failed; attempt 3 starts at ${LATER}`,
    ],
    [
      'a step that nobody takes',
      { hasWorker: false, pending: [{ ...PENDING, nextAt: '2026-01-02T03:04:00.000Z' }] },
      'no_worker',
      'No worker polls the task queue; the run continues as soon as a worker runs',
    ],
    [
      'nobody to take it',
      { hasWorker: false, isTaken: false },
      'no_worker',
      'No worker polls the task queue; the run continues as soon as a worker runs',
    ],
    [
      'a worker that has it not yet',
      { isTaken: false },
      'queued',
      'A worker is running and has not started the run yet',
    ],
    ['a time between steps', {}, 'running', 'Between two steps: the worker is processing the run'],
  ])('tells of %s', (_what, sight, reason, message) => {
    expect(whyOf(aRecord(), { ...SIGHT, ...sight })).toMatchObject({ reason, message });
  });

  test.each<[string, Partial<RunObservation>, JobState, object]>([
    [
      'waits for its time',
      { isTaken: false, hasWorker: false },
      { priority: 3, runAt: LATER },
      { reason: 'queued', message: `The job starts at ${LATER} at the earliest` },
    ],
    [
      'is due, and has no worker',
      { isTaken: false, hasWorker: false },
      { priority: 3, runAt: SIGHT.now },
      { reason: 'no_worker', command: 'skillos job work' },
    ],
    [
      'has begun, and has no worker',
      { hasWorker: false },
      { priority: 3, runAt: LATER },
      { reason: 'no_worker', command: 'skillos job work' },
    ],
  ])('explains a job that %s', (_what, sight, job, expected) => {
    expect(whyOf(aRecord({ queue: 'jobs', job }), { ...SIGHT, ...sight })).toMatchObject(expected);
  });

  test.each([
    ['unreachable', 'engine_unreachable', 'skillos dev status'],
    ['unknown', 'unknown_run', 'skillos config'],
  ] as const)('says what the record says where Temporal is %s', (sight, reason, command) => {
    const why = whyOf(aRecord({ status: 'queued' }), sight);
    expect(why).toMatchObject({
      reason,
      command,
      message: expect.stringContaining('The run is queued according to its record; '),
    });
  });

  test.each<[string, object, string]>([
    ['without details', {}, 'Waits for an approval'],
    [
      'of one person',
      {
        approval: {
          requirement: REQUIREMENT,
          digest: 'd',
          input: { value: 1 },
          since: '2026-01-02T03:04:00.000Z',
          decisions: [],
        },
      },
      'Waits for approval until 2026-01-02T03:05:00.000Z (books, destructive): policy "books" says so; admin/delete_records is destructive',
    ],
    [
      'of several, before a step',
      {
        approval: {
          requirement: { ...REQUIREMENT, nOf: 2 },
          digest: 'd',
          input: { value: 1 },
          since: '2026-01-02T03:04:00.000Z',
          step: 3,
          decisions: [
            YES,
            { ...YES, subject: 'eve', counted: false },
            { ...YES, decision: 'denied', counted: false },
          ],
        },
      },
      'Waits for approval before step 3 until 2026-01-02T03:05:00.000Z (books, destructive, 1 of 2 given): policy "books" says so; admin/delete_records is destructive',
    ],
  ])('tells of an approval %s', (_what, more, message) => {
    expect(whyOf(aRecord({ status: 'awaiting_approval', ...more }), 'unreachable')).toEqual({
      reason: 'awaiting_approval',
      message,
      command: `skillos approvals show ${ID}`,
    });
  });

  test.each([
    [{}, 'Paused'],
    [{ pause: { step: 2, skill: parseSkillId('a/b'), input: { value: 1 } } }, 'Paused before step 2 a/b'],
  ])('shows the step of the pause', (more, message) => {
    expect(whyOf(aRecord({ status: 'paused', ...more }), SIGHT)).toEqual({
      reason: 'paused',
      message,
      command: `skillos debug ${ID}`,
    });
  });

  test.each<[Parameters<typeof aRecord>[0], string, string, string]>([
    [{ status: 'success' }, 'success', 'The run succeeded', `skillos runs show ${ID}`],
    [
      {
        status: 'error',
        reason: 'skill_failed',
        error: { code: 'skill_failed', message: 'no luck', step: 1 },
      },
      'skill_failed',
      'Step 1: no luck',
      `skillos runs logs ${ID}`,
    ],
    [
      { status: 'blocked', reason: 'permission_denied', policy: 'policies[1]' },
      'permission_denied',
      'A policy does not permit the action to the caller; nothing was executed or changed. (policies[1])',
      'skillos auth can-i run travel/search_flights --explain',
    ],
    [
      {
        status: 'blocked',
        reason: 'permission_denied',
        skill: 'pipeline',
        error: { code: 'permission_denied', message: 'no' },
      },
      'permission_denied',
      'no',
      'skillos explain permission_denied',
    ],
    [
      {
        status: 'blocked',
        reason: 'approval_expired',
        error: { code: 'approval_expired', message: 'too late' },
      },
      'approval_expired',
      'too late',
      `skillos approvals show ${ID}`,
    ],
    [
      { status: 'blocked', reason: 'budget_exceeded', error: { code: 'budget_exceeded', message: 'spent' } },
      'budget_exceeded',
      'spent',
      'skillos budget',
    ],
    [
      { status: 'blocked', reason: 'circuit_open', error: { code: 'circuit_open', message: 'open' } },
      'circuit_open',
      'open',
      'skillos circuit list',
    ],
    [
      { status: 'cancelled', reason: 'run_cancelled' },
      'run_cancelled',
      'The run was cancelled.',
      `skillos audit list --run ${ID}`,
    ],
    [
      {
        status: 'error',
        reason: 'run_terminated',
        error: { code: 'run_terminated', message: 'Run terminated' },
      },
      'run_terminated',
      'Run terminated',
      `skillos runs show ${ID}`,
    ],
    [
      { status: 'error', reason: 'code_unavailable', error: { code: 'code_unavailable', message: 'gone' } },
      'code_unavailable',
      'gone',
      'skillos explain code_unavailable',
    ],
    [
      { status: 'error' },
      'internal',
      'SkillOS failed because of a fault of its own.',
      'skillos explain internal',
    ],
  ])('explains the end of a run: %j', (more, reason, message, command) => {
    expect(whyOf(aRecord(more), 'unreachable')).toEqual({ reason, message, command });
  });
});
