/** A deployment that keeps its state in Postgres, as its users run it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const ECHO = `export async function run(text: string) {
  console.log('heard ' + text.length);
  return text;
}`;

let server: TestPostgres;
let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  server = await startPostgres();
  const settings = {
    SKILLOS_STORAGE_BACKEND: 'postgres',
    DATABASE_URL: server.dsn,
    SKILLOS_POSTGRES_SCHEMA: 'Team_1',
  };
  deployment = await openDeployment(rootWith({ 'test/echo': { code: ECHO } }), settings);
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

const run = (...argv: readonly string[]) => skillos(argv, { env: deployment.env });

test('runs a skill, lists it and shows what it printed, with no state on files', async () => {
  const ran = await run('run-skill', 'test/echo', '--payload', 'hello');
  expect(ran).toMatchObject({ code: 0, stdout: 'hello\n' });
  const listed = await run('runs', 'list');
  expect(listed.stdout).toMatch(/test\.echo-\S+ +success/);
  const id = /test\.echo-\S+/.exec(listed.stdout)?.[0] ?? '';
  expect((await run('runs', 'logs', id)).stdout).toContain('heard 5');
  expect((await run('runs', 'show', id, '--json')).stdout).toContain('"status": "success"');
  await expect(server.query(`SELECT kind FROM "Team_1".records`)).resolves.toContainEqual({ kind: 'runs' });
  expect(existsSync(join(deployment.root, 'runtime', 'records'))).toBe(false);
  expect(readdirSync(join(deployment.root, 'logs'))).toEqual(['execution.log']);
});

test('carries a large payload and a large result through the database', async () => {
  const payload = 'x'.repeat(100_000);
  const { stdout } = await skillos(['run-skill', 'test/echo', '--payload', '-'], {
    env: deployment.env,
    stdin: payload,
  });
  expect(stdout).toBe(`${payload}\n`);
  expect(existsSync(join(deployment.root, 'runtime', 'blobs'))).toBe(false);
});

test('ends with storage_unreachable and without a secret where the database is away', async () => {
  const DATABASE_URL = server.dsn.replace(/:\d+\//, ':1/');
  const away = await skillos(['runs', 'list'], { env: { ...deployment.env, DATABASE_URL } });
  expect(away).toMatchObject({ code: 7, stdout: '' });
  expect(away.stderr).toMatch(
    /^Error: Cannot use Postgres: the server does not answer \(ECONNREFUSED\) \(storage_unreachable\)\n/,
  );
  expect(away.stderr).not.toContain(server.password);
  const shown = await run('config', '--json');
  expect(shown.stdout).not.toContain(server.password);
});
