/** A skill that reads the environment of every process it can find does not find the secrets of SkillOS. */
import { serveBuilt } from '../support/built-server.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { signToken } from '../support/tokens.ts';

const MARK = 'only-for-the-worker';
/** At least 32 bytes, as keys must have. */
const secret = (name: string) => `${MARK}-${name}-${'x'.repeat(32)}`;

/** Returns the processes and variables in which it finds the mark, and the variables of its own. */
const SNOOP = `
import { readFileSync, readdirSync } from 'node:fs';
export function run() {
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
    try {
      const text = readFileSync('/proc/' + pid + '/environ', 'latin1');
      for (const entry of text.split('\\0')) if (entry.includes('${MARK}')) found.push(pid + ' ' + entry.split('=')[0]);
    } catch {}
  }
  const ancestors = [];
  for (let pid = process.pid; pid > 1;) {
    const stat = readFileSync('/proc/' + pid + '/stat', 'latin1');
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    ancestors.push(pid);
  }
  return { found, ancestors, own: Object.keys(process.env).sort() };
}`;

interface Seen {
  readonly found: readonly string[];
  readonly ancestors: readonly number[];
  readonly own: readonly string[];
}

const SECRETS = {
  SKILLOS_SERVER_KEY: secret('server'),
  SKILLOS_APPROVAL_TOKEN: secret('approval'),
  SKILLOS_APPROVER_TOKEN: secret('approver'),
  SKILLOS_REDIS_URL: `redis://:${secret('redis')}@127.0.0.1:1`,
  DATABASE_URL: `postgres://user:${secret('database')}@127.0.0.1:1/none`,
  AWS_SECRET_ACCESS_KEY: secret('aws'),
};

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(rootWith({ 'test/snoop': { code: SNOOP } }), SECRETS);
});

afterAll(() => deployment.close());

async function seen(env: Readonly<Record<string, string>>): Promise<Seen> {
  const ran = await skillos(['run-skill', 'test/snoop', '--json'], { env, timeoutMs: PROCESSES_TIMEOUT_MS });
  expect(ran).toMatchObject({ code: 0 });
  return (JSON.parse(ran.stdout) as { readonly result: Seen }).result;
}

test('in no worker, no API and no command that waits', async () => {
  const env = {
    ...deployment.env,
    SKILLOS_JWT_SECRET: secret('jwt'),
    SKILLOS_JWT_TOKEN: await signToken({ sub: MARK }, { key: new TextEncoder().encode(secret('jwt')) }),
  };
  const [worker, api] = await Promise.all([startWorkerProcess(env), serveBuilt(env)]);
  const { found, ancestors, own } = await seen(env);
  expect(found).toEqual([]);
  expect(ancestors).toContain(worker.pid);
  expect(own).toEqual(['HOME', 'PATH', 'SKILL_PROCESS']);
  expect(worker.stderr()).not.toContain('WARNING');
  await api.close();
  worker.signal('SIGTERM');
  await worker.ended;
});

test(
  'in no local engine',
  async () => {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(SKILLOS|TEMPORAL)_/.test(name));
    const env = {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      ...SECRETS,
      SKILLOS_STATE_DIR: tempFolder(),
      SKILLOS_ROOT: deployment.root,
    };
    try {
      const { found, ancestors } = await seen(env);
      expect(found).toEqual([]);
      expect(ancestors.length).toBeGreaterThanOrEqual(2); // the worker and its engine
    } finally {
      await skillos(['dev', 'stop'], { env, timeoutMs: PROCESSES_TIMEOUT_MS });
    }
  },
  PROCESSES_TIMEOUT_MS,
);
