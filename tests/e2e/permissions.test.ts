/** Who may what, through every floor: command line, Temporal, worker, record. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import type { JsonObject } from '../../core/json.ts';
import { runKey } from '../../core/values/run-id.ts';
import type { RunRequest } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { RUN_WORKFLOW } from '../../workflows/messages.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { runCli } from '../support/run-cli.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { writeFiles } from '../support/write-files.ts';

const POLICIES = 'policies/permission_policies.json';
/** As requirement.txt has it. */
const REQUIREMENT = {
  roles: { admin: ['admin:read', 'admin:write'], viewer: ['admin:read'] },
  policies: [
    { skill_id: 'admin/*', required_permissions: ['admin:read'] },
    { skill_id: 'admin/delete_records', required_permissions: ['admin:write'] },
  ],
};

/** Leaves a file behind when it runs. */
const DELETE = `
import { writeFileSync } from 'node:fs';
export function run(folder: string) { writeFileSync(folder + '/deleted', 'x'); return 'deleted'; }`;

const SKILLS = {
  'admin/list_users': { code: "export const run = () => 'ann, bob';", manifest: 'examples: [List users]\n' },
  'admin/delete_records': { code: DELETE, manifest: 'examples: [Delete records]\n' },
  'open/echo': { code: 'export const run = (payload: string) => payload;' },
};

/** Deployments of single tests, closed whatever came of them. */
const toClose: Deployment[] = [];

afterAll(() => Promise.all(toClose.map((deployment) => deployment.close())));

function rootWithPolicies(policies: object = REQUIREMENT): string {
  const root = rootWith(SKILLS);
  writeFiles(root, { [POLICIES]: JSON.stringify(policies) });
  return root;
}

const step = (id: string) => ({ kind: 'step', step: { skill: parseSkillId(id) } }) as const;

function documentIn(stdout: string): JsonObject & { readonly run_id: string } {
  return JSON.parse(stdout) as JsonObject & { readonly run_id: string };
}

describe('the example of the requirement', () => {
  let deployment: Deployment;
  let effects: string;

  beforeAll(async () => {
    deployment = await openDeployment(rootWithPolicies());
    await deployment.startWorker();
  });

  beforeEach(() => {
    effects = tempFolder();
  });

  afterAll(() => deployment.close());

  const cli = (...argv: readonly string[]) => runCli(argv, { env: deployment.env });
  const hasDeleted = () => existsSync(join(effects, 'deleted'));

  test('lets a viewer read', async () => {
    expect(await cli('run', 'List users', '--execute', '--role', 'viewer')).toMatchObject({
      code: 0,
      stdout: 'admin/list_users\nann, bob\n',
    });
  });

  test('lets an admin delete, once somebody approves', async () => {
    const argv = ['run-skill', 'admin/delete_records', '--role', 'admin', '--payload', effects];
    const parked = await cli(...argv);
    expect([parked.code, parked.stdout, hasDeleted()]).toEqual([
      4,
      expect.stringMatching(/^awaiting_approval: admin\.delete_records-/),
      false,
    ]);
    const { code, stdout, stderr } = await cli(...argv, '--approval', 'approved');
    expect(stderr).toContain('approved: admin.delete_records-');
    expect([code, stdout, hasDeleted()]).toEqual([0, 'deleted\n', true]);
  });

  test('blocks a viewer who would delete: exit 3, nothing run, the workflow completed', async () => {
    const argv = ['run-skill', 'admin/delete_records', '--role', 'viewer', '--payload', effects];
    const { code, stdout, stderr } = await cli(...argv);
    expect([code, stdout, hasDeleted()]).toEqual([3, 'blocked: permission_denied\n', false]);
    expect(stderr).toContain('requires "admin:write", which role "viewer" does not grant');
    const json = await cli(...argv, '--json');
    expect(json.code).toBe(3);
    const document = documentIn(json.stdout);
    expect(document).toMatchObject({
      schema: 'skillos.run/v1',
      status: 'blocked',
      reason: 'permission_denied',
      policy: 'policies[1] (admin/delete_records)',
      skill: 'admin/delete_records',
      error: { code: 'permission_denied' },
      steps: [],
    });
    const handle = deployment.temporal.client.workflow.getHandle(document.run_id);
    expect((await handle.describe()).status.name).toBe('COMPLETED');
    expect(await handle.result()).toMatchObject({ status: 'blocked', reason: 'permission_denied' });
    const { events = [] } = await handle.fetchHistory();
    expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toEqual([]);
    expect(events).toHaveLength(7);
    expect(await findRun(deployment.ports, document.run_id)).toMatchObject({
      status: 'blocked',
      endedAt: expect.any(String),
    });
  });

  test('blocks the caller without a role', async () => {
    expect(await cli('run-skill', 'admin/list_users')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('which a caller without a role does not have'),
    });
  });

  test('blocks the whole plan for one of its steps', async () => {
    const { runId } = await startRun(deployment.ports, deployment.temporal, {
      plan: {
        kind: 'sequence',
        plans: [
          step('admin/list_users'),
          { kind: 'parallel', plans: [step('open/echo'), step('admin/delete_records')] },
        ],
      },
      payload: effects,
      principal: { subject: 'ann', roles: ['viewer'], via: 'local' },
      tenant: 'default',
    });
    expect(await deployment.temporal.client.workflow.getHandle(runId).result()).toMatchObject({
      status: 'blocked',
    });
    expect(await findRun(deployment.ports, runId)).toMatchObject({ status: 'blocked', steps: [] });
  });

  test('shows a viewer in routing only what a viewer may run', async () => {
    expect(await cli('run', 'Delete records', '--role', 'admin')).toMatchObject({
      code: 0,
      stdout: 'admin/delete_records\n',
    });
    for (const argv of [['--role', 'viewer'], [], ['--role', 'viewer', '--execute']]) {
      const { stdout, stderr } = await cli('run', 'Delete records', '--json', ...argv);
      expect(stdout + stderr).not.toContain('admin/delete_records');
      expect(documentIn(stdout)).not.toMatchObject({ status: 'routed' });
    }
    const asked = await cli(
      'run',
      'Delete records',
      '--skill',
      'admin/delete_records',
      '--execute',
      '--role',
      'viewer',
    );
    expect([asked.code, asked.stdout]).toEqual([3, 'blocked: permission_denied\n']);
  });

  test('is what can-i answers by', async () => {
    const canI = (...argv: readonly string[]) => cli('auth', 'can-i', ...argv);
    expect(await canI('run', 'admin/delete_records', '--role', 'viewer')).toMatchObject({
      code: 3,
      stdout: 'no\n',
      stderr: '',
    });
    expect(await canI('run', 'admin.delete_records', '--role', 'admin')).toMatchObject({
      code: 0,
      stdout: 'yes\n',
      stderr: '',
    });
    expect((await canI('run', 'admin/delete_records', '--role', 'viewer', '--explain')).stdout).toBe(
      [
        'no',
        '  "admin:read" is required by policies[0] (admin/*): granted by role "viewer": "admin:read"',
        '  "admin:write" is required by policies[1] (admin/delete_records): missing',
        '  Skill "admin/delete_records" requires "admin:write", which role "viewer" does not grant',
        '',
      ].join('\n'),
    );
    const { code, stdout } = await canI(
      'run',
      'admin/delete_records',
      '--role',
      'viewer',
      '--explain',
      '--json',
    );
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'skillos.permission/v1',
      allowed: false,
      action: 'run',
      skill: 'admin/delete_records',
      roles: ['viewer'],
      tenant: 'default',
      reason: 'permission_denied',
      explain: [expect.any(String), expect.any(String), expect.any(String)],
    });
    expect((await canI('skills:write')).code).toBe(3);
    expect((await canI('run', 'no/such')).code).toBe(2);
    expect((await canI('run')).code).toBe(2);
    expect((await canI('fly')).code).toBe(2);
    expect((await canI('skills:write', 'a/b')).code).toBe(2);
  });

  test.each([
    ['add-skill', 'new/skill'],
    ['deprecate-skill', 'open/echo', '--reason', 'old'],
    ['undeprecate-skill', 'open/echo'],
  ])('lets nobody %s without skills:write', async (...argv) => {
    const before = readFileSync(join(deployment.root, 'metadata/open/echo.yaml'), 'utf8');
    expect(await cli(...argv, '--role', 'admin')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('This requires "skills:write", which role "admin" does not grant'),
    });
    expect(readFileSync(join(deployment.root, 'metadata/open/echo.yaml'), 'utf8')).toBe(before);
    expect(existsSync(join(deployment.root, 'metadata/new'))).toBe(false);
  });
});

test(
  'a damaged policy file blocks everybody until it is repaired',
  async () => {
    const deployment = await openDeployment(rootWithPolicies());
    toClose.push(deployment);
    await deployment.startWorker();
    const cli = (...argv: readonly string[]) => runCli(argv, { env: deployment.env });
    const run = () => cli('run-skill', 'open/echo', '--role', 'admin', '--payload', 'hi');
    expect((await run()).code).toBe(0);
    writeFiles(deployment.root, { [POLICIES]: JSON.stringify({ ...REQUIREMENT, rolls: {} }) });
    expect(await run()).toMatchObject({
      code: 3,
      stdout: 'blocked: policy_invalid\n',
      stderr: expect.stringContaining(`${POLICIES}: unknown field "rolls"`),
    });
    for (const argv of [
      ['run', 'List users'],
      ['add-skill', 'new/skill'],
    ]) {
      expect(await cli(...argv, '--json')).toMatchObject({
        code: 3,
        stdout: expect.stringContaining('"policy_invalid"'),
      });
    }
    writeFiles(deployment.root, { [POLICIES]: '{}' });
    expect((await run()).code).toBe(0);
  },
  PROCESSES_TIMEOUT_MS,
);

describe('tokens', () => {
  let deployment: Deployment;

  beforeAll(async () => {
    const policies = { ...REQUIREMENT, roles: { ...REQUIREMENT.roles, operator: ['runs:*'] } };
    deployment = await openDeployment(rootWithPolicies(policies), { SKILLOS_JWT_SECRET: SECRET });
    await deployment.startWorker();
  });

  afterAll(() => deployment.close());

  async function as(claims: object, ...argv: readonly string[]) {
    return runCli([...argv, '--jwt', await signToken(claims)], { env: deployment.env });
  }
  const echo = async (claims: object) => {
    const { code, stdout } = await as(claims, 'run-skill', 'open/echo', '--payload', 'hi', '--json');
    expect(code).toBe(0);
    return documentIn(stdout).run_id;
  };

  test(
    'bring their roles along, by option, by file and by variable',
    async () => {
      expect((await as({ roles: ['viewer'] }, 'run-skill', 'admin/list_users')).code).toBe(0);
      expect((await as({ roles: ['viewer'] }, 'run-skill', 'admin/delete_records')).code).toBe(3);
      expect((await as({ scope: 'admin:read' }, 'run-skill', 'admin/list_users')).code).toBe(0);
      const token = await signToken({ role: 'viewer' });
      const file = join(tempFolder(), 'token.jwt');
      writeFileSync(file, `${token}\n`);
      for (const [more, env] of [
        [['--jwt', `@${file}`], {}],
        [[], { SKILLOS_JWT_TOKEN: token }],
        [[], { SKILLOS_JWT_TOKEN: `@${file}` }],
      ] as const) {
        const result = await runCli(['run-skill', 'admin/list_users', ...more], {
          env: { ...deployment.env, ...env },
        });
        expect(result).toMatchObject({ code: 0, stdout: 'ann, bob\n' });
      }
      const missing = await runCli(['run-skill', 'open/echo', '--jwt', `@${file}.not`], {
        env: deployment.env,
      });
      expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('Cannot read token file') });
    },
    PROCESSES_TIMEOUT_MS,
  );

  test('narrow to a role they hold and never raise to another', async () => {
    const both = { roles: ['viewer', 'admin'] };
    expect((await as(both, 'auth', 'can-i', 'run', 'admin/delete_records')).code).toBe(0);
    expect((await as(both, 'auth', 'can-i', 'run', 'admin/delete_records', '--role', 'viewer')).code).toBe(3);
    const raised = await as(
      { roles: ['viewer'] },
      'run-skill',
      'admin/delete_records',
      '--role',
      'admin',
      '--json',
    );
    expect([raised.code, documentIn(raised.stdout)]).toEqual([
      3,
      expect.objectContaining({ code: 'role_not_held' }),
    ]);
  });

  test.each<[string, object]>([
    ['expired', { exp: 1 }],
    ['without a subject', { sub: undefined }],
  ])('that are %s start nothing', async (_what, claims) => {
    const { code, stdout } = await as(claims, 'run-skill', 'open/echo', '--json');
    expect([code, documentIn(stdout)]).toEqual([3, expect.objectContaining({ code: 'token_invalid' })]);
  });

  test(
    'see their own runs, and those of others with runs:read and runs:operate',
    async () => {
      const runId = await echo({ sub: 'ann' });
      for (const command of ['show', 'logs', 'watch']) {
        expect((await as({ sub: 'ann' }, 'runs', command, runId)).code).toBe(0);
        expect((await as({ sub: 'bob', roles: ['operator'] }, 'runs', command, runId)).code).toBe(0);
        expect(await as({ sub: 'bob' }, 'runs', command, runId)).toMatchObject({
          code: 2,
          stderr: expect.stringContaining(`Unknown run "${runId}"`),
        });
      }
      expect(await as({ sub: 'bob' }, 'runs', 'cancel', runId)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`Unknown run "${runId}"`),
      });
      expect((await as({ sub: 'bob', roles: ['operator'] }, 'runs', 'cancel', runId)).stderr).toContain(
        'has ended',
      );
      expect((await as({ sub: 'bob' }, 'runs', 'list')).stdout).toBe('no_runs\n');
      expect((await as({ sub: 'bob', roles: ['operator'] }, 'runs', 'list')).stdout).toContain(runId);
      expect((await as({ sub: 'ann' }, 'runs', 'list')).stdout).toContain(runId);
      const local = await runCli(['runs', 'show', runId], { env: deployment.env });
      expect(local.code).toBe(2);
    },
    PROCESSES_TIMEOUT_MS,
  );

  test('of another tenant see nothing, whatever their rights', async () => {
    const runId = await echo({ sub: 'ann', tenant_id: 'acme' });
    expect(await findRun(deployment.ports, runId)).toMatchObject({ tenant: 'acme' });
    const spy = { sub: 'ann', roles: ['operator'], permissions: ['*'], tenant_id: 'beta' };
    for (const command of ['show', 'logs', 'watch', 'cancel']) {
      const { code, stdout } = await as(spy, 'runs', command, runId, '--json');
      expect([command, code, documentIn(stdout)]).toEqual([
        command,
        2,
        expect.objectContaining({ code: 'unknown_run' }),
      ]);
    }
    expect((await as(spy, 'runs', 'list')).stdout).toBe('no_runs\n');
    expect((await as({ sub: 'ann', tid: 'acme' }, 'runs', 'list')).stdout).toContain(runId);
    const env = { ...deployment.env, SKILLOS_TENANT_ID: 'beta' };
    const conflict = await runCli(['runs', 'list', '--jwt', await signToken({ tenant_id: 'acme' })], {
      env,
    });
    expect(conflict).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('tenant of the token is "acme"'),
    });
  });

  test('cannot watch the run of another that no worker has taken yet', async () => {
    const runId = await echo({ sub: 'ann', tenant_id: 'acme' });
    await deployment.ports.records.update('runs', runKey(runId), () => undefined);
    expect((await as({ sub: 'ann', tenant_id: 'beta' }, 'runs', 'watch', runId)).code).toBe(2);
    expect((await as({ sub: 'bob', tenant_id: 'acme' }, 'runs', 'watch', runId)).code).toBe(2);
    expect((await as({}, 'runs', 'watch', `open.echo-${ulid()}`)).code).toBe(2);
  });
});

describe('production', () => {
  const settings = {
    SKILLOS_ENV: 'production',
    SKILLOS_SERVER_KEY: 'a key of the server that is long enough',
  };
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await openDeployment(rootWithPolicies(), settings);
    await deployment.startWorker();
  });

  afterAll(() => deployment.close());

  const run = (env: Readonly<Record<string, string>>) =>
    runCli(['run-skill', 'admin/list_users', '--role', 'viewer', '--json'], {
      env: { ...deployment.env, ...env },
    });

  test('runs what is signed with the server key', async () => {
    expect((await run({})).code).toBe(0);
  });

  test.each([
    ['not signed', '', 'not signed with the server key'],
    ['signed with another key', 'x'.repeat(32), 'not signed with the server key of the worker'],
  ])('blocks what is %s', async (_what, key, message) => {
    const { code, stdout } = await run({ SKILLOS_SERVER_KEY: key });
    expect([code, documentIn(stdout)]).toEqual([
      3,
      expect.objectContaining({
        status: 'blocked',
        reason: 'permission_denied',
        policy: 'identity',
        error: { code: 'permission_denied', message: expect.stringContaining(message) },
      }),
    ]);
  });

  test('blocks the signature of a run under another run, and with another plan or principal', async () => {
    const { client, target } = deployment.temporal;
    const runId = documentIn((await run({})).stdout).run_id;
    const { events = [] } = await client.workflow.getHandle(runId).fetchHistory();
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    const request = JSON.parse(Buffer.from(input ?? '').toString()) as RunRequest;
    expect(request.signature).toMatch(/^[0-9a-f]{64}$/);
    const startAs = (workflowId: string, forged: RunRequest) =>
      client.workflow.start(RUN_WORKFLOW, {
        workflowId,
        taskQueue: target.taskQueue,
        args: [forged],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    const other = await startAs(`admin.list_users-${ulid()}`, request);
    expect(await other.result()).toMatchObject({ status: 'blocked', reason: 'permission_denied' });
    const forgeries: readonly RunRequest[] = [
      { ...request, plan: step('admin/delete_records') },
      { ...request, principal: { ...request.principal, roles: ['admin'] } },
    ];
    for (const forged of forgeries) {
      const handle = await startAs(runId, forged);
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'run_replayed' } });
    }
  });

  test('lets no worker serve without a server key', async () => {
    const env = { ...deployment.env, SKILLOS_SERVER_KEY: '' };
    expect(await runCli(['worker'], { env })).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('SKILLOS_SERVER_KEY'),
    });
  });

  test('allows nothing without a policy file', async () => {
    const bare = await openDeployment(rootWith(SKILLS), settings);
    toClose.push(bare);
    await bare.startWorker();
    const { code, stderr } = await runCli(['run-skill', 'open/echo'], { env: bare.env });
    expect([code, stderr]).toEqual([3, expect.stringContaining(`No ${POLICIES}: production allows nothing`)]);
  });
});

test('token and keys stand nowhere but where they were put', async () => {
  const secret = 'canary-secret-3d1b7c9e5f204a68-long-enough';
  const serverKey = 'canary-server-key-7f3a9c21e8b04d56-long-enough';
  const token = await signToken({ roles: ['admin'], team: 'ops' }, { key: new TextEncoder().encode(secret) });
  const spill = `
    import { readFileSync } from 'node:fs';
    export function run(payload: string, ctx: unknown) {
      const argv = ['self', process.ppid].map((pid) => readFileSync('/proc/' + pid + '/cmdline', 'utf8'));
      console.log(JSON.stringify([process.env, argv]));
      if (payload === 'fail') throw new Error(JSON.stringify([ctx, argv]));
      return JSON.stringify([process.env, argv, ctx]);
    }`;
  const root = rootWith({ 'test/spill': { code: spill } });
  writeFiles(root, { [POLICIES]: '{}' });
  const deployment = await openDeployment(root, {
    SKILLOS_JWT_SECRET: secret,
    SKILLOS_SERVER_KEY: serverKey,
  });
  const worker = await startWorkerProcess(deployment.env);
  const file = join(tempFolder(), 'token.jwt');
  writeFileSync(file, token);
  const seen: string[] = [];
  const cli = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await runCli(argv, { env: { ...deployment.env, ...env } });
    seen.push(stdout, stderr);
    return { code, stdout };
  };
  try {
    const run = ['run-skill', 'test/spill', '--json'];
    const done = await cli(run, { SKILLOS_JWT_TOKEN: token });
    const failed = await cli([...run, '--payload', 'fail', '--jwt', `@${file}`], { SKILLOS_DEBUG: '1' });
    expect([done.code, failed.code]).toEqual([0, 1]);
    for (const { stdout } of [done, failed]) {
      const { run_id: runId } = documentIn(stdout);
      await cli(['runs', 'show', runId, '--json', '--jwt', `@${file}`]);
      await cli(['runs', 'logs', runId], { SKILLOS_JWT_TOKEN: token });
      const history = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
      for (const event of history.events ?? []) seen.push(decoded(event));
    }
    await cli(['config', '--json'], { SKILLOS_JWT_TOKEN: token });
    await cli(['runs', 'list', '--jwt', `${token}x`], { SKILLOS_DEBUG: '1' });
    await cli(['runs', 'list', '--jwt', token, '--role', 'none'], { SKILLOS_DEBUG: '1' });
    await cli(['auth', 'can-i', 'run', 'test/spill', '--explain', '--json'], { SKILLOS_JWT_TOKEN: token });
  } finally {
    worker.signal('SIGTERM');
    await worker.ended;
    await deployment.close();
  }
  seen.push(worker.stdout(), worker.stderr(), ...contentsBelow(root));
  const canaries = [...token.split('.'), secret, serverKey];
  expect(seen.some((text) => /team\W+ops/.test(text))).toBe(true); // what is looked through does hold the principal
  for (const canary of canaries) expect(seen.filter((text) => text.includes(canary))).toEqual([]);
});

/** An event of a history with its payloads, which JSON has in base64, as text. */
function decoded(event: object): string {
  return JSON.stringify(event, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
}

function contentsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}
