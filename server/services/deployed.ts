/** Deployments in the API, and what differs in a server that runs one. */
import { manifestEditor } from '../../adapters/catalog/manifest-edit.ts';
import { openContents } from '../../adapters/deployments/contents.ts';
import type { PresentRoots } from '../../adapters/deployments/present-root.ts';
import { openSharedBundles } from '../../adapters/skill-code/shared-bundles.ts';
import { bundleFolder } from '../../adapters/storage/state.ts';
import type { DeploymentPorts } from '../../client/deployments/ports.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { usesDeployments } from '../../core/settings/config.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import type { EditManifest } from '../../core/skills/catalog.ts';
import type { Blobs } from '../../core/storage/blobs.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import { openValidator } from './validator.ts';
import type { Validate } from './validator.ts';

interface Opening {
  readonly config: Config;
  readonly env: Environment;
  readonly ports: ClientPorts;
  readonly roots: PresentRoots;
  readonly blobs: Blobs;
}

export interface DeploymentServices {
  readonly deployments: DeploymentPorts;
  readonly validate: Validate;
}

/** `root` is the real path of the skills root. */
export function openDeploymentServices(
  { config, env, ports, roots, blobs }: Opening,
  root: string,
): DeploymentServices {
  const bundles = openSharedBundles({ records: ports.records, blobs }, bundleFolder(root));
  return {
    deployments: {
      ...ports,
      tenant: tenantOfProcess(config),
      contents: openContents(blobs),
      missingCode: bundles.missing,
    },
    validate: openValidator({ config, env, root, roots, bundles }),
  };
}

/** Where deployments are used it rejects with `root_deployed`: an edit of the folder would change nothing that runs. */
export function editorOf(config: Config, root: string): EditManifest {
  if (!usesDeployments(config)) return manifestEditor(root);
  const message = 'The skills of this server are deployed: change them where they are deployed from';
  return () => Promise.reject(new SkillosError('root_deployed', message));
}

/** A server starts before the first deployment, and refuses requests for skills until then. */
export async function unlessNothingDeployed(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isSkillosError(error, 'nothing_deployed')) throw error;
  });
}
