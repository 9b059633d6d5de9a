import { parseConfig } from '../../../core/settings/config.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { evaluatePolicies, evaluateRights } from '../../../core/preparing/policies.ts';
import type { PolicyInput } from '../../../core/preparing/policies.ts';
import { aPolicySnapshot, aRequest, aSkill, aStep } from '../../support/builders.ts';

const READ = aSkill('admin/list_users');
const WRITE = aSkill('admin/add_user', { permissions: ['admin:write'] });
const permissionFile = parsePermissionFile(JSON.stringify({ roles: { admin: ['admin:*'] } }));

function question(more: Partial<PolicyInput['snapshot']> = {}, roles: readonly string[] = []): PolicyInput {
  return {
    payload: 'Sochi',
    inputs: new Map(),
    rollbackEntries: [],
    plan: { kind: 'sequence', plans: [] },
    request: aRequest({ principal: { subject: 'ann', roles, via: 'local' } }),
    entries: [READ, WRITE],
    snapshot: aPolicySnapshot({ permissionFile, ...more }),
  };
}

describe('judge', () => {
  test('allows a plan that all policies allow', () => {
    expect(evaluatePolicies(question({}, ['admin']))).toEqual({ kind: 'allow' });
  });

  test('denies the whole plan for one step', () => {
    expect(evaluatePolicies(question())).toEqual({
      kind: 'deny',
      reason: 'permission_denied',
      policy: 'its manifest',
      message: 'Skill "admin/add_user" requires "admin:write", which a caller without a role does not have',
    });
  });

  test('evaluates the signature first', () => {
    expect(evaluatePolicies(question({ signatureRefusal: 'Not signed' }))).toEqual({
      kind: 'deny',
      reason: 'permission_denied',
      policy: 'identity',
      message: 'Not signed',
    });
  });

  test('requires approval if a policy requires it and none denies', () => {
    const destructive = aSkill('admin/clean', { side_effects: 'destructive' });
    expect(evaluatePolicies({ ...question({}, ['admin']), entries: [destructive] })).toMatchObject({
      kind: 'needs_approval',
      requirement: { policy: 'destructive' },
    });
  });

  test('asks for the rights to undo, too', () => {
    expect(evaluatePolicies({ ...question(), entries: [READ], rollbackEntries: [WRITE] })).toMatchObject({
      kind: 'deny',
      reason: 'permission_denied',
    });
  });

  describe('forecasts', () => {
    const plan = { kind: 'step', step: aStep({ cost: 90_000 }) } as const;
    const limits = { current: undefined, settings: parseConfig({}), now: 0 };
    const asked = { ...question({ limits }, ['admin']), plan };

    test('that a run does not fit into the budget', () => {
      expect(evaluatePolicies(asked)).toMatchObject({ kind: 'deny', reason: 'budget_exceeded' });
    });

    test('that it does', () => {
      expect(evaluatePolicies({ ...asked, plan: { kind: 'step', step: aStep() } })).toEqual({
        kind: 'allow',
      });
    });

    test('only the steps that a fork runs', () => {
      const origin = { runId: 'r', from: 2, outputs: [] };
      expect(evaluatePolicies({ ...asked, request: { ...asked.request, origin } })).toEqual({
        kind: 'allow',
      });
    });
  });
});

describe('evaluateRights', () => {
  test('evaluates identity and permissions only', () => {
    const destructive = aSkill('admin/clean', { side_effects: 'destructive' });
    expect(evaluateRights({ ...question({}, ['admin']), entries: [destructive] })).toEqual({ kind: 'allow' });
  });

  test.each([
    ['a caller who is not believed', question({ signatureRefusal: 'Not signed' }, ['admin']), 'identity'],
    ['a caller who may not', question(), 'its manifest'],
  ])('denies %s', (_what, asked, policy) => {
    expect(evaluateRights(asked)).toMatchObject({ kind: 'deny', policy });
  });
});
