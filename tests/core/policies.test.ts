import { parsePermissionFile } from '../../core/permission-file.ts';
import { judge } from '../../core/policies.ts';
import type { PolicyQuestion } from '../../core/policies.ts';
import { aPolicySnapshot, aRequest, aSkill } from '../support/builders.ts';

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
});
