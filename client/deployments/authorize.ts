/** Authorizes a change of deployments. */
import { mayDeploy } from '../../core/deployments/operator.ts';
import { authorize } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { DeploymentPorts } from './ports.ts';

/** Rejects as `mayDeploy` rules; the attempt is audited. */
export function authorizeDeploying(
  ports: Pick<DeploymentPorts, 'journal' | 'now' | 'tenant'>,
  actor: Actor,
): Promise<void> {
  const ruling = mayDeploy(actor.rights, ports.tenant);
  return authorize(ports, actor, { operation: 'skills:write', ruling });
}
