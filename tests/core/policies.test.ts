import { parseConfig } from '../../core/config.ts';
import { parsePermissionFile } from '../../core/permission-file.ts';
import { judge, judgeRights } from '../../core/policies.ts';
import type { PolicyQuestion } from '../../core/policies.ts';
import { aPolicySnapshot, aRequest, aSkill, aStep } from '../support/builders.ts';

const READ = aSkill('admin/list_users');
const WRITE = aSkill('admin/add_user', { permissions: ['admin:write'] });
const permissionFile = parsePermissionFile(JSON.stringify({ roles: { admin: ['admin:*'] } }));

function question(
  more: Partial<PolicyQuestion['snapshot']> = {},
  roles: readonly string[] = [],
): PolicyQuestion {
  return {
    payload: 'Sochi',
    undoers: [],
    plan: { kind: 'sequence', plans: [] },
    request: aRequest({ principal: { subject: 'ann', roles, via: 'local' } }),
    entries: [READ, WRITE],
    snapshot: aPolicySnapshot({ permissionFile, ...more }),
  };
}

describe('judge', () => {
  test('allows what every policy allows', () => {
    expect(judge(question({}, ['admin']))).toEqual({ kind: 'allow' });
  });

  test('denies the whole plan for one step', () => {
    expect(judge(question())).toEqual({
      kind: 'deny',
      reason: 'permission_denied',
      policy: 'its manifest',
      message: 'Skill "admin/add_user" requires "admin:write", which nobody without a role has',
    });
  });

  test('asks first whether the caller is to be believed', () => {
    expect(judge(question({ distrust: 'Not signed' }))).toEqual({
      kind: 'deny',
      reason: 'permission_denied',
      policy: 'identity',
      message: 'Not signed',
    });
  });

  test('asks for approval where a policy needs it and none denies', () => {
    const destructive = aSkill('admin/clean', { side_effects: 'destructive' });
    expect(judge({ ...question({}, ['admin']), entries: [destructive] })).toMatchObject({
      kind: 'needs_approval',
      requirement: { policy: 'destructive' },
    });
  });

  test('asks for the rights to undo, too', () => {
    expect(judge({ ...question(), entries: [READ], undoers: [WRITE] })).toMatchObject({
      kind: 'deny',
      reason: 'permission_denied',
    });
  });

  describe('forecasts', () => {
    const plan = { kind: 'step', step: aStep({ cost: 90_000 }) } as const;
    const limits = { current: undefined, settings: parseConfig({}), now: 0 };
    const asked = { ...question({ limits }, ['admin']), plan };

    test('that a run does not fit into the budget', () => {
      expect(judge(asked)).toMatchObject({ kind: 'deny', reason: 'budget_exceeded' });
    });

    test('that it does', () => {
      expect(judge({ ...asked, plan: { kind: 'step', step: aStep() } })).toEqual({ kind: 'allow' });
    });

    test('only what a fork runs itself', () => {
      const origin = { runId: 'r', from: 2, outputs: [] };
      expect(judge({ ...asked, request: { ...asked.request, origin } })).toEqual({ kind: 'allow' });
    });
  });
});

describe('judgeRights', () => {
  test('asks who the caller is and what they may, and nothing else', () => {
    const destructive = aSkill('admin/clean', { side_effects: 'destructive' });
    expect(judgeRights({ ...question({}, ['admin']), entries: [destructive] })).toEqual({ kind: 'allow' });
  });

  test.each([
    ['a caller who is not believed', question({ distrust: 'Not signed' }, ['admin']), 'identity'],
    ['a caller who may not', question(), 'its manifest'],
  ])('denies %s', (_what, asked, policy) => {
    expect(judgeRights(asked)).toMatchObject({ kind: 'deny', policy });
  });
});
