import {
  decidedOrFinished,
  approvalCount,
  decided,
  decisionDocument,
  expiryOf,
  hasApproval,
  approvalStatus,
  decidingDecision,
} from '../../../core/runs/run-approval.ts';
import type { RecordedDecision } from '../../../core/approvals/approval.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { aRecord, aRequirement } from '../../support/builders.ts';
import { IGNORED, NO, SINCE, YES, aParkedRun } from '../../support/parked-runs.ts';

describe('hasApproval', () => {
  test('tells runs that people were asked about from others', () => {
    expect(hasApproval(aParkedRun())).toBe(true);
    expect(hasApproval(aRecord())).toBe(false);
  });
});

describe('approvalStatus', () => {
  test.each<[string, readonly RecordedDecision[], Partial<RunRecord>]>([
    ['pending', [], {}],
    ['pending', [YES], {}], // of an execution that a reset has left behind
    ['approved', [YES], { status: 'running' }],
    ['approved', [IGNORED, YES], { status: 'error', reason: 'skill_failed' }],
    ['denied', [NO], { status: 'blocked', reason: 'approval_denied' }],
    ['expired', [IGNORED], { status: 'blocked', reason: 'approval_expired' }],
    ['withdrawn', [], { status: 'cancelled', reason: 'run_cancelled' }],
  ])('is %s after %j of a run that is %j', (standing, decisions, more) => {
    expect(approvalStatus(aParkedRun({ decisions }, more))).toBe(standing);
  });
});

describe('decidingDecision', () => {
  test('is the decision that was the last word', () => {
    const requirement = aRequirement({ nOf: 2 });
    const second = { ...YES, subject: 'ann' };
    expect(decidingDecision(aParkedRun({ requirement, decisions: [IGNORED, YES, second, NO] }))).toBe(second);
    expect(decidingDecision(aParkedRun({ requirement, decisions: [YES] }))).toBeUndefined();
  });
});

describe('expiryOf', () => {
  test('is when the wait is over', () => {
    const requirement = aRequirement({ timeoutMs: 90_000 });
    expect(expiryOf(aParkedRun({ requirement }).approval)).toBe('2026-11-22T10:01:30.000Z');
  });
});

describe('approvalCount', () => {
  test('counts each approving person once, without denials and ignored decisions', () => {
    const decisions = [YES, YES, NO, IGNORED, { ...YES, subject: 'ann' }];
    expect(approvalCount(aParkedRun({ decisions }).approval)).toBe(2);
  });
});

describe('decidedOrFinished', () => {
  const decidedRun = (decisions: readonly RecordedDecision[], more: Partial<RunRecord>) =>
    decidedOrFinished(aParkedRun({ decisions }, more));

  test('names the winner', () => {
    const error = decidedRun([NO], { status: 'blocked', reason: 'approval_denied' });
    expect(error).toMatchObject({
      code: 'approval_decided',
      message: expect.stringMatching(/ has been decided: denied, by eve$/),
      details: {
        winner: { decision: 'denied', principal: 'eve', way: 'api', at: SINCE, comment: 'not yet' },
      },
    });
  });

  test('names a signal, or the timeout', () => {
    const signalled = decidedRun([{ ...IGNORED, counted: true }], { status: 'running' });
    expect(signalled.message).toMatch(/: approved, by a signal$/);
    const expired = decidedRun([], { status: 'blocked', reason: 'approval_expired' });
    expect(expired.message).toMatch(/: expired, by nobody in time$/);
    expect(expired.details).toEqual({ winner: { decision: 'expired' } });
    expect(decided('r', 'expired', undefined).code).toBe('approval_decided');
  });

  test('returns run_finished for a run that ended undecided', () => {
    expect(decidedRun([], { status: 'cancelled' }).code).toBe('run_finished');
  });
});

describe('decisionDocument', () => {
  test('has no principal for a signal', () => {
    expect(decisionDocument(IGNORED)).toEqual({
      decision: 'approved',
      way: 'signal',
      at: SINCE,
      counted: false,
      reason: 'no identity',
    });
  });
});
