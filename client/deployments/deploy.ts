/** Deploys a skills root: one immutable copy, which all hosts run from then on. Needs no Temporal. */
import { ulid } from 'ulid';
import { MAX_MESSAGE, forgetDeployment, recordDeployment } from '../../core/deployments/deployment.ts';
import type { Deployment } from '../../core/deployments/deployment.ts';
import type { DeploymentContent } from '../../core/deployments/content.ts';
import { changesBetween } from '../../core/deployments/difference.ts';
import type { DeploymentChange } from '../../core/deployments/difference.ts';
import { mayDeploy, permissionsIn } from '../../core/deployments/operator.ts';
import { keysIn, revokedAfter } from '../../core/deployments/revoked-keys.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { PERMISSION_FILE } from '../../core/rights/permission-file.ts';
import type { Actor } from '../audit/authorize.ts';
import { forEachOf } from '../storage/merged-names.ts';
import { unlessDamaged } from '../storage/store-copy.ts';
import { activateAudited, readAudited } from './activation.ts';
import { authorizeDeploying } from './authorize.ts';
import type { DeploymentPorts } from './ports.ts';

export interface DeployPorts extends DeploymentPorts {
  /** Stores frozen code, by its content hash, so that every host can load it. */
  readonly publishCode: (hash: string) => Promise<void>;
}

export interface DeployRequest {
  readonly message?: string | undefined;
  readonly dryRun: boolean;
  /** The rights of the caller are those of the policies in the root; recorded in the audit log. Default false. */
  readonly isRecovery?: boolean;
  /** Reads the root. Called once, after the caller was authorized. */
  readonly freeze: () => Promise<{ readonly content: DeploymentContent; readonly skills: number }>;
}

export interface Deployed {
  /** `unchanged`: the active deployment has the same content. */
  readonly status: 'deployed' | 'unchanged' | 'dry_run';
  /** Absent for a dry run. */
  readonly id?: string;
  /** Against the deployment that was active before. */
  readonly changes: readonly DeploymentChange[];
}

const AT_ONCE = 4;

/**
 * Requires what `mayDeploy` does. Rejects with `deployment_conflict`, and activates nothing, if another deployment was activated
 * since the call began, with `key_revoked` if an earlier deployment revoked a key that this one trusts, and with
 * `deployment_refused` if the caller could deploy nothing more by its policies; otherwise as `freeze` does.
 */
export async function deploy(ports: DeployPorts, actor: Actor, request: DeployRequest): Promise<Deployed> {
  await authorizeDeploying(ports, actor);
  const message = messageOf(request);
  const active = await readAudited(ports);
  const seen = active?.id;
  const { content, skills } = await request.freeze();
  revokedAfter(active?.revoked, keysIn(content)); // before anything is stored, and for a dry run
  refuseLockout(ports, actor, content);
  // Of a content that is lost or damaged all changes, so that it is stored again.
  const before = seen === undefined ? undefined : await unlessDamaged(ports.contents.get(seen));
  const changes = changesBetween(before, content);
  if (request.dryRun) return { status: 'dry_run', changes };
  // Also for an unchanged root: it repairs a storage that has lost code.
  await forEachOf(new Set(Object.values(content.code)), AT_ONCE, ports.publishCode);
  if (seen !== undefined && changes.length === 0) return { status: 'unchanged', id: seen, changes };
  const id = await ports.contents.put(content);
  const now = ports.now();
  const at = new Date(now).toISOString();
  const by = actor.rights.principal.subject;
  const files = Object.keys(content.files).length;
  const deployment: Deployment = { id, at, by, skills, files, ...(message !== undefined && { message }) };
  const key = ulid(now);
  await recordDeployment(ports.records, key, deployment);
  try {
    const { isRecovery } = request;
    await activateAudited(ports, actor, { id, content, seen, action: 'deployed', message, now, isRecovery });
  } catch (error) {
    if (isRefused(error)) await forgetDeployment(ports.records, key);
    throw error;
  }
  return { status: 'deployed', id, changes };
}

function refuseLockout({ tenant }: DeployPorts, { rights }: Actor, content: DeploymentContent): void {
  const ruling = mayDeploy({ ...rights, file: permissionsIn(content) }, tenant);
  if (ruling.isAllowed) return;
  throw new SkillosError(
    'deployment_refused',
    `Nothing was deployed: by the policies of the skills root you could deploy nothing more. ${ruling.message}`,
    { hint: `Grant "skills:write" to a role of yours in ${PERMISSION_FILE}` },
  );
}

function isRefused(error: unknown): boolean {
  return isSkillosError(error, 'deployment_conflict') || isSkillosError(error, 'key_revoked');
}

function messageOf({ message }: DeployRequest): string | undefined {
  if (message === undefined || message.length <= MAX_MESSAGE) return message;
  throw new SkillosError('usage', `Invalid message: expected at most ${MAX_MESSAGE} characters`);
}
