/** Who may see and change deployments. */
import { mayOperate } from '../rights/operations.ts';
import { PERMISSION_FILE, parsePermissionFile } from '../rights/permission-file.ts';
import type { PermissionFile } from '../rights/permission-file.ts';
import type { Rights, Ruling } from '../rights/permission-policy.ts';
import { invalidFile } from '../rights/policy-file.ts';
import type { DeploymentContent } from './content.ts';

/** A deployment is code and policies of all tenants, so it takes `skills:write` and the tenant of the operator. */
export function mayDeploy(rights: Rights, operatorTenant: string): Ruling {
  if (rights.tenant === operatorTenant) return mayOperate(rights, 'skills:write');
  const message = `Deployments are of all tenants: expected a caller of the tenant "${operatorTenant}", not of "${rights.tenant}"`;
  return {
    isAllowed: false,
    reason: 'permission_denied',
    policy: 'SKILLOS_TENANT_ID',
    message,
    explain: [message],
  };
}

/** Returns the permission policies in a deployment. */
export function permissionsIn({ files }: Pick<DeploymentContent, 'files'>): PermissionFile {
  const file = files[PERMISSION_FILE];
  if (file === undefined) return { status: 'absent' };
  return typeof file === 'string'
    ? parsePermissionFile(file)
    : invalidFile(PERMISSION_FILE, 'is not UTF-8 text');
}
