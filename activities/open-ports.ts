/** What a worker needs of the world, opened from the settings. */
import { openAside } from '../adapters/aside.ts';
import { openSkillCode } from '../adapters/bundles.ts';
import { openCatalog } from '../adapters/catalog.ts';
import { openEventLog } from '../adapters/event-log.ts';
import { openGathering } from '../adapters/gathering.ts';
import { loadJsonSchemas } from '../adapters/json-schema.ts';
import { packageFile } from '../adapters/package.ts';
import { openPolicies } from '../adapters/policies.ts';
import { openSkillHost } from '../adapters/skill-host/pool.ts';
import { bundleFolder, openState } from '../adapters/state.ts';
import type { Config, Environment } from '../core/config.ts';
import type { WorkerPorts } from './ports.ts';

export interface WorkerWorld {
  readonly config: Config;
  /** The skills root, absolute. */
  readonly root: string;
  /** What skills may see of it is allow-listed. */
  readonly environment: Environment;
  readonly now: () => number;
  readonly isGone: WorkerPorts['isGone'];
  /** For people who look at the worker. */
  readonly note: (line: string) => void;
}

export type OpenWorkerPorts = WorkerPorts & { close(): Promise<void> };

export function openWorkerPorts(world: WorkerWorld): OpenWorkerPorts {
  const { config, root, environment, now, isGone, note } = world;
  const storeDir = bundleFolder(root);
  const state = openState(config);
  const events = openEventLog({ root, config, now, onFault: note });
  const host = openSkillHost({
    root,
    storeDir,
    environment,
    processes: config.skillProcesses,
    memoryMb: config.skillMemoryMb,
    childPath: packageFile('dist/skill-child.mjs'),
  });
  const aside = openAside();
  return {
    ...state,
    aside: aside.begin,
    gather: openGathering(),
    host,
    events,
    catalogs: openCatalog(config.root),
    code: openSkillCode({ root, storeDir }),
    policies: openPolicies(root),
    loadSchemas: loadJsonSchemas,
    now,
    isGone,
    parallelLimit: config.parallelLimit,
    trust: { production: config.production, serverKey: config.serverKey },
    limits: config,
    approvalToken: config.approvalToken,
    async close() {
      await host.close();
      await aside.close();
      await events.close();
      await state.close();
    },
  };
}
