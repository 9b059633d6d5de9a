/** What code in the sandbox tries, and what is seen of it from outside. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { openPackageStore } from '../../../adapters/marketplace/package-store.ts';
import { sandboxProblem } from '../../../adapters/sandbox/sandbox.ts';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { openSkillHost } from '../../../adapters/skill-host/host.ts';
import type { SkillPool } from '../../../adapters/skill-host/pool.ts';
import type { LocalAttachment } from '../../../core/attachments/attachment.ts';
import { readPackage } from '../../../core/marketplace/package.ts';
import type { SkillHooks } from '../../../core/runs/skill-host.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { FIXTURE_KEY_ID, aPackage, fixtureSigner } from '../../support/marketplace-fixtures.ts';
import { aSkillRoot, anEntry, buildSkillChild } from '../../support/skill-root.ts';
import type { SkillRoot } from '../../support/skill-root.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** Each probe answers with what it got, or with the code of its error. */
const PROBES = `
import cp from 'node:child_process';
import dns from 'node:dns/promises';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { Worker } from 'node:worker_threads';

let calls = 0;
const keep = [];
const connect = (options) => new Promise((resolve, reject) => {
  net.connect(options).on('connect', () => resolve('connected')).on('error', reject);
});
const probes = {
  read: (file) => fs.readFileSync(file, 'utf8'),
  write: (file) => fs.writeFileSync(file, 'x'),
  list: (folder) => fs.readdirSync(folder).sort(),
  link: ([from, to]) => (fs.linkSync(from, to), 'linked'),
  throughLink: ([from, to]) => (fs.symlinkSync(from, to), fs.readFileSync(to, 'utf8')),
  environment: () => Object.keys(process.env),
  identity: () => [process.getuid(), process.cwd(), os.hostname()],
  connect,
  resolve: (name) => dns.resolve4(name),
  lookup: (name) => dns.lookup(name),
  fetch: (url) => fetch(url).catch((error) => { throw error.cause; }),
  spawn: (file) => { throw cp.spawnSync(file).error; },
  forkBomb: () => {
    const codes = new Set();
    for (let index = 0; index < 200; index++) codes.add(cp.spawnSync(process.execPath, ['-v']).error?.code);
    return [...codes];
  },
  kill: ([pid, signal]) => process.kill(pid, signal),
  addon: () => process.dlopen({ exports: {} }, '/tmp/addon.node'),
  fill: () => {
    const block = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < 200; index++) fs.writeFileSync('/tmp/block-' + index, block);
  },
  threads: async () => {
    for (let index = 0; index < 1000; index++) {
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
      await new Promise((resolve, reject) => worker.once('online', resolve).once('error', reject));
      keep.push(worker);
    }
  },
  buffers: () => { for (;;) keep.push(Buffer.alloc(16 * 1024 * 1024, 1)); },
  heap: () => { for (;;) keep.push(new Array(1e6).fill('x')); },
  loop: () => { for (;;); },
  flood: () => { for (;;) process.stdout.write('x'.repeat(65536) + '\\n'); },
  large: () => 'x'.repeat(40_000_000),
  exit: (code) => process.exit(code),
  count: () => ++calls,
  inherited: () => fs.fstatSync(0).isFile(),
  chmod: (mode) => { fs.chmodSync('/dev/null', mode); fs.fchmodSync(0, mode); },
  execve: () => typeof process.execve,
};
export async function run(payload, ctx) {
  const { probe, value } = JSON.parse(payload);
  if (probe === 'attachments') {
    const [{ id }] = ctx.attachments.list();
    const read = Buffer.from(await ctx.attachments.read(id)).toString();
    return [read, fs.readFileSync(ctx.attachments.path(id), 'utf8')];
  }
  try {
    return (await probes[probe](value)) ?? 'done';
  } catch (error) {
    if (error.code === undefined) throw error;
    return 'code: ' + error.code;
  }
}
`;

const CANARY = 'the canary of the operator';

let root: SkillRoot;
let host: SkillPool;
let childPath: string;
let hash: string;

interface Trial extends Partial<SkillHooks> {
  readonly timeoutMs?: number;
  readonly attachments?: readonly LocalAttachment[];
  readonly code?: string;
  readonly in?: SkillPool;
}

async function trial(probe: string, value: unknown = null, options: Trial = {}): Promise<unknown> {
  const { timeoutMs = 60_000, attachments, code = hash, in: pool = host, ...hooks } = options;
  const step = {
    number: 1,
    skill: parseSkillId('test/probe'),
    name: 'probe',
    hash: code,
    accepts: 'text',
    timeoutMs,
    repeatable: false,
    retry: { maxAttempts: 1, initialMs: 1, backoff: 1, maxIntervalMs: 1, nonRetryable: [] },
    connectors: ['weather'],
  } as const;
  const call = {
    runId: 'run',
    attempt: 1,
    idempotencyKey: 'key',
    principal: { subject: 'ada', roles: [] },
    payload: JSON.stringify({ probe, value }),
    step,
    ...(attachments && { attachments }),
  };
  const ignore = () => undefined;
  const { signal } = new AbortController();
  return JSON.parse(
    await pool.run(call, { signal, onLog: ignore, onHeartbeat: ignore, ...hooks }),
  ) as unknown;
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ({ value }),
    ({ code, details }: { code: string; details?: object }) => ({ code, ...details }),
  );

const options = () => ({ ...root, childPath, processes: 2, memoryMb: 128, environment: process.env });

beforeAll(async () => {
  childPath = await buildSkillChild(tempFolder());
  root = await aSkillRoot({ 'implementations/test/probe.ts': PROBES, 'secrets/.env': CANARY });
  hash = await openSkillCode(root).freeze(anEntry('probe', { sandbox: true }));
  host = openSkillHost(options());
});

afterAll(async () => {
  await host.close();
  const left = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(childPath));
  expect(left).toEqual([]);
  await root.remove();
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

test('the sandbox starts here', async () => {
  expect(await sandboxProblem(process.env)).toBeUndefined();
});

describe('in the sandbox', () => {
  test('there are Node, its libraries, the program and nothing of the machine', async () => {
    expect(await trial('list', '/app')).toEqual(['node', 'program.mjs']);
    expect(await trial('list', '/dev')).toEqual(['null', 'urandom']);
    expect(await trial('list', '/tmp')).toEqual([`${hash}.mjs`]);
    const top = (await trial('list', '/')) as readonly string[];
    expect(top.filter((name) => !/^lib|^usr$/.test(name))).toEqual(['app', 'dev', 'tmp']);
  });

  test('the process is nobody, without an environment', async () => {
    expect(await trial('environment')).toEqual(['PWD']);
    expect(await trial('identity')).toEqual([65534, '/tmp', 'sandbox']);
  });

  test.each([
    '/etc/passwd',
    '/etc/shadow',
    '/proc/1/environ',
    '/proc/self/environ',
    '/sys/kernel/notes',
    path.join(os.homedir(), '.ssh/id_rsa'),
    'ROOT/secrets/.env',
    '../../../../ROOT/secrets/.env',
  ])('%s is not there', async (file) => {
    expect(await trial('read', file.replace('ROOT', root.root))).toBe('code: ENOENT');
  });

  test('links lead nowhere', async () => {
    expect(await trial('throughLink', [`${root.root}/secrets/.env`, '/tmp/link'])).toBe('code: ENOENT');
    expect(await trial('link', ['/app/program.mjs', '/tmp/hard'])).toBe('code: EXDEV');
  });

  test.each(['/x', '/app/program.mjs', '/app/node', '/dev/x', '/lib/x'])(
    '%s cannot be written',
    async (file) => {
      expect(await trial('write', file)).toBe('code: EROFS');
    },
  );

  test('its folder is of its own, and has a limit', async () => {
    const name = path.join(os.tmpdir(), path.basename(root.root), 'made-inside');
    expect(await trial('write', '/tmp/made-inside')).toBe('done');
    expect(existsSync('/tmp/made-inside') || existsSync(name)).toBe(false);
    expect(await trial('fill')).toBe('code: ENOSPC');
  });

  test('modes of devices stay as they are, also for a worker that is root', async () => {
    const before = statSync('/dev/null').mode;
    expect(await trial('chmod', 0o646)).toBe('done');
    const after = statSync('/dev/null').mode;
    chmodSync('/dev/null', before & 0o7777);
    expect(after).toBe(before);
  });

  test('no other process can be started, or reached', async () => {
    expect(await trial('spawn', '/app/node')).toBe('code: EPERM');
    expect(await trial('forkBomb')).toEqual(['EPERM']);
    expect(await trial('kill', [process.pid, 'SIGKILL'])).toBe('code: ESRCH');
    expect(await trial('kill', [1, 'SIGKILL'])).toBe(true); // the kernel ignores it for the first process of a namespace
    expect(await trial('kill', [-1, 'SIGKILL'])).toMatch(/^code: E(SRCH|PERM)$/);
    expect(await trial('count')).toBeGreaterThan(0);
  });

  test('native code does not load', async () => {
    expect(await trial('addon')).toBe('code: ERR_DLOPEN_DISABLED');
    expect(await trial('execve')).toBe('undefined'); // Node 22.15 and newer have it
  });
});

test('nothing of the network is reached, not even this machine', async () => {
  let connections = 0;
  const folder = tempFolder();
  const servers = [{ port: 0, host: '127.0.0.1' }, { path: `${folder}/socket` }].map((place) =>
    createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(place),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const [{ port }] = servers.map((server) => server.address()) as [AddressInfo];
  for (const address of ['127.0.0.1', '::1', '169.254.169.254', '1.1.1.1']) {
    expect(await trial('connect', { port, host: address })).toBe('code: EAFNOSUPPORT');
  }
  expect(await trial('connect', { path: `${folder}/socket` })).toBe('code: ENOENT');
  expect(await trial('fetch', `http://127.0.0.1:${port}/`)).toBe('code: EAFNOSUPPORT');
  expect(await trial('resolve', 'example.com')).toMatch(/^code: E/);
  expect(await trial('lookup', 'example.com')).toMatch(/^code: E/);
  expect(connections).toBe(0);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('a bomb ends alone, as its own error', () => {
  test.each([
    ['buffers', 'skill_out_of_memory'],
    ['heap', 'skill_out_of_memory'],
    ['large', 'skill_output_too_large'],
  ])('%s: %s', async (probe, code) => {
    expect(await refusal(trial(probe))).toMatchObject({ code });
  });

  test.each(['loop', 'flood'])('%s: skill_timeout, with a log that ends', async (probe) => {
    let lines = 0;
    const onLog = () => void lines++;
    expect(await refusal(trial(probe, null, { timeoutMs: 1500, onLog }))).toMatchObject({
      code: 'skill_timeout',
    });
    expect(lines).toBeLessThanOrEqual(10_001);
  });

  test('threads end at the limit of memory', async () => {
    const ended = await refusal(trial('threads', null, { timeoutMs: 20_000 }));
    expect(ended).not.toEqual({ value: 'done' });
  });

  test('exit codes and signals are told as without a sandbox', async () => {
    expect(await refusal(trial('exit', 3))).toEqual({ code: 'skill_crashed', exit_code: 3 });
    expect(await refusal(trial('kill', [2, 'SIGKILL']))).toEqual({
      code: 'skill_crashed',
      signal: 'SIGKILL',
    });
  });

  afterAll(async () => {
    expect(await trial('list', '/app')).toHaveLength(2);
  });
});

test('a process is reused while it is warm', async () => {
  const first = (await trial('count')) as number;
  expect(await trial('count')).toBe(first + 1);
});

describe('attachments', () => {
  const ref = {
    id: '0c8d9a3e-6a52-4c1f-9c2f-7a2f3a3e8a01',
    filename: 'letter.txt',
    content_type: 'text/plain',
    size_bytes: 8,
    reference: 'attachments/x',
  };

  test('come with the call, and stay in no process', async () => {
    const file = path.join(tempFolder(), 'letter.txt');
    writeFileSync(file, 'Dear Ada');
    expect(await trial('attachments', null, { attachments: [{ ref, file }] })).toEqual([
      'Dear Ada',
      'Dear Ada',
    ]);
    expect(await trial('list', '/tmp')).not.toContain(ref.id);
  });

  test('are read when the call has a process, not while it waits for one', async () => {
    const file = path.join(tempFolder(), 'letter.txt');
    const single = openSkillHost({ ...options(), processes: 1 });
    try {
      const first = refusal(trial('loop', null, { timeoutMs: 500, in: single }));
      const second = trial('attachments', null, { attachments: [{ ref, file }], in: single });
      await first;
      writeFileSync(file, 'Dear Bob');
      expect(await second).toEqual(['Dear Bob', 'Dear Bob']);
    } finally {
      await single.close();
    }
  });
});

test('a package runs in the sandbox, and the worker learns which hosts it may reach', async () => {
  const id = parseSkillId('acme/probe');
  const code = PROBES.replace(
    "if (probe === 'attachments')",
    "if (probe === 'ask') return ctx.connectors.weather.request({ path: '/' });\n  if (probe === 'attachments')",
  );
  const reading = readPackage(aPackage(id, { code, connectors: ['weather'], hosts: ['api.example'] }), '[0]');
  if (reading.status !== 'read') throw new Error(reading.problem);
  const store = openPackageStore(root.root);
  const lock = new Map([[id, store.entryOf(reading.package, { source: 'c.json', explicit: true })]]);
  await store.exclusively(() => store.apply({ write: [reading.package], remove: [], lock }));
  await store.saveKeyring({
    keys: [{ key_id: FIXTURE_KEY_ID, public_key: fixtureSigner.publicKey, namespaces: ['acme/*'] }],
  });
  const entry = (await openCatalog(root.root).load()).skills.get(id);
  if (entry === undefined) throw new Error('not installed');
  const frozen = await openSkillCode(root).freeze(entry);
  expect(await trial('read', `${root.root}/secrets/.env`, { code: frozen })).toBe('code: ENOENT');
  const asked: unknown[] = [];
  const onConnectorCall: SkillHooks['onConnectorCall'] = async ({ connector }, _signal, hosts) => {
    asked.push(connector, hosts);
    return 'sunny';
  };
  expect(await trial('ask', null, { code: frozen, onConnectorCall })).toBe('sunny');
  expect(asked).toEqual(['weather', ['api.example']]);
});

describe('the code of the operator', () => {
  test('runs outside, unless all code is to run in the sandbox', async () => {
    const own = await openSkillCode(root).freeze(anEntry('probe'));
    expect(await trial('read', `${root.root}/secrets/.env`, { code: own })).toBe(CANARY);
    const strict = openSkillHost({ ...options(), sandbox: 'all' });
    try {
      expect(await trial('read', `${root.root}/secrets/.env`, { code: own, in: strict })).toBe(
        'code: ENOENT',
      );
      await expect(strict.check(own, 'test/probe')).resolves.toBeUndefined();
    } finally {
      await strict.close();
    }
  });
});

describe('without a sandbox', () => {
  test.each([
    ['without bubblewrap', ['prlimit'], 'bubblewrap (bwrap) is not installed'],
    ['without prlimit', ['bwrap'], 'bubblewrap (bwrap) or prlimit is not installed'],
  ])('code that needs it does not run: %s', async (_, programs, why) => {
    const folder = tempFolder();
    mkdirSync(`${folder}/bin`);
    for (const name of programs) symlinkSync(`/usr/bin/${name}`, `${folder}/bin/${name}`);
    const environment = { PATH: `${folder}/bin` };
    const bare = openSkillHost({ ...options(), environment, processes: 1 });
    try {
      const found = trial('write', `${folder}/ran`, { in: bare });
      await expect(found).rejects.toMatchObject({
        code: 'sandbox_unavailable',
        message: expect.stringMatching(/^The sandbox does not start here: bubblewrap/),
      });
      expect(existsSync(`${folder}/ran`)).toBe(false);
    } finally {
      await bare.close();
    }
    expect(await sandboxProblem(environment)).toBe(why);
  });
});
