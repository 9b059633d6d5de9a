/** The ports of the commands for deployments. */
import { openContents } from '../../../adapters/deployments/contents.ts';
import { openPresentRoots } from '../../../adapters/deployments/present-root.ts';
import { openSharedBundles } from '../../../adapters/skill-code/shared-bundles.ts';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import type { DeployPorts } from '../../../client/deployments/deploy.ts';
import type { Rights } from '../../../core/rights/permission-policy.ts';
import { DEFAULT_TENANT } from '../../../core/values/tenant.ts';
import { rightsOf } from '../../input/identity.ts';
import type { IdentifiedCommand } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';

interface Deployments {
  readonly root: string;
  readonly ports: DeployPorts;
  /** By the policies of the active deployment, also where hosts run their folders. */
  readonly rights: () => Promise<Rights>;
  readonly actor: () => Promise<Actor>;
}

/** Throws `root_not_found`. */
export function openDeployments(command: IdentifiedCommand): Deployments {
  const { root, ports, state } = openRuntime(command);
  const bundles = openSharedBundles(state, bundleFolder(root));
  const roots = openPresentRoots({ ...command.config, deployments: true }, state);
  const rights = () => rightsOf(command, { root, roots });
  return {
    root,
    ports: {
      ...ports,
      tenant: command.config.tenant ?? DEFAULT_TENANT,
      contents: openContents(state.blobs),
      holdsCode: bundles.holds,
      publishCode: bundles.publish,
    },
    rights,
    actor: async () => ({ rights: await rights(), way: 'cli' }),
  };
}
