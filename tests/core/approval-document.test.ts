import {
  approvalDocument,
  approvalItem,
  decisionDocument,
  expiryOf,
  isParked,
  standingOf,
  winnerOf,
} from '../../core/approval-document.ts';
import type { ParkedRun } from '../../core/approval-document.ts';
import type { RecordedDecision } from '../../core/approval.ts';
import type { ParkedApproval, RunRecord } from '../../core/run.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { aRecord, aRequirement } from '../support/builders.ts';

const SINCE = '2026-11-22T10:00:00.000Z';
const YES: RecordedDecision = { decision: 'approved', subject: 'bob', via: 'cli', at: SINCE, counted: true };
const NO: RecordedDecision = { ...YES, decision: 'denied', subject: 'eve', via: 'api', comment: 'not yet' };
const IGNORED: RecordedDecision = {
  ...YES,
  subject: '',
  via: 'signal',
  counted: false,
  reason: 'no identity',
};

function parkedRun(approval: Partial<ParkedApproval> = {}, more: Partial<RunRecord> = {}): ParkedRun {
  return {
    ...aRecord({ status: 'awaiting_approval', ...more }),
    approval: {
      requirement: aRequirement(),
      digest: 'd1',
      input: { value: 'all' },
      since: SINCE,
      decisions: [],
      ...approval,
    },
  };
}

describe('isParked', () => {
  test('tells runs that people were asked about from others', () => {
    expect(isParked(parkedRun())).toBe(true);
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
    expect(standingOf(parkedRun({ decisions }, more))).toBe(standing);
  });
});

describe('winnerOf', () => {
  test('is the decision that was the last word', () => {
    const requirement = aRequirement({ nOf: 2 });
    const second = { ...YES, subject: 'ann' };
    expect(winnerOf(parkedRun({ requirement, decisions: [IGNORED, YES, second, NO] }))).toBe(second);
    expect(winnerOf(parkedRun({ requirement, decisions: [YES] }))).toBeUndefined();
  });
});

describe('expiryOf', () => {
  test('is when the wait is over', () => {
    const requirement = aRequirement({ timeoutMs: 90_000 });
    expect(expiryOf(parkedRun({ requirement }).approval)).toBe('2026-11-22T10:01:30.000Z');
  });
});

describe('approvalItem', () => {
  test('says who asks for what, why people are asked, and who may decide until when', () => {
    const requirement = aRequirement({
      approvers: ['role:cfo'],
      furtherApprovers: [['user:ann']],
      nOf: 2,
      allowSelf: false,
      proof: true,
    });
    expect(
      approvalItem(parkedRun({ requirement, step: 3, decisions: [YES, YES, IGNORED] }, { cost: 15_000 })),
    ).toEqual({
      run_id: 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV',
      skill: 'travel/search_flights',
      status: 'pending',
      principal: 'ann',
      created_at: '2026-01-02T03:04:05.000Z',
      waiting_since: SINCE,
      expires_at: '2026-11-29T10:00:00.000Z',
      policy: 'destructive',
      reasons: ['destructive: skill "admin/delete_records"'],
      approvers: [['role:cfo'], ['user:ann']],
      approvals: 1,
      needed: 2,
      allow_self: false,
      token_required: true,
      plan_digest: 'd1',
      step: 3,
      cost: 1.5,
    });
  });

  test('leaves out what there is not', () => {
    const item = approvalItem(parkedRun());
    expect(item).not.toHaveProperty('step');
    expect(item).not.toHaveProperty('cost');
  });
});

describe('approvalDocument', () => {
  test('shows input, steps with effects and cost, warnings and decisions', () => {
    const skill = parseSkillId('admin/delete_records');
    const run = parkedRun(
      { decisions: [NO] },
      {
        steps: [
          { number: 1, skill, hash: 'h1', sideEffects: 'destructive', cost: 10_000 },
          { number: 2, skill, hash: 'h2' },
        ],
        warnings: [{ code: 'deprecated_skill', skill, message: 'Old' }],
      },
    );
    expect(approvalDocument(run, { all: true })).toMatchObject({
      schema: 'skillos.approval/v1',
      input: { all: true },
      roles: [],
      steps: [
        { id: 1, skill, hash: 'h1', side_effects: 'destructive', cost: 1 },
        { id: 2, skill, hash: 'h2' },
      ],
      warnings: ['Old'],
      decisions: [
        { decision: 'denied', principal: 'eve', way: 'api', at: SINCE, counted: true, comment: 'not yet' },
      ],
    });
    expect(approvalDocument(parkedRun(), 1)['warnings']).toEqual([]);
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
