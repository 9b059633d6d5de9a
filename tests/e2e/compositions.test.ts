/** Compositions from the outside: composed, tested, activated, routed to, run as one plan; and runs recorded and replayed. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { runCli } from '../support/run-cli.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const SKILLS = {
  'text/upper': { code: 'export const run = (text: string) => text.toUpperCase();' },
  'text/quote': { code: "export const run = (text: string) => '<' + text + '>';" },
  'text/length': { code: 'export const run = (text: string) => text.length;' },
  'text/fail': { code: "export const run = () => { throw new Error('no luck'); };" },
  'text/secret': {
    code: "export const run = (text: string) => 'secret ' + text;",
    manifest: 'permissions: [secret:read]\n',
  },
  'clock/now': { code: "export const run = (zone: string) => zone + ' ' + new Date().toISOString();" },
};

/** Each command is a process of its own, and the machine may be busy. */
const MANY_PROCESSES_MS = 90_000;

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

const call = (...argv: readonly string[]) => runCli(argv, { env: deployment.env });

async function json(...argv: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await call(...argv, '--json')).stdout) as Record<string, unknown>;
}

const compose = (id: string, ...steps: readonly string[]) =>
  call('compose-skill', id, ...steps.flatMap((step) => ['--step', step]));

/** Composed, tested, approved. */
async function activated(id: string, ...steps: readonly string[]): Promise<void> {
  await compose(id, ...steps);
  await call('test', id);
  const { code, stderr } = await call('activate-skill', id, '--approval', 'approved');
  if (code !== 0) throw new Error(stderr);
}

const runs = () => {
  const folder = join(deployment.root, 'runtime/records/runs');
  return existsSync(folder) ? readdirSync(folder).length : 0;
};

test(
  'a composition goes from composed to active, and says at each stage what is missing',
  async () => {
    expect(await compose('c/shout', 'text/upper', 'text/quote')).toMatchObject({
      code: 0,
      stdout: 'composed_skill_created: c/shout version=0.1.0\n',
    });
    const before = runs();
    expect(await call('run-skill', 'c/shout', '--payload', 'hi')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('"c/shout" 0.1.0 is not active: it was never activated'),
    });
    expect(runs()).toBe(before);
    expect(await call('activate-skill', 'c/shout', '--approval', 'approved')).toMatchObject({
      code: 1,
      stdout: 'tests_required: c/shout\n',
    });
    expect(await call('test', 'c/shout', '--payload', 'hi')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^<HI>\ntest_passed: c\/shout\ncoverage_written: .*c_shout\.json\n$/),
    });
    expect(await call('activate-skill', 'c/shout')).toMatchObject({
      code: 4,
      stdout: 'approval_required: c/shout\n',
    });
    expect(await call('activate-skill', 'c/shout', '--approval', 'denied')).toMatchObject({
      code: 3,
      stdout: 'approval_denied: c/shout\n',
    });
    expect(await call('activate-skill', 'c/shout', '--approval', 'approved')).toMatchObject({
      code: 0,
      stdout: 'activation_success: c/shout\n',
    });
    expect(await call('run-skill', 'c/shout', '--payload', 'hi')).toMatchObject({
      code: 0,
      stdout: '<HI>\n',
    });
  },
  MANY_PROCESSES_MS,
);

test(
  'compositions of compositions run as one plan, also as a step of a pipeline',
  async () => {
    await activated('c/inner', 'text/upper|text/quote');
    await activated('c/outer', 'c/inner', 'text/length');
    const run = await json('run-skill', 'c/outer', '--payload', 'abc');
    expect(run).toMatchObject({ status: 'success', skill: 'c/outer', result: 9 }); // ABC, a line break, <abc>
    expect(run['steps']).toMatchObject([
      { skill: 'text/upper' },
      { skill: 'text/quote' },
      { skill: 'text/length' },
    ]);
    const steps = ['--step', 'c/inner', '--step', 'text/quote'];
    expect(await call('pipeline', 'run', ...steps, '--payload', 'x')).toMatchObject({ stdout: '<X\n<x>>\n' });
  },
  MANY_PROCESSES_MS,
);

test('routing sees active ones only', async () => {
  await call('compose-skill', 'c/zebra', '--step', 'text/upper', '--description', 'Draw zebras and giraffes');
  const route = async () => (await json('run', 'draw a zebra and a giraffe'))['skill'];
  expect(await route()).not.toBe('c/zebra');
  await call('test', 'c/zebra');
  await call('activate-skill', 'c/zebra', '--approval', 'approved');
  expect(await route()).toBe('c/zebra');
  await compose('c/zebra', 'text/quote');
  expect(await route()).not.toBe('c/zebra');
});

test(
  'a composition that was edited by hand runs nowhere until somebody has looked',
  async () => {
    await activated('c/edited', 'text/upper');
    const file = join(deployment.root, 'compositions/c/edited.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('text/upper', 'text/quote'));
    expect(await call('run-skill', 'c/edited')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it was edited after its activation'),
    });
    expect((await call('validate')).stdout).toContain('edited after its activation');
    expect((await call('activate-skill', 'c/edited', '--approval', 'approved')).stdout).toBe(
      'tests_required: c/edited\n',
    );
    await call('test', 'c/edited');
    expect((await call('activate-skill', 'c/edited', '--approval', 'approved')).code).toBe(0);
    expect(await call('run-skill', 'c/edited', '--payload', 'x')).toMatchObject({ stdout: '<x>\n' });
    const { items } = await json('versions', 'list', 'c/edited');
    expect(items).toMatchObject([
      { version: '0.1.0', state: '' },
      { version: '0.1.1', state: 'active', origin: 'edited by hand' },
    ]);
  },
  MANY_PROCESSES_MS,
);

test('the report counts for the code that was tested alone', async () => {
  await compose('c/stale', 'text/upper');
  await call('test', 'c/stale');
  const file = join(deployment.root, 'implementations/text/upper.ts');
  const code = readFileSync(file, 'utf8');
  writeFileSync(file, `${code}// edited\nexport const more = 1;\n`);
  try {
    expect((await call('activate-skill', 'c/stale', '--approval', 'approved')).stdout).toBe(
      'tests_required: c/stale\n',
    );
  } finally {
    writeFileSync(file, code);
  }
  expect((await call('activate-skill', 'c/stale', '--approval', 'approved')).code).toBe(0);
});

test('a failing test is exit 1 and lets nothing run', async () => {
  await compose('c/failing', 'text/upper', 'text/fail');
  expect(await call('test', 'c/failing')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^test_failed: c\/failing\n/),
    stderr: expect.stringContaining('no luck'),
  });
  expect((await call('activate-skill', 'c/failing', '--approval', 'approved')).code).toBe(1);
});

test(
  'who may not run a part of a composition may not run it, and nothing of it runs',
  async () => {
    await activated('c/mixed', 'text/upper', 'text/secret');
    const policies = join(deployment.root, 'policies');
    mkdirSync(policies, { recursive: true });
    const roles = { viewer: ['runs:read'], admin: ['secret:read', 'runs:read'] };
    writeFileSync(join(policies, 'permission_policies.json'), JSON.stringify({ roles, policies: [] }));
    try {
      expect(await call('run-skill', 'c/mixed', '--payload', 'x', '--role', 'viewer')).toMatchObject({
        code: 3,
        stdout: 'blocked: permission_denied\n',
      });
      expect((await call('auth', 'can-i', 'run', 'c/mixed', '--role', 'viewer')).code).toBe(3);
      expect(await call('run-skill', 'c/mixed', '--payload', 'x', '--role', 'admin')).toMatchObject({
        stdout: 'secret X\n',
      });
    } finally {
      rmSync(policies, { recursive: true });
    }
  },
  MANY_PROCESSES_MS,
);

test(
  'a rollback brings the old steps back, and the test they passed still counts',
  async () => {
    await activated('c/back', 'text/upper');
    await activated('c/back', 'text/quote');
    expect(await call('versions', 'rollback', 'c/back')).toMatchObject({
      stdout: 'composition_rolled_back: c/back version=0.1.2\n',
    });
    expect((await call('run-skill', 'c/back')).code).toBe(1);
    expect((await call('activate-skill', 'c/back', '--approval', 'approved')).code).toBe(0);
    expect(await call('run-skill', 'c/back', '--payload', 'x')).toMatchObject({ stdout: 'X\n' });
    expect((await call('versions', 'diff', 'c/back')).stdout).toBe(
      '--- c/back 0.1.1\n+++ c/back 0.1.2\n- text/quote\n+ text/upper\n',
    );
  },
  MANY_PROCESSES_MS,
);

test(
  'a run becomes a recording that is replayed at the time of then',
  async () => {
    const { run_id: runId, result } = await json('run-skill', 'clock/now', '--payload', 'UTC');
    const recorded = await call('record', String(runId));
    expect(recorded).toMatchObject({ code: 0, stdout: expect.stringMatching(/^run_recorded: /) });
    const folder = join(deployment.root, 'tests/fixtures/clock/now');
    const file = join(folder, `${String(runId)}.json`);
    const recording = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(recording).toMatchObject({
      schema: 'skillos.recording/v1',
      skill: 'clock/now',
      run: runId,
      input: 'UTC',
      exchanges: [],
      output: result,
    });
    expect((await call('record', String(runId))).code).toBe(1); // it is there already
    // To the millisecond no clock goes alike: what is compared is the minute.
    writeFileSync(join(deployment.root, 'implementations/clock/now.ts'), MINUTE);
    writeFileSync(
      file,
      JSON.stringify({ ...recording, at: '2001-02-03T04:05:06.000Z', output: 'UTC 2001-02-03T04:05' }),
    );
    expect(await call('test', 'clock/now')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('ok   recording'),
    });
  },
  MANY_PROCESSES_MS,
);

const MINUTE = "export const run = (zone: string) => zone + ' ' + new Date().toISOString().slice(0, 16);";

test.each([
  [
    'a pipeline',
    ['pipeline', 'run', '--step', 'text/upper', '--step', 'text/quote'],
    'it ran several skills',
  ],
  ['a failed run', ['run-skill', 'text/fail'], 'it ended error'],
])('%s is not recorded', async (_, argv, why) => {
  const { run_id: runId } = await json(...argv);
  expect(await call('record', String(runId))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(why),
  });
});

test(
  'what needs no Temporal works without it',
  async () => {
    const env = { ...deployment.env, TEMPORAL_ADDRESS: await deadAddress() };
    for (const argv of [
      ['compose-skill', 'c/dead', '--step', 'text/upper'],
      ['test', 'c/dead'],
      ['activate-skill', 'c/dead', '--approval', 'approved'],
      ['versions', 'list', 'c/dead'],
      ['versions', 'show', 'c/dead'],
    ]) {
      expect(await runCli(argv, { env })).toMatchObject({ code: 0 });
    }
    expect((await runCli(['run-skill', 'c/dead'], { env })).code).toBe(7);
  },
  MANY_PROCESSES_MS,
);
