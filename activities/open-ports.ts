/** Opens the ports of a worker from the settings. */
import { openPorts } from '../adapters/open.ts';
import { openCallGuard } from '../adapters/connectors/call-guard.ts';
import { openConnectors } from '../adapters/connectors/connectors.ts';
import type { ConnectorsOptions } from '../adapters/connectors/connectors.ts';
import { openConnectorFiles } from '../adapters/connectors/connector-files.ts';
import { connectorSecrets } from '../adapters/connectors/secrets.ts';
import { oncePerRoot } from '../adapters/deployments/present-root.ts';
import type { PresentRoots } from '../adapters/deployments/present-root.ts';
import { packageFile } from '../adapters/machine/package.ts';
import { preparingPorts } from '../adapters/preparing/preparing-ports.ts';
import { openSkillSecrets } from '../adapters/secrets/skill-secrets.ts';
import { openSharedBundles } from '../adapters/skill-code/shared-bundles.ts';
import { openSkillHost } from '../adapters/skill-host/host.ts';
import { bundleFolder } from '../adapters/storage/state.ts';
import { openNotifier } from '../adapters/telemetry/notifier.ts';
import { openEventLog } from '../adapters/telemetry/event-log.ts';
import { usesDeployments } from '../core/settings/config.ts';
import type { Config, Environment } from '../core/settings/config.ts';
import { deploymentOfRun } from './prepared-skills.ts';
import { openBackgroundTasks } from './background-tasks.ts';
import { openGroupOutputs } from './fast-path/group-outputs.ts';
import { openSlots } from './steps/slots.ts';
import type { WorkerPorts } from './ports.ts';

export interface WorkerWorld {
  readonly config: Config;
  /** The skills root, absolute. */
  readonly root: string;
  /** Skills receive only allow-listed variables of it. */
  readonly environment: Environment;
  readonly now: () => number;
  readonly isGone: WorkerPorts['isGone'];
  /** Receives lines for people who watch the worker. */
  readonly note: (line: string) => void;
  readonly connectorCalled?: WorkerPorts['connectorCalled'];
  /** Closed by the caller. */
  readonly tracing?: WorkerPorts['tracing'];
}

function notifierOf(
  { config, now, note }: WorkerWorld,
  begin: WorkerPorts['background'],
): WorkerPorts['notify'] {
  const { notifyWebhook: url, notifySecret: secret } = config;
  if (url === undefined) return undefined;
  const deliver = openNotifier({ url, secret, now, note });
  return (notice) => begin((signal) => deliver(notice, signal));
}

/** Runs use the connectors of the deployment that they were prepared from. */
function connectorsOf(roots: PresentRoots): NonNullable<ConnectorsOptions['definitions']> {
  const filesOf = oncePerRoot(({ folder }) => openConnectorFiles(folder));
  return async ({ deployment }) => filesOf(await roots.of(deployment))();
}

export type OpenWorkerPorts = WorkerPorts & { close(): Promise<void> };

export function openWorkerPorts(world: WorkerWorld): OpenWorkerPorts {
  const { config, root, environment, now, isGone, note } = world;
  const { roots, state, ports } = openPorts(config, now);
  const bundles = openSharedBundles(state, bundleFolder(root));
  const isShared = config.storageBackend === 'postgres' || usesDeployments(config);
  const events = openEventLog({ root, config, now, onFault: note });
  const host = openSkillHost({
    root,
    storeDir: bundleFolder(root),
    ...(isShared && { fetchBundle: bundles.fetch }),
    environment,
    processes: config.skillProcesses,
    memoryMb: config.skillMemoryMb,
    sandbox: config.sandbox,
    childPath: packageFile('dist/skill-child.mjs'),
  });
  const background = openBackgroundTasks();
  const secrets = { root, env: environment, production: config.production };
  const connectors = openConnectors({
    root,
    definitions: connectorsOf(roots),
    resolveSecret: connectorSecrets(secrets),
    guard: openCallGuard(config, now),
  });
  return {
    ...preparingPorts(config, { roots, records: ports.records, ...(isShared && { bundles }) }),
    journal: state.journal,
    blobs: state.blobs,
    attachments: state.attachments,
    background: background.begin,
    notify: notifierOf(world, background.begin),
    publicUrl: config.publicUrl,
    groupOutputs: openGroupOutputs(),
    slots: openSlots(ports.records),
    host,
    connectors,
    deploymentOf: (runId) => deploymentOfRun(state, runId),
    recordCalls: config.recordCalls,
    connectorCalled: world.connectorCalled,
    tracing: world.tracing,
    skillSecrets: openSkillSecrets(secrets),
    events,
    now,
    isGone,
    async close() {
      await host.close();
      await connectors.close();
      await background.close();
      await events.close();
      await state.close();
    },
  };
}
