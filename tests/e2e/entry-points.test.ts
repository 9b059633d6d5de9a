/** Every way into a run passes the same gates: where the policies deny, none of them executes anything. */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../adapters/package.ts';
import { connectTemporal } from '../../client/connection.ts';
import { PERMISSION_FILE } from '../../core/permission-file.ts';
import { openApi } from '../support/api.ts';
import type { TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { runCli } from '../support/run-cli.ts';
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
let api: TestApi;
let mark: string;
/** A run from before the policies. */
let earlier: string;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
  await deployment.startWorker();
  const { target } = deployment.temporal;
  api = await openApi(deployment.root, { connect: () => connectTemporal(target) });
  mark = join(deployment.root, 'mark');
  const first = await runCli(['run-skill', 'test/mark', '--payload', mark, '--json'], {
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
  const { code, stderr } = await runCli(argv, { env: deployment.env });
  expect([code, stderr, existsSync(mark)]).toEqual([3, expect.stringContaining('held:by:nobody'), false]);
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
      'client/runs.ts',
    ]);
  });

  test('offers a command that executes', () => {
    const offering = filesWith(/extends RunningCommand|from '.*client\/rerun\.ts'/);
    expect(offering.filter((file) => file.startsWith('cli/commands/'))).toEqual(Object.keys(COMMANDS).sort());
  });

  test('offers an endpoint that executes', () => {
    expect(filesWith(/from '\.\.\/execute\.ts'/)).toEqual(['server/routes/run.ts']);
    const source = readFileSync(packageFile('server/routes/run.ts'), 'utf8');
    expect([...source.matchAll(/method: 'POST'/g)]).toHaveLength(Object.keys(REQUESTS).length);
  });

  test('runs skill code for a run', () => {
    expect(filesWith(/host\.run\(/).filter((file) => !file.startsWith('adapters/'))).toEqual([
      'activities/skill.ts',
    ]);
  });
});
