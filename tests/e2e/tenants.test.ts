/** Two tenants on one deployment: what one does is nothing that the other can see, change or count. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ENDPOINTS } from '../../server/routes/index.ts';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { commandsOfRuns } from '../support/run-commands.ts';
import { runCli } from '../support/run-cli.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { writeFiles } from '../support/write-files.ts';

/** Stands in everything that the one tenant does. */
const MARK = 'only-acme-knows';

const SKILLS = {
  'open/echo': { code: 'export const run = (text: string) => { console.log(text); return text; };' },
  'books/close': { code: "export const run = () => 'closed';", manifest: 'side_effects: destructive\n' },
  'acme/formula': {
    code: 'export const run = (text: string) => text;',
    manifest: 'examples: [What is the formula]\n',
  },
};

const POLICIES = JSON.stringify({
  roles: { boss: ['*'] },
  abac_policies: [
    { skill_id: 'acme/*', effect: 'allow', conditions: { tenant_id: 'acme' }, policy_id: 'own_skills' },
  ],
});

let deployment: Deployment;
let api: BuiltServer;
let ended: string;
let parked: string;

/** The same person with every right, in two tenants. */
const tokenOf = (tenant: string) => signToken({ sub: 'ann', roles: ['boss'], tenant_id: tenant });

async function as(tenant: string, ...argv: readonly string[]) {
  return runCli([...argv, '--jwt', await tokenOf(tenant)], { env: deployment.env });
}

async function itemsOf(tenant: string, ...argv: readonly string[]): Promise<readonly object[]> {
  const { code, stdout } = await as(tenant, ...argv, '--json');
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { readonly items: readonly object[] }).items;
}

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), { SKILLOS_JWT_SECRET: SECRET });
  writeFiles(deployment.root, { 'policies/permission_policies.json': POLICIES });
  await deployment.startWorker();
  api = await serveBuilt(deployment.env);
  const run = await as(
    'acme',
    'run-skill',
    'open/echo',
    '--payload',
    MARK,
    '--idempotency-key',
    'k',
    '--json',
  );
  ended = (JSON.parse(run.stdout) as { readonly run_id: string }).run_id;
  const waiting = await as('acme', 'run-skill', 'books/close', '--payload', MARK, '--json');
  parked = (JSON.parse(waiting.stdout) as { readonly run_id: string }).run_id;
  expect([run.code, waiting.code]).toEqual([0, 4]);
});

afterAll(async () => {
  await api.close();
  await deployment.close();
});

describe('a run of another tenant', () => {
  test(
    'is unknown to every command that takes a run',
    async () => {
      const commands = await commandsOfRuns();
      expect(commands.length).toBeGreaterThanOrEqual(10);
      for (const { path, runs } of commands) {
        for (const id of [ended, parked]) {
          const ids = Array.from({ length: runs }, () => id);
          const { code, stdout, stderr } = await as('beta', ...path.split(' '), ...ids);
          expect([path, code, stdout]).toEqual([path, 2, '']);
          expect(stderr).toBe(`Error: Unknown run "${id}" (unknown_run)\nhint: skillos runs list\n`);
        }
      }
    },
    PROCESSES_TIMEOUT_MS,
  );

  test('is not found at any endpoint that takes a run', async () => {
    const headers = { Authorization: `Bearer ${await tokenOf('beta')}` };
    const found = ENDPOINTS.filter(({ path }) => path.includes(':run'));
    expect(found.length).toBeGreaterThanOrEqual(6);
    for (const { method, path } of found) {
      const sent = method === 'POST' ? { headers, json: bodyOf(path) } : { headers };
      const { status, body } = await api.send(method, path.replace(':run', parked), sent);
      expect([path, status, body['code']]).toEqual([path, 404, 'unknown_run']);
    }
  });

  test('is still as it was', async () => {
    expect(await itemsOf('acme', 'runs', 'list')).toMatchObject([
      { run_id: parked, status: 'awaiting_approval' },
      { run_id: ended, status: 'success' },
    ]);
    expect((await as('acme', 'runs', 'logs', ended)).stdout).toContain(MARK);
  });
});

function bodyOf(path: string): object {
  return path.endsWith('/step') ? { command: 'next' } : {};
}

describe('lists of another tenant', () => {
  test.each([['runs list'], ['approvals list'], ['audit list'], ['circuit list']])(
    '%s shows nothing',
    async (command) => {
      expect(await itemsOf('beta', ...command.split(' '))).toEqual([]);
    },
  );

  test.each(['/runs', '/approvals', '/circuits'])('GET %s shows nothing', async (path) => {
    const headers = { Authorization: `Bearer ${await tokenOf('beta')}` };
    expect((await api.get(path, headers)).body['items']).toEqual([]);
  });

  test('the budget counts nothing', async () => {
    const spent = async (tenant: string) => (await as(tenant, 'budget', '--json')).stdout;
    const ours = await spent('beta');
    expect(ours).toContain('"tenant": "beta"');
    expect(ours.replaceAll('beta', 'x')).toBe((await spent('gamma')).replaceAll('gamma', 'x'));
    expect((await spent('acme')).replaceAll('acme', 'x')).not.toBe(ours.replaceAll('beta', 'x'));
  });

  test('skills that are theirs alone are not listed, shown, routed to or suggested', async () => {
    for (const argv of [
      ['skills', 'list'],
      ['skills', 'show', 'acme/formula'],
      ['skills', 'show', 'acme/formulas'],
      ['run', 'What is the formula'],
      ['run-skill', 'acme/formulas'],
    ]) {
      const { stdout, stderr } = await as('beta', ...argv);
      expect((stdout + stderr).replace('"acme/formula"', '')).not.toMatch(/acme\/formula(?!s")/);
    }
    expect((await as('acme', 'run', 'What is the formula')).stdout).toBe('acme/formula\n');
    expect((await as('acme', 'run-skill', 'acme/formulas')).stderr).toContain('Did you mean: acme/formula');
    expect(await as('beta', 'run-skill', 'acme/formula')).toMatchObject({ code: 3 });
  });
});

test('one idempotency key means two runs in two tenants, also for one person', async () => {
  const run = await as(
    'beta',
    'run-skill',
    'open/echo',
    '--payload',
    'mine',
    '--idempotency-key',
    'k',
    '--json',
  );
  expect(JSON.parse(run.stdout)).toMatchObject({ result: 'mine' });
  expect(run.stdout).not.toContain('"replayed"');
});

test('audit logs are files of their own', () => {
  const folder = join(deployment.root, 'logs', 'audit');
  expect(readdirSync(folder).sort()).toEqual(['acme.jsonl', 'beta.jsonl']);
  const lines = readFileSync(join(folder, 'beta.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { readonly tenant: string }).tenant)).not.toContain('acme');
  expect(lines.join('\n')).not.toContain(parked);
});

describe('the name of a tenant', () => {
  test.each(['Acme', 'acme corp', 'acme/42', '../acme', '..', '-acme', 'a'.repeat(64), 'аcme'])(
    '%j is refused and never made to fit',
    async (name) => {
      const env = { ...deployment.env, SKILLOS_TENANT_ID: name };
      expect(await runCli(['runs', 'list'], { env })).toMatchObject({ code: 78, stdout: '' });
      expect(await as(name, 'runs', 'list')).toMatchObject({ code: 3, stdout: '' });
      const headers = { Authorization: `Bearer ${await tokenOf(name)}` };
      expect((await api.get('/runs', headers)).status).toBe(401);
    },
  );

  test('of a token and of SKILLOS_TENANT_ID must agree', async () => {
    const env = { ...deployment.env, SKILLOS_TENANT_ID: 'beta' };
    const argv = ['runs', 'list', '--json', '--jwt', await tokenOf('acme')];
    const { code, stdout } = await runCli(argv, { env });
    expect([code, stdout]).toEqual([3, expect.stringContaining('"tenant_mismatch"')]);
  });

  test('leads to no folder outside the root', () => {
    expect(existsSync(join(deployment.root, '..', 'acme.jsonl'))).toBe(false);
  });
});
