/** Opens the ports of dry runs, which read the same as a worker. */
import type { StoredValues } from '../../core/runs/prepared-skills.ts';
import type { RunRequest } from '../../core/runs/run.ts';
import type { Config } from '../../core/settings/config.ts';
import { openConnectorFiles } from '../connectors/connector-files.ts';
import { following } from '../deployments/present-root.ts';
import { preparingPorts } from './preparing-ports.ts';
import { takeSnapshot } from './snapshot.ts';

type Opened = Parameters<typeof preparingPorts>[1] & { readonly values: StoredValues };

export function previewPorts(config: Config, opened: Opened) {
  const ports = preparingPorts(config, opened);
  const connectors = following(opened.roots, ({ folder }) => openConnectorFiles(folder));
  return {
    connectors: async () => (await connectors())().specs,
    limits: ports.limits,
    takeSnapshot: (request: RunRequest) => takeSnapshot({ ...ports, values: opened.values }, request),
    policyVersion: () => ports.policies.version(),
  };
}
