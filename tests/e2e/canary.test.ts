/** Secrets stay where they were put: known values in every place that holds one, and a search of everything we leave behind. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEngine } from '../../temporal-dev/client/engine-control.ts';
import { engineFiles } from '../../temporal-dev/client/engine-record.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { runCli } from '../support/run-cli.ts';
import { startSkillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { signToken } from '../support/tokens.ts';
import { writeFiles } from '../support/write-files.ts';

const canary = (name: string): string => `canary-${name}-${randomBytes(16).toString('hex')}`;

const SKILLS = {
  // Whatever a skill can get hold of, it may put out, print and throw.
  'spy/tell': {
    code: `
const all = (ctx: unknown) => JSON.stringify([process.env, process.argv, process.execArgv, ctx]);
export function run(_: string, ctx: { log(text: string): void }) {
  const told = all(ctx);
  console.log(told);
  return told;
}`,
  },
  'spy/throw': {
    code: `
export function run(_: string, ctx: unknown) {
  throw Object.assign(new Error(JSON.stringify([process.env, ctx])), { process });
}`,
  },
  'spy/wait': {
    code: `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export async function run(file: string) { while (!existsSync(file)) await setTimeout(20); return 'waited'; }`,
  },
  'books/close': { code: "export const run = () => 'closed';", manifest: 'side_effects: destructive\n' },
  'books/freeze': { code: "export const run = () => 'frozen';", manifest: 'side_effects: destructive\n' },
};

/** A comment, and no secret. */
const CONTROL = canary('control');

interface Scene {
  readonly deployment: Deployment;
  readonly env: Readonly<Record<string, string>>;
  readonly canaries: Readonly<Record<string, string>>;
  readonly files: { readonly token: string; readonly jwt: string };
  readonly server?: TestPostgres;
}

const SETTINGS_OF: Readonly<Record<string, string>> = {
  approvalToken: 'SKILLOS_APPROVAL_TOKEN',
  serverKey: 'SKILLOS_SERVER_KEY',
  payloadKey: 'SKILLOS_PAYLOAD_KEY',
  jwtSecret: 'SKILLOS_JWT_SECRET',
};

async function openScene(more: {
  readonly isEncrypted: boolean;
  readonly onPostgres: boolean;
}): Promise<Scene> {
  const canaries = {
    approvalToken: canary('approval'),
    serverKey: canary('server'),
    jwtSecret: canary('jwt'),
    ...(more.isEncrypted ? { payloadKey: canary('payload') } : {}),
  };
  const settings = Object.fromEntries(
    Object.entries(canaries).map(([name, value]) => [SETTINGS_OF[name] as string, value]),
  );
  const key = new TextEncoder().encode(canaries.jwtSecret);
  const jwt = await signToken({ sub: 'ann', roles: ['boss'] }, { key });
  const server = more.onPostgres ? await startPostgres() : undefined;
  const storage =
    server === undefined ? {} : { SKILLOS_STORAGE_BACKEND: 'postgres', SKILLOS_POSTGRES_DSN: server.dsn };
  const deployment = await openDeployment(rootWith(SKILLS), { ...settings, ...storage });
  writeFiles(deployment.root, { 'policies/permission_policies.json': '{"roles": {"boss": ["*"]}}' });
  const folder = tempFolder();
  const files = { token: join(folder, 'approval'), jwt: join(folder, 'jwt') };
  writeFileSync(files.token, `${canaries.approvalToken}\n`);
  writeFileSync(files.jwt, `${jwt}\n`);
  return {
    deployment,
    env: deployment.env,
    canaries: {
      ...canaries,
      jwtSignature: jwt.split('.')[2] as string,
      ...(server === undefined ? {} : { password: server.password }),
    },
    files,
    ...(server === undefined ? {} : { server }),
  };
}

/** As it is, and as it would stand in an address, in base64 or in hex. */
function disguises(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Inside a longer text base64 depends on where it begins; what is left in the middle does not.
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return text.slice(4, -4);
  });
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...shifted];
}

/** What was found where; nothing else says that a secret is safe. */
class Search {
  readonly #needles: readonly (readonly [string, string])[];
  readonly found: string[] = [];
  places = 0;

  constructor(canaries: Readonly<Record<string, string>>) {
    this.#needles = Object.entries(canaries).flatMap(([name, secret]) =>
      disguises(secret).map((text) => [name, text] as const),
    );
  }

  look(place: string, text: string): void {
    this.places++;
    for (const [name, needle] of this.#needles)
      if (text.includes(needle)) this.found.push(`${name} in ${place}`);
  }

  lookBelow(folder: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) this.look(file, `${entry.name}\n${readFileSync(file, 'latin1')}`);
    }
  }
}

/** The process and all that it started. */
function familyOf(pid: number): readonly number[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [];
  const children = readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

/** Bytes as the text that they are. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(readable);
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? String(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
}

const SCENES = [
  ['files, in clear', { isEncrypted: false, onPostgres: false }],
  ['Postgres, encrypted', { isEncrypted: true, onPostgres: true }],
] as const;

describe.each(SCENES)('with %s', (_what, how) => {
  let scene: Scene;
  let worker: SkillosProcess;
  let search: Search;
  const processes: (readonly [string, SkillosProcess])[] = [];
  const runs = new Set<string>();

  async function cli(...argv: readonly string[]) {
    return cliWith({}, ...argv);
  }

  async function cliWith(env: Readonly<Record<string, string>>, ...argv: readonly string[]) {
    const process = startSkillos(argv, { env: { ...scene.env, ...env }, timeoutMs: 60_000 });
    processes.push([argv.join(' '), process]);
    const result = await process.ended;
    for (const [id] of `${result.stdout}${result.stderr}`.matchAll(/[a-z_.]+-[0-7][0-9A-Z]{25}/g))
      runs.add(id);
    return result;
  }

  /** The same program in this process, for what only reads: dozens of processes take their time. */
  async function shown(env: Readonly<Record<string, string>>, ...argv: readonly string[]) {
    const result = await runCli(argv, { env: { ...scene.env, ...env } });
    search.look(`output of ${argv.join(' ')}`, result.stdout + result.stderr);
    return result;
  }

  const asAnn = (...argv: readonly string[]) => cli(...argv, '--jwt', `@${scene.files.jwt}`);
  const ann = () => ({ SKILLOS_JWT_TOKEN: `@${scene.files.jwt}` });
  const idIn = (text: string) => /[a-z_.]+-[0-7][0-9A-Z]{25}/.exec(text)?.[0] as string;

  beforeAll(async () => {
    scene = await openScene(how);
    search = new Search({ ...scene.canaries, control: CONTROL });
    worker = await startWorkerProcess(scene.env);
    processes.push(['worker', worker]);
  }, PROCESSES_TIMEOUT_MS);

  afterAll(() => scene.deployment.close());

  test(
    'runs, decisions and everything that shows them leave no secret anywhere',
    async () => {
      await driveAll();
      worker.signal('SIGTERM');
      await worker.ended;
      for (const [name, process] of processes)
        search.look(`output of ${name}`, process.stdout() + process.stderr());
      search.lookBelow(scene.deployment.root);
      for (const id of runs) await searchRun(id);
      await searchDatabase();
      expect(search.found.filter((where) => !where.startsWith('control in '))).toEqual([]);
      // What is no secret is found, so the search sees what it looks at.
      const seen = search.found.join('\n');
      expect(seen).toMatch(/control in output of audit list/);
      expect(seen).toMatch(how.onPostgres ? /control in table records/ : /control in \S+\/records\//);
      expect(seen).toMatch(how.onPostgres ? /control in table journal/ : /control in \S+\/audit\//);
      if (!how.isEncrypted) expect(seen).toMatch(/control in history of/);
      expect(runs.size).toBeGreaterThanOrEqual(7);
      expect(search.places).toBeGreaterThan(60);
    },
    PROCESSES_TIMEOUT_MS,
  );

  async function driveAll(): Promise<void> {
    expect((await asAnn('run-skill', 'spy/tell', '--json')).code).toBe(0);
    expect((await asAnn('run-skill', 'spy/throw')).code).toBe(1);
    expect(
      (
        await cliWith(
          { SKILLOS_DEBUG: '1' },
          'run-skill',
          'spy/throw',
          '--json',
          '--jwt',
          `@${scene.files.jwt}`,
        )
      ).code,
    ).toBe(1);
    expect(
      (await asAnn('run', 'Tell spy', '--execute', '--skill', 'spy/tell', '--detach', '--json')).code,
    ).toBe(0);
    await lookAtProcesses();
    await decideAll();
    await planAll();
    await refuseAll();
    await callAll();
    for (const id of runs) {
      for (const command of [['runs', 'show'], ['runs', 'logs'], ['why']]) {
        for (const how of [[], ['--json']]) await shown(ann(), ...command, id, ...how);
      }
    }
    for (const argv of [
      ['config'],
      ['config', '--json'],
      ['runs', 'list', '--json'],
      ['approvals', 'list', '--json'],
      ['audit', 'list', '--limit', '1000', '--json'],
      ['skills', 'list'],
      ['budget', '--json'],
      ['circuit', 'list', '--json'],
      ['validate', '--check-entrypoints'],
      ['auth', 'can-i', 'run', 'spy/tell', '--explain', '--json'],
    ]) {
      expect([argv, (await shown(ann(), ...argv)).code]).toEqual([argv, 0]);
    }
  }

  /** Arguments and environments of everything that runs while a skill does. */
  async function lookAtProcesses(): Promise<void> {
    const file = join(tempFolder(), 'go');
    const argv = ['run-skill', 'spy/wait', '--payload', file, '--jwt', `@${scene.files.jwt}`];
    const caller = startSkillos(argv, { env: scene.env, timeoutMs: 60_000 });
    processes.push(['run-skill spy/wait', caller]);
    const id = (await caller.until('stderr', /run: (\S+)/))[1] as string;
    runs.add(id);
    while (!(await shown(ann(), 'why', id)).stdout.includes('Skill spy/wait is running'));
    const family = [...familyOf(worker.pid), ...familyOf(caller.pid)];
    let skills = 0;
    for (const pid of family) {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      search.look(`arguments of ${command}`, command);
      if (!command.includes('skill-child')) continue;
      skills++;
      search.look(`environment of ${command}`, readFileSync(`/proc/${pid}/environ`, 'utf8'));
    }
    expect(skills).toBeGreaterThan(0);
    writeFileSync(file, '');
    expect((await caller.ended).code).toBe(0);
  }

  async function decideAll(): Promise<void> {
    const token = `@${scene.files.token}`;
    const parked = await asAnn('run-skill', 'books/close', '--json');
    expect(parked.code).toBe(4);
    const id = idIn(parked.stdout);
    await asAnn('approvals', 'show', id, '--json');
    expect((await asAnn('approve', id)).code).toBe(3);
    expect(
      (await asAnn('approve', id, '--approval-token', `${scene.canaries['approvalToken']}-not`)).code,
    ).toBe(3);
    expect((await asAnn('approve', id, '--comment', CONTROL, '--approval-token', token, '--json')).code).toBe(
      0,
    );
    await asAnn('runs', 'watch', id);
    expect((await asAnn('approve', id, '--approval-token', token, '--json')).code).toBe(1);
    const other = idIn((await asAnn('run-skill', 'books/freeze')).stdout);
    const env = { SKILLOS_APPROVER_TOKEN: scene.canaries['approvalToken'] as string };
    expect((await cliWith(env, 'deny', other, '--jwt', `@${scene.files.jwt}`)).code).toBe(0);
    await asAnn('runs', 'watch', other, '--json');
  }

  /** A plan file lies below the root here, where it is searched with the rest. */
  async function planAll(): Promise<void> {
    const plan = join(scene.deployment.root, 'plan.json');
    expect((await asAnn('run-skill', 'spy/tell', '--dry-run', '--plan-path', plan, '--json')).code).toBe(0);
    expect(existsSync(plan)).toBe(true);
    expect((await asAnn('run-skill', 'spy/tell', '--plan-path', plan, '--payload', 'another')).code).toBe(1);
    expect((await asAnn('run-skill', 'spy/tell', '--plan-path', plan)).code).toBe(0);
  }

  /** What is refused is told without what was given. */
  async function refuseAll(): Promise<void> {
    const jwt = readFileSync(scene.files.jwt, 'utf8').trim();
    for (const token of [`${jwt}x`, jwt.replace('.', '..'), `x${jwt}`, `@${scene.files.token}`]) {
      expect((await shown({}, 'runs', 'list', '--jwt', token, '--json')).code).toBe(3);
    }
    const short = (name: string) => (scene.canaries[name] as string).slice(0, 31);
    for (const [variable, value] of [
      ['SKILLOS_SERVER_KEY', short('serverKey')],
      ['SKILLOS_JWT_SECRET', short('jwtSecret')],
      ['SKILLOS_POSTGRES_DSN', `mysql://ann:${scene.canaries['approvalToken']}@127.0.0.1/x`],
    ] as const) {
      const env = { SKILLOS_STORAGE_BACKEND: 'postgres', [variable]: value };
      for (const argv of [['runs', 'list'], ['runs', 'list', '--json'], ['config']]) {
        const result = await shown({ ...env, SKILLOS_DEBUG: '1' }, ...argv);
        expect([variable, result.code]).toEqual([variable, 78]);
        expect(result.stdout + result.stderr).not.toContain(value);
      }
    }
    const dead = `postgres://ann:${scene.canaries['approvalToken']}@127.0.0.1:1/x`;
    const away = { SKILLOS_STORAGE_BACKEND: 'postgres', SKILLOS_POSTGRES_DSN: dead, SKILLOS_DEBUG: '1' };
    expect((await shown({ ...away, ...ann() }, 'runs', 'list')).code).toBe(7);
  }

  /** The same over REST: secrets come in headers, and answers, faults and logs tell none. */
  async function callAll(): Promise<void> {
    const server = startSkillos(['serve', '--port', '0'], { env: scene.env, timeoutMs: 60_000 });
    processes.push(['serve', server]);
    const url = (await server.until('stdout', /api_listening: (\S+)/))[1] as string;
    const jwt = readFileSync(scene.files.jwt, 'utf8').trim();
    const token = scene.canaries['approvalToken'] as string;
    const call = async (path: string, body?: object, headers: Readonly<Record<string, string>> = {}) => {
      const answer = await fetch(`${url}${path}`, {
        headers: { Authorization: `Bearer ${jwt}`, 'Content-Type': 'application/json', ...headers },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      search.look(`answer of ${path}`, `${text}\n${JSON.stringify([...answer.headers])}`);
      return { status: answer.status, text };
    };
    const parked = await call('/skills/books/close/run', { payload: 'over REST' });
    expect(parked.status).toBe(202);
    const id = idIn(parked.text);
    runs.add(id);
    expect((await call(`/runs/${id}/approve`, {}, { 'X-Approval-Token': `${token}-not` })).status).toBe(403);
    expect((await call(`/runs/${id}/approve`, {}, { 'X-Approval-Token': token })).status).toBe(200);
    expect((await call(`/runs/${id}/approve`, {}, { 'X-Approval-Token': token })).status).toBe(409);
    expect((await call('/run', { query: token })).status).toBe(200);
    expect((await call('/runs', undefined, { Authorization: `Bearer ${jwt}x` })).status).toBe(401);
    // Who puts a secret where none belongs is answered with it, but no log keeps it.
    const misplaced = { Authorization: `Bearer ${jwt}`, 'X-Request-Id': token };
    expect((await fetch(`${url}/runs/${token}`, { headers: misplaced })).status).toBe(404);
    for (const path of [
      '/runs',
      `/runs/${id}`,
      '/approvals',
      '/budget',
      '/health',
      '/metrics',
      '/openapi.json',
    ]) {
      expect([path, (await call(path)).status]).toEqual([path, 200]);
    }
    server.signal('SIGTERM');
    await server.ended;
  }

  async function searchRun(id: string): Promise<void> {
    const handle = scene.deployment.temporal.client.workflow.getHandle(id);
    const [history, { raw }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
    expect(history.events?.length).toBeGreaterThan(3);
    search.look(`history of ${id}`, JSON.stringify(readable(history)));
    search.look(`description of ${id}`, JSON.stringify(readable(raw)));
  }

  async function searchDatabase(): Promise<void> {
    const { server } = scene;
    if (server === undefined) return;
    for (const table of ['records', 'journal', 'blobs']) {
      const rows = await server.query<object>(`SELECT * FROM skillos.${table}`);
      if (table !== 'blobs') expect(rows.length).toBeGreaterThan(0);
      search.look(`table ${table}`, JSON.stringify(readable(rows)));
    }
  }
});

test(
  'the local engine passes no secret on: not to its server, its skills, its files or its logs',
  async () => {
    const canaries = {
      approvalToken: canary('approval'),
      serverKey: canary('server'),
      payloadKey: canary('payload'),
      jwtSecret: canary('jwt'),
    };
    const folder = tempFolder();
    const env: Record<string, string> = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      SKILLOS_ROOT: rootWith(SKILLS),
      SKILLOS_STATE_DIR: join(folder, 'state'),
      SKILLOS_CACHE_DIR: join(folder, 'cache'),
      SKILLOS_TEMPORAL_BIN: await resolveTemporalBinary({
        config: parseConfig(process.env),
        env: process.env,
        onProgress: () => undefined,
      }),
      ...Object.fromEntries(
        Object.entries(canaries).map(([name, value]) => [SETTINGS_OF[name] as string, value]),
      ),
    };
    const search = new Search(canaries);
    const file = join(folder, 'go');
    const caller = startSkillos(['run-skill', 'spy/wait', '--payload', file], { env, timeoutMs: 60_000 });
    try {
      await caller.until('stderr', /run: /);
      const engine = await findEngine(engineFiles(parseConfig(env), env, env['SKILLOS_ROOT'] as string));
      const pids = familyOf(engine?.status.pid ?? 0);
      expect(pids.length).toBeGreaterThanOrEqual(3);
      for (const pid of pids) {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        search.look(`arguments of ${command}`, command);
        const isOurs = !/skill-child|server\0start-dev/.test(command);
        if (!isOurs) search.look(`environment of ${command}`, readFileSync(`/proc/${pid}/environ`, 'utf8'));
      }
    } finally {
      writeFileSync(file, '');
      const { stdout, stderr } = await caller.ended;
      search.look('output of run-skill', stdout + stderr);
      await startSkillos(['dev', 'stop'], { env }).ended;
    }
    search.lookBelow(folder);
    search.lookBelow(env['SKILLOS_ROOT'] as string);
    expect(search.found).toEqual([]);
    expect(search.places).toBeGreaterThan(15);
  },
  PROCESSES_TIMEOUT_MS,
);

describe('disguises', () => {
  test.each(['', 'x', 'xy', 'xyz'])('find a secret behind %j in base64', (before) => {
    const secret = canary('x');
    const text = Buffer.from(`${before}${secret}and more`).toString('base64');
    expect(disguises(secret).some((disguise) => text.includes(disguise))).toBe(true);
  });
});
