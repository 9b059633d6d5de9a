/** Two hosts with folders of their own and one schema run what was deployed, also when one of them is killed. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveBuilt } from '../support/built-server.ts';
import { openDeployment, rootWith, writeSkill } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { httpServer } from '../support/http-server.ts';
import type { HttpServer } from '../support/http-server.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { runCli } from '../support/run-cli.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

let postgres: TestPostgres;
let server: HttpServer;
/** Of the operator: its folder is that from which is deployed. */
let operator: Deployment;
let first: SkillosProcess;
let second: SkillosProcess;
/** Environments of two hosts: one has an empty folder, the other skills of its own. */
let firstHost: Record<string, string>;
let secondHost: Record<string, string>;

/** The skills of a version: what they return names it, and so does the path of their connector. */
function writeVersion(root: string, version: string): void {
  writeSkill(root, 'test/say', { code: `export const run = (text: string) => '${version} ' + text;` });
  writeSkill(root, 'test/whose', {
    code: `export const run = () => '${version} of ' + process.ppid;`,
    manifest: 'side_effects: none\n',
  });
  writeSkill(root, 'test/erase', {
    code: `
export async function run(_text: string, ctx: any) {
  const { body } = await ctx.connectors.place.request({});
  return '${version} ' + body;
}`,
    manifest: 'side_effects: destructive\nconnectors: [place]\n',
  });
  writeSkill(root, 'test/wait', {
    code: `
import { existsSync, writeFileSync } from 'node:fs';
export async function run(folder: string) {
  writeFileSync(folder + '/begun', '');
  while (!existsSync(folder + '/go')) await new Promise((resolve) => setTimeout(resolve, 20));
  return '${version}';
}`,
    manifest: 'side_effects: none\n',
  });
  writeFiles(root, {
    'connectors/place.yaml': `id: place\ntype: http\nbase_url: ${server.url}/${version}\nallow_private: true\n`,
  });
}

beforeAll(async () => {
  [postgres, server] = await Promise.all([
    startPostgres(),
    httpServer((request, response) => void response.end(request.url)),
  ]);
  const settings = {
    SKILLOS_STORAGE_BACKEND: 'postgres',
    DATABASE_URL: postgres.dsn,
    SKILLOS_DEPLOYMENTS: '1',
  };
  operator = await openDeployment(rootWith({}), settings);
  const hostWith = (root: string) => ({
    ...operator.env,
    HOME: root,
    SKILLOS_ROOT: root,
    SKILLOS_CACHE_DIR: join(root, '.cache'),
    SKILLOS_STATE_DIR: join(root, '.state'),
  });
  firstHost = hostWith(tempFolder());
  secondHost = hostWith(rootWith({ 'test/say': { code: `export const run = () => 'of the second host';` } }));
  [first, second] = await Promise.all([startWorkerProcess(firstHost), startWorkerProcess(secondHost)]);
});

afterAll(async () => {
  for (const worker of [first, second]) worker.signal('SIGTERM');
  await Promise.all([first.ended, second.ended]);
  await operator.close();
  await server[Symbol.asyncDispose]();
});

async function cli(env: Record<string, string>, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(argv, { env });
  if (code !== 0 && code !== 4) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

async function start(env: Record<string, string>, skill: string, payload: string): Promise<string> {
  const text = await cli(env, 'run-skill', skill, '--payload', payload, '--detach', '--json');
  return (JSON.parse(text) as { run_id: string }).run_id;
}

async function resultOf(env: Record<string, string>, run: string): Promise<unknown> {
  const text = await cli(env, 'runs', 'watch', run, '--json');
  return (JSON.parse(text) as { result?: unknown }).result;
}

const say = (env: Record<string, string>) => cli(env, 'run-skill', 'test/say', '--payload', 'hi');

/** Waits until each worker has run the skills of the version. */
async function expectOfBoth(version: string): Promise<void> {
  const heard = new Set<string>();
  await eventually(async () => {
    heard.add(await cli(secondHost, 'run-skill', 'test/whose', '--payload', 'x'));
    for (const worker of [first, second]) expect(heard).toContain(`${version} of ${worker.pid}\n`);
  });
}

test('hosts start before anything is deployed, and say so', async () => {
  const refused = await runCli(['run-skill', 'test/say', '--payload', 'hi'], { env: secondHost });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('Nothing has been deployed yet');
  const api = await serveBuilt(firstHost);
  await expect(api.get('/skills')).resolves.toMatchObject({
    status: 503,
    body: { code: 'nothing_deployed' },
  });
  await api.close();
});

test('both hosts run what was deployed, whatever their folders hold', async () => {
  writeVersion(operator.root, 'v1');
  await cli(operator.env, 'deploy', '--message', 'the first');
  const runs = Array.from({ length: 8 }, (_, index) => say(index % 2 === 0 ? firstHost : secondHost));
  expect(new Set(await Promise.all(runs))).toEqual(new Set(['v1 hi\n']));
  await expectOfBoth('v1');
  await expect(cli(firstHost, 'skills', 'list')).resolves.toContain('test/erase');
});

test('runs keep their deployment when another is activated and their host is killed', async () => {
  const folder = tempFolder();
  const [parked, running] = await Promise.all([
    start(secondHost, 'test/erase', 'x'),
    start(secondHost, 'test/wait', folder),
  ]);
  await eventually(() => expect(existsSync(join(folder, 'begun'))).toBe(true));
  await eventually(async () =>
    expect(await cli(secondHost, 'approvals', 'list')).toContain(parked.slice(0, 20)),
  );
  writeVersion(operator.root, 'v2');
  await cli(operator.env, 'deploy');
  first.signal('SIGKILL');
  await first.ended;
  await expect(
    eventually(async () => expect(await say(secondHost)).toBe('v2 hi\n')),
  ).resolves.toBeUndefined();
  await cli(secondHost, 'approve', parked);
  writeFileSync(join(folder, 'go'), '');
  await expect(resultOf(secondHost, parked)).resolves.toBe('v1 /v1');
  await expect(resultOf(secondHost, running)).resolves.toBe('v1');
  first = await startWorkerProcess(firstHost);
});

test('a rollback under load fails no run, and both hosts see it', async () => {
  const api = await serveBuilt(firstHost);
  const over = new AbortController();
  const heard: string[] = [];
  const load = [firstHost, secondHost].map(async (env) => {
    while (!over.signal.aborted) heard.push(await say(env));
  });
  await eventually(() => expect(heard.length).toBeGreaterThan(4));
  const { body } = await api.post('/deployments/rollback', {});
  expect(body).toMatchObject({ status: 'rolled_back' });
  await eventually(() => expect(heard.at(-1)).toBe('v1 hi\n'));
  over.abort();
  await Promise.all(load);
  await expectOfBoth('v1');
  expect(heard.filter((each) => !/^v[12] hi\n$/.test(each))).toEqual([]);
  const runs = JSON.parse(
    await cli(firstHost, 'runs', 'list', '--skill', 'test/say', '--limit', '50', '--json'),
  ) as {
    items: readonly { status: string; requested_at: string; run_id: string }[];
  };
  expect(runs.items.filter(({ status }) => status !== 'success')).toEqual([]);
  await expect(api.get('/deployments')).resolves.toMatchObject({
    status: 200,
    body: { items: [{ active: false }, { active: true, message: 'the first' }] },
  });
  await expect(api.post('/skills/test/say/deprecate', { reason: 'old' })).resolves.toMatchObject({
    status: 409,
    body: { code: 'root_deployed' },
  });
  await expect(api.post('/validate', { check_entrypoints: true })).resolves.toMatchObject({
    status: 200,
    body: { valid: true, skills: 4 },
  });
  await api.close();
});

test('a worker that would run its folder does not start beside them', async () => {
  const { code, stderr } = await skillos(['worker'], { env: { ...secondHost, SKILLOS_DEPLOYMENTS: '0' } });
  expect(code).toBe(78);
  expect(stderr).toContain(
    'This process runs the files of its folder, and a worker of the same storage what was',
  );
});
