import { mayDecide } from '../../../core/approvals/approval-decision.ts';
import { OPERATIONS, demand, mayOperate } from '../../../core/rights/operations.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { Principal } from '../../../core/rights/principal.ts';
import { aRecord, aRequirement, aRights } from '../../support/builders.ts';

const ANN: Principal = { subject: 'ann', roles: [], via: 'local' };
const file = parsePermissionFile(JSON.stringify({ roles: { operator: ['runs:*'], author: 'skills:write' } }));

describe('mayOperate', () => {
  test('knows a closed list', () => {
    expect(OPERATIONS).toEqual([
      'skills:write',
      'runs:read',
      'runs:operate',
      'approvals:decide',
      'schedules:write',
      'jobs:write',
      'feedback:write',
      'audit:read',
    ]);
  });

  test.each<[readonly string[], (typeof OPERATIONS)[number], boolean]>([
    [['operator'], 'runs:read', true],
    [['operator'], 'runs:operate', true],
    [['operator'], 'skills:write', false],
    [['author'], 'skills:write', true],
    [['author', 'operator'], 'runs:read', true],
    [[], 'runs:read', false],
  ])('roles %j may %s: %s', (roles, operation, expected) => {
    expect(mayOperate(aRights({ file, principal: { ...ANN, roles } }), operation).isAllowed).toBe(expected);
  });

  test.each<[string, Partial<Principal>, boolean]>([
    ['one’s own run', {}, true],
    ['the run of another', { subject: 'bob' }, false],
    ['the run of a token of the same name', { via: 'jwt' }, false],
  ])('%s', (_whose, owner, expected) => {
    const run = aRecord({ principal: { ...ANN, ...owner } });
    expect(mayOperate(aRights({ file }), 'runs:read', run).isAllowed).toBe(expected);
    expect(mayOperate(aRights({ file }), 'runs:operate', run).isAllowed).toBe(expected);
  });

  test('allows everything without a file, and nothing with an invalid file or in production', () => {
    expect(mayOperate(aRights(), 'skills:write').isAllowed).toBe(true);
    expect(mayOperate(aRights({ production: true }), 'skills:write').isAllowed).toBe(false);
    expect(mayOperate(aRights({ file: parsePermissionFile('[') }), 'skills:write')).toMatchObject({
      isAllowed: false,
      reason: 'policy_invalid',
    });
  });
});

describe('demand', () => {
  test('throws the reason of a denial', () => {
    expect(() => demand(mayOperate(aRights({ file }), 'skills:write'))).toThrow(
      expect.objectContaining({
        code: 'permission_denied',
        message: 'This requires "skills:write", which a caller without a role does not have',
      }),
    );
    expect(() => demand(mayOperate(aRights(), 'skills:write'))).not.toThrow();
  });

  test('tells who may not decide what to do', () => {
    const ruling = mayDecide(aRights({ principal: ANN }), aRequirement({ approvers: ['role:cfo'] }), ANN);
    expect(() => demand(ruling)).toThrow(
      expect.objectContaining({
        hint: 'Decide as one of them, with their role (--role) or their token (--jwt)',
      }),
    );
  });
});
