import type { ApprovalRequirement, RecordedDecision } from '../../core/approval.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { whyOf } from '../../core/why.ts';
import type { PendingStep, Sight } from '../../core/why.ts';
import { aRecord } from '../support/builders.ts';

const ID = 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const SIGHT: Sight = { isTaken: true, pending: [], hasWorker: true, now: '2026-01-02T03:05:00.000Z' };
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
  test.each<[string, Partial<Sight>, string, string]>([
    ['a running step', { pending: [{ ...PENDING, isRunning: true }] }, 'running', 'Skill a/b runs'],
    [
      'a later attempt',
      { pending: [{ ...PENDING, isRunning: true, attempt: 2 }] },
      'running',
      'Skill a/b runs, in attempt 2',
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
      'Skill c/d runs',
    ],
    [
      'a step that will be tried again',
      { pending: [{ ...PENDING, attempt: 2, nextAt: LATER, failure: 'no luck' }] },
      'backing_off',
      `Skill a/b failed (no luck) and is tried again, for attempt 2, at ${LATER}`,
    ],
    [
      'one whose failure nobody knows',
      { hasWorker: false, pending: [{ ...PENDING, attempt: 3, nextAt: LATER }] },
      'backing_off',
      `Skill a/b failed and is tried again, for attempt 3, at ${LATER}`,
    ],
    [
      'a step that nobody takes',
      { hasWorker: false, pending: [{ ...PENDING, nextAt: '2026-01-02T03:04:00.000Z' }] },
      'no_worker',
      'No worker polls the task queue; the run is durable and goes on when one comes',
    ],
    [
      'nobody to take it',
      { hasWorker: false, isTaken: false },
      'no_worker',
      'No worker polls the task queue; the run is durable and goes on when one comes',
    ],
    [
      'a worker that has it not yet',
      { isTaken: false },
      'queued',
      'A worker is there and has not taken the run yet',
    ],
    ['a time between steps', {}, 'running', 'Between steps: a worker has it in hand'],
  ])('tells of %s', (_what, sight, reason, message) => {
    expect(whyOf(aRecord(), { ...SIGHT, ...sight })).toMatchObject({ reason, message });
  });

  test.each([
    ['unreachable', 'engine_unreachable', 'skillos dev status'],
    ['unknown', 'unknown_run', 'skillos config'],
  ] as const)('says what the record says where Temporal is %s', (sight, reason, command) => {
    const why = whyOf(aRecord({ status: 'queued' }), sight);
    expect(why).toMatchObject({
      reason,
      command,
      message: expect.stringContaining('By its record the run is queued; '),
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
    [{}, 'Stepped through, and paused'],
    [
      { pause: { step: 2, skill: parseSkillId('a/b'), input: { value: 1 } } },
      'Stepped through, and paused before step 2 a/b',
    ],
  ])('tells where a run is paused', (more, message) => {
    expect(whyOf(aRecord({ status: 'paused', ...more }), SIGHT)).toEqual({
      reason: 'paused',
      message,
      command: `skillos debug ${ID}`,
    });
  });

  test.each<[Parameters<typeof aRecord>[0], string, string, string]>([
    [{ status: 'success' }, 'success', 'It succeeded', `skillos runs show ${ID}`],
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
      'A policy does not allow the caller what was asked for; nothing was run or changed. (policies[1])',
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
      'skillos auth can-i run <skill> --explain',
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
    [{ status: 'error' }, 'internal', 'Something in SkillOS itself broke.', 'skillos explain internal'],
  ])('tells how a run ended: %j', (more, reason, message, command) => {
    expect(whyOf(aRecord(more), 'unreachable')).toEqual({ reason, message, command });
  });
});
