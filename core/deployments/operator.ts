/** Who may see and change deployments. */
import { mayOperate } from '../rights/operations.ts';
import type { Rights, Ruling } from '../rights/permission-policy.ts';

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
