/** The build of a worker process, and whether new runs come to it. */
import { findUnreplayable } from '../../activities/worker.ts';
import type { WorkerOptions } from '../../activities/worker.ts';
import { buildIdOf } from '../../adapters/machine/build-id.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import { dataConverterOf } from '../../adapters/temporal/payload-codec.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Config } from '../../core/settings/config.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import type { Target } from '../../temporal-dev/client/target.ts';
import { VERSION } from '../version.ts';

export interface WorkerBuild {
  readonly id: string;
  /** Undefined without versioning. */
  readonly version: WorkerOptions['version'];
  /** False if new runs go to workers of another build. */
  readonly isCurrent: boolean;
}

interface Start {
  readonly config: Config;
  readonly target: Target;
  readonly connection: WorkerOptions['connection'];
  readonly ports: Pick<ClientPorts, 'journal' | 'now'>;
  readonly note: (line: string) => void;
  /** Makes the build current if there has never been a current one. */
  readonly mayBeFirst: boolean;
}

/** Replaying takes some milliseconds a run. */
const REPLAYED_RUNS = 20;

/** What a worker runs workflows with. */
export function workflowCode({ payloadKey }: Config) {
  return {
    workflowBundle: packageFile('dist/workflows.js'),
    dataConverter: dataConverterOf(payloadKey, 'ignore'),
  };
}

/** Rejects as `promoteFirst` does. */
export async function openBuild(start: Start): Promise<WorkerBuild> {
  const { config, target, connection, ports, note, mayBeFirst } = start;
  const { namespace, taskQueue, local } = target;
  const [{ readRouting }, { promoteFirst }] = await Promise.all([
    import('../../client/workers/builds.ts'),
    import('../../client/workers/promote.ts'),
  ]);
  const id = buildIdOf(VERSION);
  const fleet = { service: connection.workflowService, namespace, taskQueue };
  if (!config.workerVersioning || local) {
    const { current } = await readRouting(fleet).catch(() => ({ current: undefined })); // it is for the warning only
    if (current !== undefined)
      note(
        `WARNING: new runs go to workers of build ${current}, and to none without SKILLOS_WORKER_VERSIONING=1`,
      );
    return { id, version: undefined, isCurrent: current === undefined };
  }
  const tenant = tenantOfProcess(config);
  const current = mayBeFirst
    ? await promoteFirst({ ...ports, tenant }, fleet, id)
    : (await readRouting(fleet)).current;
  const isCurrent = current === id;
  const rest = isCurrent ? 'current' : `not current; new runs go to it after: skillos workers promote ${id}`;
  note(`build: ${id}, ${rest}`);
  return { id, version: { deploymentName: taskQueue, buildId: id }, isCurrent };
}

/**
 * A worker takes over all runs in flight that workers without versioning began, unless another build is current. Call it before the
 * storage is opened, which may make its schema too new for the workers of the earlier release. The local engine has one worker, so
 * that one starts nevertheless: only it can end those runs. Rejects with `build_cannot_replay` and `engine_unreachable`.
 */
export async function refuseUnreplayable({
  config,
  target: { namespace, taskQueue, local },
  connection,
  note,
}: Pick<Start, 'config' | 'target' | 'connection' | 'note'>): Promise<void> {
  const [{ readRouting }, { historiesOf, runsOfOtherCode }] = await Promise.all([
    import('../../client/workers/builds.ts'),
    import('../../client/workers/runs-in-flight.ts'),
  ]);
  const fleet = { service: connection.workflowService, namespace, taskQueue };
  if ((await readRouting(fleet)).current !== undefined) return;
  const runs = await runsOfOtherCode(fleet, buildIdOf(VERSION), REPLAYED_RUNS);
  if (runs.length === 0) return;
  const failed = await findUnreplayable(workflowCode(config), historiesOf(fleet, runs));
  if (failed === undefined) return;
  const message = `The workflow code of this build does not continue run "${failed.runId}", which other code began: ${failed.reason}`;
  if (!local) throw new SkillosError('build_cannot_replay', message);
  note(`WARNING: ${message}`);
}
