/** Runs whose worker is killed again and again. */
import { setTimeout as delay } from 'node:timers/promises';
import { findRun } from '../../client/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { spawnWorker } from './deployment.ts';
import type { Deployment } from './deployment.ts';

interface Kills {
  readonly count?: number;
  /** Of `skillos worker`. */
  readonly options?: readonly string[];
}

/** Kills a worker a second after it began to poll, again and again; the last one may finish. How the runs ended. */
export async function surviveKills(
  deployment: Deployment,
  runIds: readonly string[],
  { count = 5, options = [] }: Kills = {},
): Promise<readonly RunRecord[]> {
  for (let kill = 0; kill < count; kill++) {
    const worker = await spawnWorker(deployment, options);
    await delay(1000);
    await worker.end('SIGKILL');
  }
  const worker = await spawnWorker(deployment, options);
  const { client } = deployment.temporal;
  await Promise.all(
    runIds.map((runId) =>
      client.workflow
        .getHandle(runId)
        .result()
        .catch(() => undefined),
    ),
  );
  await worker.end('SIGTERM');
  return Promise.all(runIds.map((runId) => findRun(deployment.ports, runId)));
}
