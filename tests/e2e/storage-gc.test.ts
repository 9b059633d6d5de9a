/** `skillos storage gc` on files and on a real Postgres. */
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { ulid } from 'ulid';
import { openContents } from '../../adapters/deployments/contents.ts';
import { openPorts } from '../../adapters/open.ts';
import { attachmentRef } from '../../core/attachments/attachment.ts';
import { attachmentRecords } from '../../core/attachments/attachment-records.ts';
import { recordDeployment } from '../../core/deployments/deployment.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { exchangeLogName, requestIdOf, runLogName } from '../../core/values/run-id.ts';
import { aRecord, aSchedule } from '../support/builders.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { runCli } from '../support/run-cli.ts';
import { storeRun } from '../support/stored-run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const DAY_MS = 86_400_000;

let server: TestPostgres;

beforeAll(async () => {
  server = await startPostgres();
});

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

describe.each(['file', 'postgres'])('with storage %s', (backend) => {
  let root: string;
  let env: Record<string, string>;
  let opened: ReturnType<typeof openPorts>;

  beforeEach(() => {
    root = tempFolder();
    writeFiles(root, { 'metadata/README.md': '' });
    env = {
      SKILLOS_ROOT: root,
      SKILLOS_STORAGE_BACKEND: backend,
      SKILLOS_POSTGRES_DSN: server.dsn,
      SKILLOS_POSTGRES_SCHEMA: `s_${ulid().toLowerCase()}`,
    };
    opened = openPorts(parseConfig(env), Date.now);
  });

  afterEach(async () => {
    await opened.state.close();
  });

  const cli = (...argv: readonly string[]) => runCli(argv, { env });

  async function gc(...argv: readonly string[]) {
    const { code, stdout } = await cli('storage', 'gc', '--json', ...argv);
    expect(code).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** A run with a log, kept calls and a large output of its own; it ended as long ago as it was requested if not otherwise said. */
  async function aRun(days: number, more: Partial<RunRecord> = {}): Promise<string> {
    const { values } = opened.ports;
    const createdAt = daysAgo(days).toISOString();
    const id = `test.echo-${ulid(daysAgo(days).getTime())}`;
    const output = await values.carry(`${id} `.repeat(1000));
    await age('ref' in output ? output.ref : '', days);
    const record = aRecord({ id, status: 'success', createdAt, endedAt: createdAt, output, ...more });
    await storeRun(opened.ports, record, { at: createdAt, text: 'x' });
    return id;
  }

  async function age(hash: string, days: number): Promise<void> {
    if (backend === 'file') {
      const file = path.join(root, 'runtime', 'blobs', hash.slice(0, 2), hash);
      utimesSync(file, daysAgo(days), daysAgo(days));
    } else {
      const text = `UPDATE ${env['SKILLOS_POSTGRES_SCHEMA']}.blobs SET touched_at = $2 WHERE hash = $1`;
      await server.query(text, [hash, daysAgo(days)]);
    }
  }

  async function attach(id: string): Promise<void> {
    const requestId = requestIdOf(id);
    const of = { requestId, id: crypto.randomUUID(), safeName: 'a.txt' };
    const ref = attachmentRef({ filename: 'a.txt', contentType: 'text/plain', data: '', sizeBytes: 5 }, of);
    await opened.state.attachments.write([{ ref, bytes: Buffer.from('hello') }]);
    const at = daysAgo(40).toISOString();
    await attachmentRecords(opened.ports.records).add(requestId, { runId: id, at, items: [ref] });
  }

  async function left() {
    const { stdout } = await cli('runs', 'list', '--json', '--limit', '100');
    const { items } = JSON.parse(stdout) as { readonly items: readonly { readonly run_id: string }[] };
    const logs: string[] = [];
    for await (const log of opened.state.inventory.logs()) logs.push(log);
    let blobs = 0;
    for await (const _blob of opened.state.inventory.blobs()) blobs += 1;
    return { runs: items.map(({ run_id: id }) => id).sort(), logs, blobs };
  }

  const logsOf = (...ids: readonly string[]) =>
    [...ids.flatMap((id) => [runLogName(id), exchangeLogName(id)]), 'audit/default'].sort();

  test('removes old runs with what belongs to them, and keeps all else', async () => {
    const old = await aRun(40);
    await aRun(39);
    await attach(old);
    const repeated = await aRun(36);
    const origin = { runId: repeated, from: 2 };
    const kept = [repeated, await aRun(20, { origin }), await aRun(1)].sort();
    const counted = { runs: 2, runs_kept: 3, oldest_run: repeated, attachments: { items: 1, bytes: 5 } };
    const before = await left();
    expect(await gc('--dry-run')).toMatchObject({ ...counted, dry_run: true, blobs: { items: 2 } });
    expect(await left()).toEqual(before);

    expect(await gc()).toMatchObject({ ...counted, dry_run: false, blobs: { items: 2 } });
    expect(await left()).toEqual({ runs: kept, logs: logsOf(...kept), blobs: 3 });
    const audit = await cli('audit', 'list', '--json', '--action', 'circuit_opened');
    expect((JSON.parse(audit.stdout) as { items: readonly unknown[] }).items).toHaveLength(5);
    const byStatus = await cli('runs', 'list', '--status', 'success', '--json');
    expect((JSON.parse(byStatus.stdout) as { items: readonly unknown[] }).items).toHaveLength(3);
    if (backend === 'file') expect(existsSync(path.join(root, 'attachments', requestIdOf(old)))).toBe(false);
    expect(await gc()).toMatchObject({ runs: 0, runs_kept: 3, blobs: { items: 0 } });
    expect((await cli('runs', 'show', old)).stderr).toContain('unknown_run');
  });

  /** A large value that was last used so many days ago. */
  async function aBlob(text: string, days: number): Promise<string> {
    const hash = await opened.state.blobs.put(Buffer.from(text.repeat(5000)));
    await age(hash, days);
    return hash;
  }

  test('a dry run counts what a run then removes: payloads of schedules, deployments and their code stay', async () => {
    const { records } = opened.ports;
    await aRun(40);
    await aRun(39, { tenant: 'acme' });
    const requeued = await aRun(38, { queue: 'jobs', job: { priority: 3, requeuedAs: 'test.echo-gone' } });
    await attach(requeued);
    const payload = { ref: await aBlob('payload', 50), bytes: 35_000 };
    const schedule = aSchedule({ id: 's', request: { ...aSchedule().request, payload } });
    await scheduleRecords(records).update(schedule, () => schedule);
    const [held, unused, used] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
    const usedAt = { [held]: daysAgo(50), [unused]: daysAgo(50), [used]: daysAgo(2) };
    for (const [hash, at] of Object.entries(usedAt)) {
      const code = await aBlob(hash, 50);
      await records.update('bundles', hash, () => ({ code, usedAt: at.toISOString() }));
    }
    const files = { 'metadata/a.yaml': 'x'.repeat(20_000) };
    const id = await openContents(opened.state.blobs).put({ format: 1, files, code: { 'test/echo': held } });
    await age(id, 50);
    const deployment = { id, at: daysAgo(50).toISOString(), by: 'ann', skills: 1, files: 1 };
    await recordDeployment(records, ulid(), deployment);

    const { dry_run: _dry, unused_since: _then, ...found } = await gc('--dry-run');
    const { dry_run: _real, unused_since: _now, ...removed } = await gc();
    expect(removed).toEqual(found);
    expect(removed).toMatchObject({
      runs: 3,
      runs_by_tenant: { acme: 1, default: 2 },
      attachments: { items: 0 },
      blobs: { items: 4 },
      shared_bundles: 1,
    });
    expect((await records.list('bundles')).map(({ key }) => key)).toEqual([held, used]);
    const { items } = JSON.parse(
      (await cli('audit', 'list', '--action', 'storage_collected', '--json')).stdout,
    );
    expect(items).toMatchObject([{ after: { runs: 2, blobs: 4, bundles: 0, shared_bundles: 1 } }]);
    const acme = await opened.ports.journal.read('audit/acme');
    expect(acme.entries.at(-1)).toMatchObject({ action: 'storage_collected', after: { runs: 1 } });
    expect(await gc()).toMatchObject({ runs: 0, blobs: { items: 0 }, shared_bundles: 0 });

    await recordDeployment(records, ulid(), { ...deployment, id: 'f'.repeat(64) }); // without its content
    await records.update('bundles', unused, () => ({ code: unused, usedAt: daysAgo(50).toISOString() }));
    expect((await cli('storage', 'gc', '--dry-run')).stdout).toMatch(
      /^unreadable deployments: f{12}; all shared bundles are kept/m,
    );
    expect(await gc()).toMatchObject({ shared_bundles: 0, unreadable_deployments: ['f'.repeat(64)] });
    expect((await records.list('bundles')).map(({ key }) => key)).toContain(unused);
  });

  test('a run in flight and a dead letter keep what was used since they were requested', async () => {
    await aRun(45);
    const parked = await aRun(42, { status: 'awaiting_approval', endedAt: undefined as never });
    const dead = await aRun(41, { status: 'error', queue: 'jobs', job: { priority: 3 } });
    const orphan = await opened.ports.values.carry('y'.repeat(20_000)); // such as the output of a step of the parked run
    await age('ref' in orphan ? orphan.ref : '', 43);
    expect(await gc()).toMatchObject({ runs: 1, runs_kept: 2, oldest_run: parked, blobs: { items: 1 } });
    expect(await left()).toEqual({ runs: [parked, dead].sort(), logs: logsOf(parked, dead), blobs: 3 });
  });

  test('finishes a removal that was killed after the record was gone', async () => {
    const killed = await aRun(40);
    const begun = ulid(Date.now() - 2 * 60 * 60 * 1000);
    await opened.ports.records.update('removals', begun, () => ({ runs: [killed] }));
    await runRecords(opened.ports.records).update(killed, () => undefined);
    expect(await gc()).toMatchObject({ runs: 0 });
    expect((await left()).logs).toEqual(['audit/default']);
    await expect(opened.ports.records.list('removals')).resolves.toEqual([]);
  });

  test('two at once remove everything once', async () => {
    for (let days = 31; days < 61; days++) await aRun(days);
    const [first, second] = await Promise.all([gc(), gc()]);
    expect(Number(first['runs']) + Number(second['runs'])).toBe(30);
    expect(await left()).toMatchObject({ runs: [], logs: ['audit/default'] });
  });
});

test('removes bundles of files that no run has used since', async () => {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/test/echo.yaml':
      'id: test/echo\nname: echo\ndescription: an echo\nversion: 1.0.0\nentrypoint: implementations.test.echo:run\n',
    'implementations/test/echo.ts': 'export function run(text: string) { return text; }\n',
  });
  const env = { SKILLOS_ROOT: root };
  await runCli(['test', 'test/echo', '--payload', 'x'], { env });
  const folder = path.join(root, 'runtime', 'bundles');
  const bundles = () => readdirSync(folder).filter((name) => /\.(mjs|json)$/.test(name));
  expect(bundles()).toHaveLength(3);
  const collect = async () => (await runCli(['storage', 'gc'], { env })).stdout;
  expect(await collect()).toContain('0 bundles');
  for (const name of bundles()) utimesSync(path.join(folder, name), daysAgo(40), daysAgo(40));
  expect(await collect()).toMatch(/, 2 bundles \(\d+ bytes\)/);
  expect(bundles()).toEqual([]);
  expect((await runCli(['test', 'test/echo', '--payload', 'x'], { env })).code).toBe(0);
});
