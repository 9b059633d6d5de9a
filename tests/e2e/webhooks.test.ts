/** Webhooks by the command line and by the API, to the jobs that they enqueue and the files that these read. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { runRecords } from '../../core/runs/run-records.ts';
import { schemeOf } from '../../core/webhooks/scheme.ts';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { runCli } from '../support/run-cli.ts';
import { skillos } from '../support/skillos-process.ts';
import { writeFiles } from '../support/write-files.ts';

const SKILLS = {
  // A step whose heartbeats a busy machine delays is tried again, because it has no effect that could happen twice.
  'test/echo': {
    code: 'export const run = (payload: unknown) => payload;',
    manifest: 'side_effects: none\n',
  },
  'test/files': {
    code: `
import { createReadStream } from 'node:fs';
export async function run(payload: string, { attachments, principal }: any) {
  const found = [];
  for (const { id, filename, content_type } of attachments.list()) {
    let streamed = 0;
    for await (const chunk of createReadStream(attachments.path(id))) streamed += chunk.length;
    const bytes = await attachments.read(id);
    found.push({ filename, content_type, text: new TextDecoder().decode(bytes), streamed });
  }
  const missing = await attachments.read('none').catch(({ name }: Error) => name);
  return { payload: JSON.parse(payload).payload, found, missing, subject: principal.subject };
}`,
  },
};

const TRIGGERS = {
  webhooks: [
    { id: 'echo', skill_id: 'test/echo' },
    { id: 'files', skill_id: 'test/files', principal: { subject: 'mailbox', roles: ['ops'] } },
    { id: 'github', skill_id: 'test/echo', scheme: 'github', payload: '/action' },
    { id: 'slow', skill_id: 'test/echo', rate_limit: { requests: 1, window_seconds: 60 } },
  ],
};

let deployment: Deployment;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  const root = rootWith(SKILLS);
  writeFiles(root, { 'triggers/webhooks.json': JSON.stringify(TRIGGERS) });
  deployment = await openDeployment(root);
  env = {
    ...deployment.env,
    SKILLOS_WEBHOOK_SECRET: 'sesame',
    SKILLOS_PUBLIC_URL: 'https://hooks.example/',
  };
});

afterAll(() => deployment.close());

const cli = (...argv: readonly string[]) => skillos(argv, { env, timeoutMs: 60_000 });
const recordOf = (id: string) => runRecords(deployment.ports.records).get(id);
const pathOf = (name: string) => join(deployment.root, name);

async function handle(trigger: string, body: object, ...argv: readonly string[]) {
  writeFiles(deployment.root, { 'body.json': JSON.stringify(body) });
  const signed = await runCli(['webhook', 'sign', '--id', trigger, '--path', pathOf('body.json')], { env });
  const headers = signed.stdout
    .trim()
    .split('\n')
    .flatMap((line) => ['--header', line]);
  return cli('webhook', 'handle', '--id', trigger, '--path', pathOf('body.json'), ...headers, ...argv);
}

async function enqueued(trigger: string, body: object, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await handle(trigger, body, ...argv);
  expect([code, stderr]).toEqual([0, '']);
  return /^webhook_enqueued: (\S+)\n$/.exec(stdout)?.[1] ?? '';
}

test('a signed delivery enqueues a job; a repetition is skipped', async () => {
  const id = await enqueued('echo', { payload: 'hello' }, '--idempotency-key', 'k1');
  await expect(recordOf(id)).resolves.toMatchObject({
    status: 'queued',
    queue: 'jobs',
    principal: { subject: 'webhook:echo' },
  });
  const again = await handle('echo', { payload: 'other' }, '--idempotency-key', 'k1');
  expect([again.code, again.stdout, again.stderr]).toEqual([0, 'webhook_skipped\n', `job: ${id}\n`]);
  const log = readFileSync(pathOf('logs/execution.log'), 'utf8').trimEnd().split('\n');
  expect(log.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'job_enqueued', job_id: id },
    { event: 'webhook_received', status: 'accepted', reason: 'enqueued' },
    { event: 'idempotency_skipped', source: 'webhook', skill_id: 'test/echo' },
    { event: 'webhook_received', status: 'accepted', reason: 'skipped' },
  ]);
  const worked = await cli('job', 'work');
  expect(worked.stdout).toBe(`job_succeeded: ${id}\n`);
  await expect(recordOf(id)).resolves.toMatchObject({ status: 'success', output: { value: 'hello' } });
});

test('takes --signature, and the payload by a pointer', async () => {
  writeFiles(deployment.root, { 'body.json': '{"action":"opened"}' });
  const signed = await cli('webhook', 'sign', '--id', 'github', '--path', pathOf('body.json'), '--json');
  const { headers } = JSON.parse(signed.stdout) as { readonly headers: Readonly<Record<string, string>> };
  const signature = headers['X-Hub-Signature-256'] ?? '';
  const argv = [
    'webhook',
    'handle',
    '--id',
    'github',
    '--path',
    pathOf('body.json'),
    '--signature',
    signature,
  ];
  const { stdout } = await cli(...argv);
  const id = /^webhook_enqueued: (\S+)\n$/.exec(stdout)?.[1] ?? '';
  await cli('job', 'work');
  await expect(recordOf(id)).resolves.toMatchObject({ output: { value: 'opened' } });
});

const NOTE = {
  filename: 'заметка.txt',
  content_type: 'text/plain',
  data: Buffer.from('привет').toString('base64'),
};

test('a job reads its attachments, until they are pruned', async () => {
  const body = {
    payload: 'see files',
    attachments: [NOTE, { ...NOTE, filename: 'b.csv', content_type: 'text/csv' }],
  };
  const id = await enqueued('files', body);
  const folder = pathOf(join('attachments', id.slice(-26)));
  expect(readdirSync(folder)).toHaveLength(2);
  const early = await cli('attachments', 'prune', '--older-than', '0s', '--yes');
  expect(early.stdout).toBe('attachments_pruned: 0 of 0 runs, 0 bytes; 1 runs in flight keep theirs\n');
  await cli('job', 'work');
  await expect(recordOf(id)).resolves.toMatchObject({
    status: 'success',
    output: {
      value: {
        payload: 'see files',
        missing: 'AttachmentNotFound',
        subject: 'mailbox',
        found: [
          { filename: 'заметка.txt', content_type: 'text/plain', text: 'привет', streamed: 12 },
          { filename: 'b.csv', content_type: 'text/csv', text: 'привет', streamed: 12 },
        ],
      },
    },
  });
  const asked = await cli('attachments', 'prune', '--older-than', '1s');
  expect(asked.code).toBe(2); // no terminal to ask at
  const pruned = await cli('attachments', 'prune', '--older-than', '0s', '--yes');
  expect(pruned.stdout).toBe('attachments_pruned: 2 of 1 runs, 24 bytes; 0 runs in flight keep theirs\n');
  expect(existsSync(folder)).toBe(false);
});

test('a refusal uses up no key', async () => {
  const bad = { payload: 'x', idempotency_key: 'k2', attachments: [{ ...NOTE, content_type: 'image/png' }] };
  const refused = await handle('files', bad);
  expect([refused.code, refused.stdout]).toEqual([3, 'webhook_rejected: 422\n']);
  expect(refused.stderr).toContain('expected the bytes of "image/png"');
  await enqueued('files', { ...bad, attachments: [NOTE] });
  expect((await handle('files', bad)).stdout).toBe('webhook_rejected: 422\n');
  expect((await handle('files', { ...bad, attachments: [] })).stdout).toBe('webhook_skipped\n');
  await cli('job', 'work');
});

test.each([
  [['--id', 'nothing'], 3, 'webhook_rejected: 401\n', 'trigger_unknown'],
  [['--id', 'echo'], 3, 'webhook_rejected: 401\n', 'signature_missing'],
  [['--id', 'echo', '--signature', 't=1,v1=00'], 3, 'webhook_rejected: 401\n', 'signature_malformed'],
  [['--id', 'echo', '--header', 'nonsense'], 2, '', 'Invalid --header "nonsense"'],
])('webhook handle %j', async (argv, exit, out, message) => {
  writeFiles(deployment.root, { 'body.json': '{}' });
  const { code, stdout, stderr } = await cli('webhook', 'handle', '--path', pathOf('body.json'), ...argv);
  expect([code, stdout, stderr]).toEqual([exit, out, expect.stringContaining(message)]);
});

test('a rate limit counts over processes', async () => {
  await enqueued('slow', { payload: 'one' });
  const { code, stdout, stderr } = await handle('slow', { payload: 'two' });
  expect([code, stdout]).toEqual([6, 'webhook_rejected: 429\n']);
  expect(stderr).toContain('More than 1 deliveries in 60 s');
  await cli('job', 'work');
});

test('lists triggers and deliveries, and repeats one', async () => {
  const triggers = await cli('webhook', 'triggers');
  expect(triggers.stdout.split('\n')[1]).toMatch(
    /^echo +test\/echo +skillos +set +POST https:\/\/hooks\.example\/webhooks\/echo$/,
  );
  const id = await enqueued('echo', { payload: { a: 'again' } });
  const listed = await cli('webhook', 'deliveries', 'list', '--id', 'echo', '--limit', '1', '--json');
  const { items } = JSON.parse(listed.stdout) as { readonly items: readonly { readonly id: string }[] };
  expect(items).toMatchObject([{ trigger: 'echo', status: 'enqueued', job_id: id }]);
  const delivery = items[0]?.id ?? '';
  const shown = await cli('webhook', 'deliveries', 'show', delivery, '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ body: { payload: { a: 'again' } } });
  const replayed = await cli('webhook', 'deliveries', 'replay', delivery, '--json');
  const { job_id: job } = JSON.parse(replayed.stdout) as { readonly job_id: string };
  expect(job).not.toBe(id);
  await cli('job', 'work');
  await expect(recordOf(job)).resolves.toMatchObject({
    status: 'success',
    output: { value: '{"a":"again"}' },
  });
  const audit = await cli('audit', 'list', '--json');
  expect(audit.stdout).toContain('webhook_replayed');
  const unknown = await cli('webhook', 'deliveries', 'show', '../x');
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Unknown delivery "../x"')]);
});

describe('while the API is restarted', () => {
  const KEYS = 50;
  const DELIVERIES = 500;
  const SENDERS = 20;
  let api: BuiltServer;

  async function deliver(key: string): Promise<string> {
    for (let attempt = 0; ; attempt++) {
      const raw = JSON.stringify({ payload: key, idempotency_key: key });
      const now = Math.floor(Date.now() / 1000);
      const headers = schemeOf('skillos').headers({ secret: 'sesame', body: Buffer.from(raw), now, id: key });
      const reply = await api.send('POST', '/webhooks/echo', { raw, headers }).catch(() => undefined);
      if (reply?.status === 202 || reply?.status === 200) return reply.body['job_id'] as string;
      const isAway = reply === undefined || reply.status === 503;
      if (attempt === 100 || !isAway) throw new Error(`Not accepted: ${JSON.stringify(reply)}`);
      await new Promise((resolve) => setTimeout(resolve, 100)); // as a sender waits before it tries again
    }
  }

  test(`${DELIVERIES} deliveries with ${KEYS} keys enqueue ${KEYS} jobs`, async () => {
    const settings = { ...env, SKILLOS_IDEMPOTENCY_TTL_SECONDS: '3600' };
    const attempt = ulid(); // a second attempt has keys of its own
    api = await serveBuilt(settings);
    const jobs = new Map<string, Set<string>>();
    let next = 0;
    let restarted = Promise.resolve();
    const sender = async () => {
      for (let number = next++; number < DELIVERIES; number = next++) {
        const key = `${attempt}-${number % KEYS}`;
        const id = await deliver(key);
        jobs.set(key, (jobs.get(key) ?? new Set()).add(id));
        if (number === 100 || number === 250 || number === 400) {
          restarted = restarted.then(async () => {
            const { process } = api;
            process.signal('SIGKILL');
            await process.ended;
            api = await serveBuilt(settings);
          });
        }
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await restarted;
    await api.close();
    expect(jobs.size).toBe(KEYS);
    expect([...jobs.values()].filter((ids) => ids.size !== 1)).toEqual([]);
    const worked = await cli('job', 'work', '--concurrency', '8');
    const ids = [...jobs.values()].map(([id]) => `job_succeeded: ${id}`);
    expect(worked.stdout.trim().split('\n').sort()).toEqual(ids.sort());
  }, 240_000);
});
