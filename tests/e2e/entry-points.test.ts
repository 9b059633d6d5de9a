/** Every way into a run passes the same gates: where the policies deny, none of them executes anything. */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../adapters/machine/package.ts';
import { PERMISSION_FILE } from '../../core/rights/permission-file.ts';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos } from '../support/skillos-process.ts';
import { writeFiles } from '../support/write-files.ts';

const SKILLS = {
  'test/mark': {
    code: `
import { writeFileSync } from 'node:fs';
export function run(file: string) { writeFileSync(file, 'x'); return file; }`,
    manifest: 'examples: [Leave a mark, Mark it]\n',
  },
};
const DENY_ALL = { policies: [{ skill_id: '*', required_permissions: ['held:by:nobody'] }] };

let deployment: Deployment;
let api: BuiltServer;
let mark: string;
/** A run from before the policies. */
let earlier: string;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
  await deployment.startWorker();
  api = await serveBuilt(deployment.env);
  mark = join(deployment.root, 'mark');
  const first = await skillos(['run-skill', 'test/mark', '--payload', mark, '--json'], {
    env: deployment.env,
  });
  earlier = (JSON.parse(first.stdout) as { run_id: string }).run_id;
  rmSync(mark);
  writeFiles(deployment.root, { [PERMISSION_FILE]: JSON.stringify(DENY_ALL) });
});

afterAll(async () => {
  await api.close();
  await deployment.close();
});

/** By the file that offers it. */
const COMMANDS: Readonly<Record<string, () => readonly string[]>> = {
  'cli/commands/run.ts': () => [
    'run',
    'Leave a mark',
    '--skill',
    'test/mark',
    '--execute',
    '--payload',
    mark,
  ],
  'cli/commands/run-skill.ts': () => ['run-skill', 'test/mark', '--payload', mark],
  'cli/commands/pipeline/run.ts': () => ['pipeline', 'run', '--step', 'test/mark', '--payload', mark],
  'cli/commands/runs/rerun.ts': () => ['runs', 'rerun', earlier],
};

test.each(Object.keys(COMMANDS))('%s runs nothing that the policies deny', async (file) => {
  const argv = (COMMANDS[file] as () => readonly string[])();
  const { code, stderr } = await skillos(argv, { env: deployment.env });
  expect([code, stderr, existsSync(mark)]).toEqual([3, expect.stringContaining('held:by:nobody'), false]);
});

test.each([
  ['job', 'enqueue', 'test/mark', '--payload'],
  ['pipeline', 'run', '--job', '--step', 'test/mark', '--payload'],
])('skillos %s %s enqueues a job that the policies deny when it runs', async (...argv) => {
  const enqueued = await skillos([...argv, mark], { env: deployment.env });
  const id = /^job_enqueued: (\S+)\n$/.exec(enqueued.stdout)?.[1] ?? '';
  const { stdout } = await skillos(['job', 'work'], { env: deployment.env });
  expect([stdout, existsSync(mark)]).toEqual([`job_failed: ${id}\n`, false]);
  const { stdout: shown } = await skillos(['job', 'show', id, '--json'], { env: deployment.env });
  expect(JSON.parse(shown)).toMatchObject({ status: 'blocked', reason: 'permission_denied' });
});

test('a webhook enqueues a job that the policies deny when it runs', async () => {
  const webhooks = [{ id: 'mark', skill_id: 'test/mark' }];
  writeFiles(deployment.root, {
    'triggers/webhooks.json': JSON.stringify({ webhooks }),
    'body.json': JSON.stringify({ payload: mark }),
  });
  const env = { ...deployment.env, SKILLOS_WEBHOOK_ALLOW_UNSIGNED: '1' };
  const argv = ['webhook', 'handle', '--id', 'mark', '--path', join(deployment.root, 'body.json')];
  const enqueued = await skillos(argv, { env });
  const id = /^webhook_enqueued: (\S+)\n$/.exec(enqueued.stdout)?.[1] ?? '';
  const { stdout } = await skillos(['job', 'work'], { env });
  expect([stdout, existsSync(mark)]).toEqual([`job_failed: ${id}\n`, false]);
});

/** By its path. */
const REQUESTS: Readonly<Record<string, () => readonly [string, object]>> = {
  '/run': () => ['/run', { query: 'Leave a mark', skill: 'test/mark', execute: true, approval: 'approved' }],
  '/skills/{id}/run': () => ['/skills/test/mark/run', { payload: mark }],
  '/pipelines/run': () => ['/pipelines/run', { steps: ['test/mark'], payload: mark }],
  '/runs/{id}/rerun': () => [`/runs/${earlier}/rerun`, {}],
};

test.each(Object.keys(REQUESTS))('POST %s runs nothing that the policies deny', async (endpoint) => {
  const [path, body] = (REQUESTS[endpoint] as () => readonly [string, object])();
  const { status, body: answer } = await api.post(path, body);
  const reason = answer['reason'] ?? answer['code'];
  expect([status, reason, existsSync(mark)]).toEqual([403, 'permission_denied', false]);
});

describe('no other way', () => {
  const files = ['cli', 'client', 'server', 'activities', 'temporal-dev'].flatMap((folder) =>
    readdirSync(packageFile(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  const filesWith = (pattern: RegExp) =>
    files.filter((file) => pattern.test(readFileSync(packageFile(file), 'utf8'))).sort();

  test('starts a workflow', () => {
    expect(filesWith(/workflow\s*\.(start|execute|signalWithStart|\w*[uU]pdateWithStart)\(/)).toEqual([
      'client/submit/start-workflow.ts',
    ]);
  });

  test('routes, previews or starts but through client/submit', () => {
    const inside =
      /\b(startRun|checkStartRequest|previewRun|bindToPlan|readRerun|splitQuery|routingEvents|routeCached|routeFor)\(/;
    expect(filesWith(inside).filter((file) => !file.startsWith('client/submit/'))).toEqual([
      'client/schedules/add.ts', // checks the request that a new schedule keeps
    ]);
  });

  test('submits', () => {
    expect(filesWith(/from '.*\/submit\.ts'/)).toEqual([
      'cli/running/submit-run.ts',
      'client/jobs/enqueue.ts',
      'client/submit/repeat-runs.ts',
      'server/execute.ts',
      'server/ui/run-actions.ts', // runs again from the page of a run
    ]);
  });

  test('offers a command that executes', () => {
    const offering = filesWith(/running = runOptions\(\)|\b(runAndPrint|submitQuery|repeatRuns)\(/);
    expect(offering.filter((file) => file.startsWith('cli/commands/'))).toEqual(Object.keys(COMMANDS).sort());
  });

  test('offers a command that enqueues', () => {
    const offering = filesWith(/\b(enqueueAndPrint|requeueJob|requeueDead)\(/);
    expect(offering.filter((file) => file.startsWith('cli/commands/'))).toEqual([
      'cli/commands/job/dead.ts',
      'cli/commands/job/enqueue.ts',
      'cli/commands/job/requeue.ts',
      'cli/commands/pipeline/run.ts',
    ]);
  });

  test('offers to enqueue deliveries', () => {
    expect(filesWith(/\b(handleDelivery|replayDelivery)\(webhookPorts/)).toEqual([
      'cli/commands/webhook/deliveries/replay.ts',
      'cli/commands/webhook/handle.ts',
      'server/routes/webhooks.ts',
    ]);
  });

  test('offers an endpoint that executes', () => {
    expect(filesWith(/from '\.\.\/execute\.ts'/)).toEqual([
      'server/routes/jobs.ts',
      'server/routes/run.ts',
      'server/routes/webhooks.ts', // the caller who replays a delivery
      'server/ui/run-actions.ts',
    ]);
    const source = readFileSync(packageFile('server/routes/run.ts'), 'utf8');
    expect([...source.matchAll(/method: 'POST'/g)]).toHaveLength(Object.keys(REQUESTS).length);
  });

  test('runs skill code for a run', () => {
    expect(filesWith(/host\.run\(/).filter((file) => !file.startsWith('adapters/'))).toEqual([
      'activities/skill.ts',
    ]);
  });
});
