/** The ports of the commands for deployments. */
import { openContents } from '../../../adapters/deployments/contents.ts';
import { openPresentRoots } from '../../../adapters/deployments/present-root.ts';
import { openSharedBundles } from '../../../adapters/skill-code/shared-bundles.ts';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import type { DeployPorts } from '../../../client/deployments/deploy.ts';
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';
import type { Rights } from '../../../core/rights/permission-policy.ts';
import { tenantOfProcess } from '../../../core/values/tenant.ts';
import { rightsOf } from '../../input/identity.ts';
import type { IdentifiedCommand } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';

interface Deployments {
  readonly root: string;
  readonly ports: DeployPorts;
  /** By the policies of the active deployment, also where hosts run their folders; for a recovery by those of the folder. */
  readonly rights: () => Promise<Rights>;
  readonly actor: () => Promise<Actor>;
}

/**
 * For a recovery, the policies of the folder count instead of those of the active deployment. Throws `root_not_found`, and
 * `usage` for a recovery with a token, whose holder is not the operator of this machine.
 */
export function openDeployments(
  command: IdentifiedCommand,
  { isRecovery = false }: { readonly isRecovery?: boolean } = {},
): Deployments {
  const { config, identity } = command;
  if (isRecovery && (identity.jwt ?? config.jwtToken) !== undefined)
    throw new SkillosError(
      'usage',
      'Expected no token with --recover, which is for the user of this machine',
    );
  const { root, ports, state } = openRuntime(command);
  const bundles = openSharedBundles(state, bundleFolder(root));
  const roots = openPresentRoots({ ...config, deployments: !isRecovery }, state);
  const rights = () => rightsOf(command, { root, roots }).catch(throwUnreadable);
  return {
    root,
    ports: {
      ...ports,
      tenant: tenantOfProcess(config),
      contents: openContents(state.blobs),
      missingCode: bundles.missing,
      publishCode: bundles.publish,
    },
    rights,
    actor: async () => ({ rights: await rights(), way: 'cli' }),
  };
}

/** Names the way in if the active deployment, which has the policies, is lost or damaged. */
function throwUnreadable(error: unknown): never {
  if (!isSkillosError(error, 'blob_unavailable') && !isSkillosError(error, 'state_corrupt')) throw error;
  throw new SkillosError(error.code, `The active deployment cannot be read. ${error.message}`, {
    cause: error,
    hint: 'Deploy a skills root by its own policies: skillos deploy --recover',
  });
}
