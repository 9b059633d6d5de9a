import { parsePermissionFile } from '../../core/permission-file.ts';
import { judge } from '../../core/policies.ts';
import type { PolicyQuestion } from '../../core/policies.ts';
import { aRequest, aSkill } from '../support/builders.ts';

const READ = aSkill('admin/list_users');
const DELETE = aSkill('admin/delete_records', { permissions: ['admin:write'] });
const permissionFile = parsePermissionFile(JSON.stringify({ roles: { admin: ['admin:*'] } }));

function question(
  more: Partial<PolicyQuestion['snapshot']> = {},
  roles: readonly string[] = [],
): PolicyQuestion {
  return {
    request: aRequest({ principal: { subject: 'ann', roles, via: 'local' } }),
    entries: [READ, DELETE],
    snapshot: { permissionFile, production: false, ...more },
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
      message: 'Skill "admin/delete_records" requires "admin:write", which nobody without a role has',
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
