/** What Temporal's server says about the namespace and its task queues. */
import { hasWorker, lacksAttributes } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { fleetOf, listBuilds } from '../workers/builds.ts';
import { runsWithoutProgress } from '../workers/runs-in-flight.ts';
import type { Check, Problem } from '../../core/telemetry/diagnosis.ts';

/** Histories explain runs: they should outlive a weekend. In seconds. */
const MIN_RETENTION_S = 3 * 24 * 60 * 60;

/** The first server with priorities and fairness of tasks, on which jobs rely. */
const MIN_SERVER = [1, 29] as const;

/** `connect` resolves to undefined if there is no server and none is needed: a local engine that does not run. */
export function temporalChecks(connect: () => Promise<Temporal | undefined>): readonly Check[] {
  return [
    { name: 'temporal', run: async () => problemsOf(await connect(), namespace) },
    // The check before this one reports a server that cannot be reached.
    { name: 'workers', run: async () => problemsOf(await connect().catch(() => undefined), workers) },
  ];
}

async function problemsOf(
  temporal: Temporal | undefined,
  find: (temporal: Temporal) => Promise<readonly Problem[]>,
): Promise<readonly Problem[]> {
  return temporal === undefined ? [] : find(temporal);
}

async function namespace(temporal: Temporal): Promise<readonly Problem[]> {
  const { client, target } = temporal;
  const name = JSON.stringify(target.namespace);
  const described = await client.workflowService.describeNamespace({ namespace: target.namespace });
  const retention = Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const problems: Problem[] = [...versionProblems(serverVersion ?? '')];
  if (retention < MIN_RETENTION_S && !target.local)
    problems.push({
      message: `Namespace ${name} keeps histories for ${retention / 3600} h: expected at least 72`,
      remedy: `temporal operator namespace update --namespace ${target.namespace} --retention 72h`,
    });
  if (await lacksAttributes(temporal))
    problems.push({
      message: `Namespace ${name} lacks search attributes of SkillOS`,
      remedy: 'skillos temporal setup',
    });
  return problems;
}

/** Nothing for a version that is not given. */
export function versionProblems(version: string): readonly Problem[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return [];
  const [minMajor, minMinor] = MIN_SERVER;
  const isRecent = Number(major) > minMajor || (Number(major) === minMajor && Number(minor) >= minMinor);
  if (isRecent) return [];
  const message = `The Temporal server is ${version}: expected at least ${MIN_SERVER.join('.')}, for priorities of jobs`;
  return [{ message, remedy: 'Upgrade the Temporal server' }];
}

async function workers(temporal: Temporal): Promise<readonly Problem[]> {
  const lost = (await listBuilds(temporal)).filter(({ waiting }) => waiting > 0);
  const problems: Problem[] = lost.map(({ id, waiting }) => ({
    message: `${waiting} runs wait for a worker of build "${id}", and none polls their queue`,
    remedy: 'Start a worker of that build, or move its runs to another one: docs/production.md, upgrade',
  }));
  const stuck = await runsWithoutProgress(fleetOf(temporal));
  if (stuck > 0)
    problems.push({
      message: `${stuck} runs make no progress, because workers fail in their workflow code`,
      remedy: 'After an upgrade, start workers of the earlier release again: docs/production.md, upgrade',
    });
  if (await hasWorker(temporal)) return problems;
  const message = `No worker serves the queue "${temporal.target.taskQueue}"`;
  const remedy = 'skillos worker, with the same root, storage and server key';
  return [{ message, remedy }, ...problems];
}
