import { approvalDocument, approvalItem } from '../../../core/runs/approval-document.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRequirement } from '../../support/builders.ts';
import { IGNORED, NO, SINCE, YES, aParkedRun } from '../../support/parked-runs.ts';

describe('approvalItem', () => {
  test('has requester, reasons, approvers and expiry', () => {
    const requirement = aRequirement({
      approvers: ['role:cfo'],
      furtherApprovers: [['user:ann']],
      nOf: 2,
      allowSelf: false,
      proof: true,
      seen: [{ skill: 'admin/delete_records', field: '/amount', value: 5 }],
      seenLeftOut: 2,
    });
    expect(
      approvalItem(aParkedRun({ requirement, step: 3, decisions: [YES, YES, IGNORED] }, { cost: 15_000 })),
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
      looked_at: [{ skill: 'admin/delete_records', field: '/amount', value: 5 }],
      looked_at_left_out: 2,
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

  test('omits absent values', () => {
    const item = approvalItem(aParkedRun());
    expect(item).not.toHaveProperty('step');
    expect(item).not.toHaveProperty('cost');
    expect(item).not.toHaveProperty('looked_at');
    expect(item).not.toHaveProperty('looked_at_left_out');
  });
});

describe('approvalDocument', () => {
  test('shows input, steps with effects and cost, warnings and decisions', () => {
    const skill = parseSkillId('admin/delete_records');
    const run = aParkedRun(
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
    expect(approvalDocument(aParkedRun(), 1)['warnings']).toEqual([]);
  });
});
