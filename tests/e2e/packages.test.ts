/** Packages of the marketplace by the real way: installed, run, checked and tested by the built program. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openDeployment } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { CATALOGUE, FIXTURE_KEY_ID, MARKETPLACE } from '../support/marketplace-fixtures.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const TEST = `
import assert from 'node:assert';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { run } from '../../implementations/community/hello.ts';
test('greets', () => assert.equal(run('Ada'), 'Hello, Ada!'));
test('runs in the sandbox', () => assert.equal(existsSync('/etc/passwd'), false));
`;

let deployment: Deployment;

beforeAll(async () => {
  const root = tempFolder();
  writeFiles(root, {
    'marketplace/keys.json': readFileSync(path.join(MARKETPLACE, 'keys.json'), 'utf8'),
    'tests/community/hello.test.ts': TEST,
  });
  deployment = await openDeployment(root);
  const install = ['marketplace', 'install', 'community/hello', '--catalog', CATALOGUE, '--yes'];
  const { code, stderr } = await skillos(install, deployment);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('sandbox_unavailable')]);
  await deployment.startWorker();
});

afterAll(() => deployment.close());

test('a package runs', async () => {
  const { code, stdout } = await skillos(['run-skill', 'community/hello', '--payload', 'Ada'], deployment);
  expect([code, stdout]).toEqual([0, expect.stringContaining('Hello, Ada!')]);
});

test('its entrypoint is checked, and its schemas are compared', async () => {
  expect(await skillos(['validate', '--check-entrypoints'], deployment)).toMatchObject({ code: 0 });
  expect(await skillos(['sync-meta', '--check'], deployment)).toMatchObject({ code: 0 });
});

test('its tests run in the sandbox', async () => {
  const { code, stdout } = await skillos(['test', 'community/hello'], deployment);
  expect([code, stdout]).toEqual([0, expect.stringContaining('community/hello')]);
});

test('without a sandbox it does not run, and doctor says so', async () => {
  const env = { ...deployment.env, PATH: tempFolder() };
  const checked = await skillos(['validate', '--check-entrypoints'], { env });
  expect([checked.code, checked.stdout + checked.stderr]).toEqual([
    1,
    expect.stringContaining('The sandbox does not start here'),
  ]);
  const { stdout } = await skillos(['doctor', '--quiet'], { env });
  expect(stdout).toContain('✗ sandbox: The sandbox does not start here');
});

test('once its key is revoked it does not run, nor is an earlier run repeated', async () => {
  const first = await skillos(['run-skill', 'community/hello', '--payload', 'Ada', '--json'], deployment);
  const { run_id: runId } = JSON.parse(first.stdout) as { readonly run_id: string };
  expect((await skillos(['marketplace', 'keys', 'revoke', FIXTURE_KEY_ID], deployment)).code).toBe(0);
  for (const command of [
    ['run-skill', 'community/hello'],
    ['runs', 'rerun', runId],
  ]) {
    const { code, stdout } = await skillos([...command, '--json'], deployment);
    expect([command, code === 0, stdout]).toEqual([command, false, expect.stringContaining('key_revoked')]);
  }
});
