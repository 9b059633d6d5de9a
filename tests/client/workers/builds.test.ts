/** Builds of workers, as a server of the test describes them. */
import { ServiceError } from '@temporalio/client';
import { diagnose } from '../../../client/doctor/diagnose.ts';
import { temporalChecks } from '../../../client/doctor/temporal-checks.ts';
import { hasWorker } from '../../../client/temporal/connection.ts';
import type { Temporal } from '../../../client/temporal/connection.ts';
import { listBuilds } from '../../../client/workers/builds.ts';
import { promoteBuild, promoteFirst } from '../../../client/workers/promote.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { Journal } from '../../../core/storage/journal.ts';
import { aRights } from '../../support/builders.ts';
import { memoryJournal } from '../../support/memory-journal.ts';

const SECONDS = 1_795_977_990;
const SINCE = { seconds: SECONDS, nanos: 0 };
const VERSIONED = 2;
const STATUS = { inactive: 1, current: 2, draining: 4, drained: 5 } as const;

interface Server {
  readonly builds?: Readonly<Record<string, keyof typeof STATUS>>;
  /** The build of each worker that polls; an empty text for one without versioning. */
  readonly polling?: readonly string[];
  readonly current?: string;
  /** Open runs of each draining or current build. */
  readonly runs?: number;
  /** Runs whose workflow tasks fail; undefined if the server does not know of such. */
  readonly stuck?: number;
  /** The build of a run. */
  readonly pinned?: string;
  /** Where an operator has moved it. */
  readonly moved?: object;
  /** The code and text with which it refuses a promotion. */
  readonly refuses?: readonly [code: number, details: string];
}

function grpcError([code, details]: readonly [number, string]): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('The call failed', { cause });
}

function serve({ builds, polling = [], current, runs = 0, stuck, pinned, moved, refuses }: Server) {
  const promoted: string[] = [];
  const versionSummaries = Object.entries(builds ?? {}).map(([buildId, state]) => ({
    deploymentVersion: { buildId },
    status: STATUS[state],
    createTime: SINCE,
  }));
  const currentDeploymentVersion = current === undefined ? undefined : { buildId: current };
  const workflowService = {
    async describeWorkerDeployment() {
      if (builds === undefined) throw grpcError([5, 'no Worker Deployment found']);
      const routingConfig = {
        currentDeploymentVersion,
        ...(current && { currentVersionChangedTime: SINCE }),
      };
      return { workerDeploymentInfo: { versionSummaries, routingConfig } };
    },
    async setWorkerDeploymentCurrentVersion({ buildId }: { buildId: string }) {
      if (refuses !== undefined) throw grpcError(refuses);
      promoted.push(buildId);
    },
    async describeTaskQueue() {
      const pollers = polling.map((buildId) =>
        buildId === '' ? {} : { deploymentOptions: { buildId, workerVersioningMode: VERSIONED } },
      );
      return { pollers, versioningInfo: currentDeploymentVersion && { currentDeploymentVersion } };
    },
    async countWorkflowExecutions() {
      if (stuck === undefined) throw grpcError([3, 'invalid query: column name is not defined']);
      return { count: stuck };
    },
    describeNamespace: async () => ({}),
    getSystemInfo: async () => ({}),
  };
  const versioningInfo = { deploymentVersion: { buildId: pinned }, versioningOverride: moved };
  const workflow = {
    count: async (query: string) => ({ count: query.includes('TaskQueue = "skillos"') ? runs : 0 }),
    getHandle: () => ({ describe: async () => ({ raw: { workflowExecutionInfo: { versioningInfo } } }) }),
  };
  const target = { address: 'a:1', namespace: 'default', taskQueue: 'skillos', local: false };
  const client = { workflowService, workflow };
  const temporal = { client, target, close: async () => undefined } as unknown as Temporal;
  const fleet = { service: workflowService as never, ...target };
  return { temporal, fleet, promoted };
}

const ports = () => ({ journal: memoryJournal(), now: () => SECONDS * 1000, tenant: 'default' });
const actor = { rights: aRights(), way: 'cli' } as const;

test('lists builds with their state, open runs and workers', async () => {
  const { temporal } = serve({
    builds: { b: 'current', a: 'draining', z: 'drained', c: 'inactive' },
    polling: ['b', 'c', ''],
    runs: 3,
  });
  const since = new Date(SECONDS * 1000).toISOString();
  const found = await listBuilds(temporal);
  expect(found.map(({ id, state, runs, hasWorker: has }) => [id, state, runs, has])).toEqual([
    ['b', 'current', 3, true],
    ['a', 'draining', 3, false],
    ['z', 'drained', 0, false],
    ['c', 'inactive', 3, true],
  ]);
  expect(found.at(-1)?.since).toBe(since);
  expect(await listBuilds(serve({}).temporal)).toEqual([]);
});

test.each<[string, boolean, Server]>([
  ['a queue without workers', false, {}],
  ['a worker without versioning', true, { polling: [''] }],
  ['a worker without versioning, after a build was promoted', false, { polling: [''], current: 'a' }],
  ['a worker of the current build', true, { polling: ['a'], current: 'a' }],
  ['a worker of another build', false, { polling: ['b'], current: 'a' }],
  ['a worker of the build of the run', true, { polling: ['b'], current: 'a', pinned: 'b' }],
  [
    'a worker of the current build, not of that of the run',
    false,
    { polling: ['a'], current: 'a', pinned: 'b' },
  ],
  [
    'a worker of the current build, to which the run was moved,',
    true,
    { polling: ['a'], current: 'a', pinned: 'b', moved: { autoUpgrade: true } },
  ],
  [
    'a worker of the build to which the run was moved',
    true,
    { polling: ['c'], current: 'a', pinned: 'b', moved: { pinned: { version: { buildId: 'c' } } } },
  ],
])('%s serves: %j', async (_, isServed, server) => {
  expect(await hasWorker(serve(server).temporal, { runId: 'a.x-1' })).toBe(isServed);
});

test('doctor names a build whose runs have no worker', async () => {
  const { temporal } = serve({
    builds: { b: 'current', a: 'draining' },
    polling: ['b'],
    current: 'b',
    runs: 2,
  });
  const found = await diagnose(temporalChecks(async () => temporal));
  expect(found.find(({ check }) => check === 'workers')?.problems).toMatchObject([
    { message: '2 runs wait for a worker of build "a", and none polls their queue' },
  ]);
});

test('doctor counts runs whose workflow tasks fail', async () => {
  const { temporal } = serve({ polling: [''], stuck: 3 });
  const found = await diagnose(temporalChecks(async () => temporal));
  expect(found.find(({ check }) => check === 'workers')?.problems).toMatchObject([
    { message: '3 runs make no progress, because workers fail in their workflow code' },
  ]);
});

describe('promoteBuild', () => {
  const builds = { b: 'inactive', a: 'current' } as const;
  const promote = (server: Server, build: string) => {
    const { temporal, promoted } = serve({ builds, current: 'a', ...server });
    return promoteBuild(ports(), temporal, { build, actor }).then((before) => ({ before, promoted }));
  };

  test('makes a build current', async () => {
    expect(await promote({ polling: ['b'] }, 'b')).toEqual({ before: 'a', promoted: ['b'] });
  });

  const auditOf = async (journal: Journal) =>
    (await journal.read('audit/default')).entries.map(({ action, reason }) => [action, reason]);

  test('is in the audit log before Temporal is told, and promotes nothing without', async () => {
    const { temporal, promoted } = serve({ builds, current: 'a', polling: ['b'] });
    const full = () => Promise.reject(new SkillosError('storage_full', 'No room'));
    const journal = { ...memoryJournal(), append: full };
    const promoting = promoteBuild({ ...ports(), journal }, temporal, { build: 'b', actor });
    await expect(promoting).rejects.toMatchObject({ code: 'storage_full' });
    const { fleet, promoted: first } = serve({});
    await expect(promoteFirst({ ...ports(), journal }, fleet, 'a')).rejects.toMatchObject({
      code: 'storage_full',
    });
    expect([promoted, first]).toEqual([[], []]);
  });

  test('a refusal follows its entry in the audit log', async () => {
    const { temporal } = serve({
      builds,
      current: 'a',
      polling: ['b'],
      refuses: [9, 'conflict token mismatch'],
    });
    const own = ports();
    await expect(promoteBuild(own, temporal, { build: 'b', actor })).rejects.toMatchObject({
      code: 'build_conflict',
    });
    expect(await auditOf(own.journal)).toEqual([
      ['build_promoted', undefined],
      ['build_promotion_failed', 'build_conflict'],
    ]);
  });

  test('changes nothing for the current build', async () => {
    expect(await promote({ polling: ['a'] }, 'a')).toEqual({ before: 'a', promoted: [] });
  });

  test.each<[string, string, Server]>([
    ['unknown_build', 'c', {}],
    ['build_not_served', 'b', { polling: ['a', ''] }],
    ['build_not_served', 'b', { polling: ['b'], refuses: [9, 'missing active task queues'] }],
    ['build_conflict', 'b', { polling: ['b'], refuses: [9, 'conflict token mismatch'] }],
    ['unknown_build', 'b', { polling: ['b'], refuses: [5, 'not found'] }],
    ['engine_unreachable', 'b', { polling: ['b'], refuses: [14, 'away'] }],
  ])('rejects with %s for build "%s"', async (code, build, server) => {
    await expect(promote(server, build)).rejects.toMatchObject({ code });
  });
});

describe('promoteFirst', () => {
  test('makes the first build current, and leaves later ones', async () => {
    const first = serve({});
    expect(await promoteFirst(ports(), first.fleet, 'a')).toBe('a');
    expect(first.promoted).toEqual(['a']);
    const later = serve({ builds: { a: 'current' }, current: 'a' });
    expect(await promoteFirst(ports(), later.fleet, 'b')).toBe('a');
    expect(later.promoted).toEqual([]);
  });

  test('names the setting where the server has no Worker Deployments', async () => {
    const { fleet } = serve({ refuses: [12, 'unknown method'] });
    await expect(promoteFirst(ports(), fleet, 'a')).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
