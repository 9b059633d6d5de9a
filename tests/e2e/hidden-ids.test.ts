/** Somebody without rights learns nothing of an id: an existing run or skill is answered as one that does not exist. */
import type { Endpoint } from '../../server/http/endpoint.ts';
import { ENDPOINTS } from '../../server/routes/index.ts';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { commandsOfRuns } from '../support/run-commands.ts';
import { skillos } from '../support/skillos-process.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { writeFiles } from '../support/write-files.ts';

const ECHO = 'export const run = (text: string) => text;';
const SKILLS = {
  'secret/tool': { code: ECHO },
  'secret/wipe': { code: ECHO, manifest: 'side_effects: destructive\n' },
  'secret/tock': { code: ECHO },
};
const POLICIES = {
  roles: { boss: ['*'] },
  policies: [
    { skill_id: 'secret/tool', required_permissions: ['secret'] },
    { skill_id: 'secret/wipe', required_permissions: ['secret'] },
  ],
};

const UNKNOWN_RUN = 'secret.wipe-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const HIDDEN_SKILL = 'secret/tool';
const UNKNOWN_SKILL = 'secret/took';
const UNKNOWN_JOB = 'secret.tool-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const SCHEDULE = 'nightly';
const UNKNOWN_SCHEDULE = 'nightly2';

/** A run that names a skill is answered with the verdict of the policies, which is a run of its own. */
const VERDICTS = new Set(['runSkill']);

const BODIES: Readonly<Record<string, object>> = {
  stepRun: { command: 'next' },
  deprecateSkill: { reason: 'old' },
  backfillSchedule: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
};

let deployment: Deployment;
let api: BuiltServer;
let ended: string;
let parked: string;
let job: string;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), { SKILLOS_JWT_SECRET: SECRET });
  writeFiles(deployment.root, { 'policies/permission_policies.json': JSON.stringify(POLICIES) });
  await deployment.startWorker();
  api = await serveBuilt(deployment.env);
  const boss = await signToken({ sub: 'boss', roles: ['boss'] });
  const asBoss = async (...argv: readonly string[]) => {
    const { stdout } = await skillos([...argv, '--json', '--jwt', boss], { env: deployment.env });
    return JSON.parse(stdout) as { readonly run_id: string; readonly status: string };
  };
  const start = (skill: string) => asBoss('run-skill', skill, '--payload', 'x');
  const [done, waiting] = [await start('secret/tool'), await start('secret/wipe')];
  expect([done.status, waiting.status]).toEqual(['success', 'awaiting_approval']);
  ended = done.run_id;
  parked = waiting.run_id;
  const queued = await asBoss('job', 'enqueue', HIDDEN_SKILL, '--payload', 'x');
  const added = await asBoss('schedule', 'add', HIDDEN_SKILL, '--id', SCHEDULE, '--cron', '0 3 * * *');
  expect([queued, added]).toMatchObject([{ status: 'queued' }, { id: SCHEDULE }]);
  job = queued.run_id;
});

afterAll(async () => {
  await api.close();
  await deployment.close();
});

/** `nobody` has a valid token and no rights. */
const nobody = () => signToken({ sub: 'nobody' });

function plain(text: string, ids: readonly string[]): string {
  const withoutIds = ids.reduce((rest, id) => rest.replaceAll(id, '<id>'), text);
  return withoutIds
    .replaceAll(/[0-7][0-9A-HJKMNP-TV-Z]{25}/g, '<request>')
    .replaceAll(/nonce-[^']+|nonce="[^"]+"|value="[\w-]{43}"/g, '<nonce>');
}

async function answer(method: Endpoint['method'], path: string, ids: readonly string[], json?: object) {
  const headers = { Authorization: `Bearer ${await nobody()}` };
  const sent = json === undefined ? { headers } : { headers, json };
  const reply = await api.send(method, path, sent);
  return { status: reply.status, type: reply.headers['content-type'], text: plain(reply.text, ids) };
}

const OF_RUNS = ENDPOINTS.filter(({ path }) => path.includes(':run'));
const OF_SKILLS = ENDPOINTS.filter(({ id, path }) => path.includes(':skill') && !VERDICTS.has(id));

const OF_JOBS = ENDPOINTS.filter(({ path }) => path.includes(':job'));
const OF_SCHEDULES = ENDPOINTS.filter(({ path }) => path.includes(':schedule'));

test('the table has the endpoints that take an id', () => {
  expect(OF_RUNS.length).toBeGreaterThanOrEqual(8);
  expect(OF_SKILLS.length).toBeGreaterThanOrEqual(4);
  expect(OF_JOBS.length).toBeGreaterThanOrEqual(3);
  expect(OF_SCHEDULES.length).toBeGreaterThanOrEqual(5);
});

test.each(OF_RUNS.map(({ id, method, path }) => [method, path, id] as const))(
  '%s %s answers for an existing run as for none',
  async (method, path, id) => {
    const json = method === 'POST' ? (BODIES[id] ?? {}) : undefined;
    const of = (run: string) => answer(method, path.replace(':run', run), [run], json);
    const unknown = await of(UNKNOWN_RUN);
    expect(unknown).toMatchObject({ status: 404, text: expect.stringContaining('unknown_run') });
    expect(await of(ended)).toEqual(unknown);
    expect(await of(parked)).toEqual(unknown);
  },
);

test.each(OF_SKILLS.map(({ id, method, path }) => [method, path, id] as const))(
  '%s %s answers for a hidden skill as for none',
  async (method, path, id) => {
    const json = method === 'POST' ? (BODIES[id] ?? {}) : undefined;
    const of = (skill: string) =>
      answer(method, path.replace(':skill', encodeURIComponent(skill)), [skill], json);
    const unknown = await of(UNKNOWN_SKILL);
    expect([403, 404]).toContain(unknown.status);
    expect(await of(HIDDEN_SKILL)).toEqual(unknown);
  },
);

test.each(OF_JOBS.map(({ id, method, path }) => [method, path, id] as const))(
  '%s %s answers for an existing job as for none',
  async (method, path, id) => {
    const json = method === 'POST' ? (BODIES[id] ?? {}) : undefined;
    const of = (name: string) => answer(method, path.replace(':job', name), [name], json);
    const unknown = await of(UNKNOWN_JOB);
    expect(unknown).toMatchObject({ status: 404, text: expect.stringContaining('unknown_job') });
    expect(await of(job)).toEqual(unknown);
    expect(await of(ended)).toEqual(unknown); // a run that is no job
  },
);

test.each(OF_SCHEDULES.map(({ id, method, path }) => [method, path, id] as const))(
  '%s %s answers for an existing schedule as for none',
  async (method, path, id) => {
    const json = method === 'GET' || method === 'DELETE' ? undefined : (BODIES[id] ?? {});
    const of = (name: string) => answer(method, path.replace(':schedule', name), [name], json);
    const unknown = await of(UNKNOWN_SCHEDULE);
    expect(unknown).toMatchObject({ status: 404, text: expect.stringContaining('unknown_schedule') });
    expect(await of(SCHEDULE)).toEqual(unknown);
  },
);

test.each([
  ['GET', ''],
  ['GET', '/events'],
  ['POST', '/decision'],
] as const)('%s /ui/runs/:run%s answers for an existing run as for none', async (method, rest) => {
  const token = await nobody();
  const page = await api.get('/ui/approvals', { Cookie: `skillos_session=${token}` });
  const form = /skillos_form=([^;]+)/.exec(String(page.headers['set-cookie']))?.[1] ?? '';
  const of = async (run: string) => {
    const headers = { Cookie: `skillos_session=${token}; skillos_form=${form}`, Origin: api.url };
    const fields = new URLSearchParams({ form_token: form, decision: 'approved', digest: '0'.repeat(64) });
    const { status, text } = await api.send(method, `/ui/runs/${run}${rest}`, {
      headers:
        method === 'POST' ? { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' } : headers,
      ...(method === 'POST' ? { raw: fields.toString() } : {}),
    });
    return { status, text: plain(text, [run]) };
  };
  const unknown = await of(UNKNOWN_RUN);
  expect(unknown).toMatchObject({ status: 404, text: expect.stringContaining('unknown_run') });
  expect(await of(ended)).toEqual(unknown);
  expect(await of(parked)).toEqual(unknown);
});

test(
  'every command that takes a run does so too, for the holder of a token',
  async () => {
    const token = await nobody();
    const commands = await commandsOfRuns();
    expect(commands.length).toBeGreaterThanOrEqual(10);
    for (const { path, runs } of commands) {
      const ids = Array.from({ length: runs }, () => parked);
      const argv = [...path.split(' '), ...ids, '--jwt', token];
      const { code, stdout, stderr } = await skillos(argv, { env: deployment.env });
      expect([path, code, stdout]).toEqual([path, 2, '']);
      expect(stderr).toBe(`Error: Unknown run "${parked}" (unknown_run)\nhint: skillos runs list\n`);
    }
  },
  PROCESSES_TIMEOUT_MS,
);

test('the attempts are in the audit log, and circuits of hidden skills are in no list', async () => {
  const boss = await signToken({ sub: 'boss', roles: ['boss'] });
  const { stdout } = await skillos(['audit', 'list', '--run', parked, '--json', '--jwt', boss], {
    env: deployment.env,
  });
  expect(stdout).toContain('operation_denied');
  expect(stdout).toContain('nobody');
  const headers = { Authorization: `Bearer ${await nobody()}` };
  expect((await api.get('/circuits', headers)).text).not.toContain('secret/');
});
