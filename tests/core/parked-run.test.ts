import {
  alreadyDecided,
  approvalCount,
  decided,
  decisionDocument,
  expiryOf,
  isParked,
  standingOf,
  winnerOf,
} from '../../core/parked-run.ts';
import type { RecordedDecision } from '../../core/approval.ts';
import type { RunRecord } from '../../core/run.ts';
import { aRecord, aRequirement } from '../support/builders.ts';
import { IGNORED, NO, SINCE, YES, aParkedRun } from '../support/parked-runs.ts';

describe('isParked', () => {
  test('tells runs that people were asked about from others', () => {
    expect(isParked(aParkedRun())).toBe(true);
    expect(isParked(aRecord())).toBe(false);
  });
});

describe('standingOf', () => {
  test.each<[string, readonly RecordedDecision[], Partial<RunRecord>]>([
    ['pending', [], {}],
    ['pending', [YES], {}], // of an execution that a reset has left behind
    ['approved', [YES], { status: 'running' }],
    ['approved', [IGNORED, YES], { status: 'error', reason: 'skill_failed' }],
    ['denied', [NO], { status: 'blocked', reason: 'approval_denied' }],
    ['expired', [IGNORED], { status: 'blocked', reason: 'approval_expired' }],
    ['withdrawn', [], { status: 'cancelled', reason: 'run_cancelled' }],
  ])('is %s after %j of a run that is %j', (standing, decisions, more) => {
    expect(standingOf(aParkedRun({ decisions }, more))).toBe(standing);
  });
});

describe('winnerOf', () => {
  test('is the decision that was the last word', () => {
    const requirement = aRequirement({ nOf: 2 });
    const second = { ...YES, subject: 'ann' };
    expect(winnerOf(aParkedRun({ requirement, decisions: [IGNORED, YES, second, NO] }))).toBe(second);
    expect(winnerOf(aParkedRun({ requirement, decisions: [YES] }))).toBeUndefined();
  });
});

describe('expiryOf', () => {
  test('is when the wait is over', () => {
    const requirement = aRequirement({ timeoutMs: 90_000 });
    expect(expiryOf(aParkedRun({ requirement }).approval)).toBe('2026-11-22T10:01:30.000Z');
  });
});

describe('approvalCount', () => {
  test('counts people, and neither repetitions, denials nor what is ignored', () => {
    const decisions = [YES, YES, NO, IGNORED, { ...YES, subject: 'ann' }];
    expect(approvalCount(aParkedRun({ decisions }).approval)).toBe(2);
  });
});

describe('alreadyDecided', () => {
  const decidedRun = (decisions: readonly RecordedDecision[], more: Partial<RunRecord>) =>
    alreadyDecided(aParkedRun({ decisions }, more));

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

  test('says that a signal decided, or nobody in time', () => {
    const signalled = decidedRun([{ ...IGNORED, counted: true }], { status: 'running' });
    expect(signalled.message).toMatch(/: approved, by a signal$/);
    const expired = decidedRun([], { status: 'blocked', reason: 'approval_expired' });
    expect(expired.message).toMatch(/: expired, by nobody in time$/);
    expect(expired.details).toEqual({ winner: { decision: 'expired' } });
    expect(decided('r', 'expired', undefined).code).toBe('approval_decided');
  });

  test('says of a run that ended undecided that it ended', () => {
    expect(decidedRun([], { status: 'cancelled' }).code).toBe('run_finished');
  });
});

describe('decisionDocument', () => {
  test('says of a signal that it came, and of nobody that they sent it', () => {
    expect(decisionDocument(IGNORED)).toEqual({
      decision: 'approved',
      way: 'signal',
      at: SINCE,
      counted: false,
      reason: 'no identity',
    });
  });
});
