/** `skillos storage migrate` from files to a real Postgres and back, also after it was killed. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
// Jest may fail to link what several imports of a command ask for at once.
import '../../cli/running/follow.ts';
import { ulid } from 'ulid';
import { openPorts } from '../../adapters/open.ts';
import { announceServing } from '../../adapters/storage/serving.ts';
import { attachmentRef } from '../../core/attachments/attachment.ts';
import { attachmentRecords } from '../../core/attachments/attachment-records.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { runLogName } from '../../core/values/run-id.ts';
import { aRecord } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { runCli } from '../support/run-cli.ts';
import type { CliResult } from '../support/run-cli.ts';
import { skillos, startSkillos } from '../support/skillos-process.ts';
import { storeRun } from '../support/stored-run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const RUNS = 40;
const LARGE = 'a large value '.repeat(3000);

let server: TestPostgres;
let root: string;
let env: Record<string, string>;
let ids: readonly string[];

beforeAll(async () => {
  server = await startPostgres();
});

beforeEach(() => {
  root = tempFolder();
  writeFiles(root, { 'metadata/README.md': '' });
  env = {
    SKILLOS_ROOT: root,
    SKILLOS_DEV_AUTOSTART: '0', // the runs of this test have no history
    SKILLOS_SERVER_KEY: 'the server key of a test, long enough',
    SKILLOS_POSTGRES_DSN: server.dsn,
    SKILLOS_POSTGRES_SCHEMA: `s_${ulid().toLowerCase()}`,
  };
});

const on = (backend: string) => ({ ...env, SKILLOS_STORAGE_BACKEND: backend });
const migrate = (from: string, to: string, ...more: readonly string[]) =>
  skillos(['storage', 'migrate', '--from', from, '--to', to, ...more], { env });

/** What users see of the state. */
async function seen(backend: string): Promise<readonly string[]> {
  const commands = [
    ['runs', 'list', '--limit', '100', '--json'],
    ['runs', 'list', '--limit', '100', '--status', 'success', '--json'],
    ['audit', 'list', '--action', 'circuit_opened', '--json'],
    ...ids.slice(0, 3).flatMap((id) => [
      ['runs', 'show', id, '--json'],
      ['runs', 'logs', id],
    ]),
  ];
  const results: CliResult[] = [];
  for (const argv of commands) results.push(await runCli(argv, { env: on(backend) }));
  expect(results.filter(({ code }) => code !== 0)).toEqual([]);
  return results.map(({ stdout }) => stdout);
}

async function verified(backend: string): Promise<{ entries: number; proven: number; faults: number }> {
  const { code, stdout } = await runCli(['audit', 'verify', '--json'], { env: on(backend) });
  expect(code).toBe(0);
  return JSON.parse(stdout) as { entries: number; proven: number; faults: number };
}

async function fill(backend: string): Promise<void> {
  const { ports, state } = openPorts(parseConfig(on(backend)), Date.now);
  const { records } = ports;
  const output = await ports.values.carry(LARGE);
  ids = await Promise.all(
    Array.from({ length: RUNS }, async (_, index) => {
      const id = `test.echo-${ulid(1_790_000_000_000 + index)}`;
      const endedAt = '2026-09-21T20:00:00.000Z';
      const record = aRecord({ id, status: 'success', output, endedAt });
      const exchange = { exchange: { '\u0000': index } };
      await storeRun(ports, record, { at: endedAt, text: `line of ${index}`, exchange });
      return id;
    }),
  );
  await records.update('awkward', 'a.b_c', () => ({ z: '\u0000', a: [1e300, -1e-7] }));
  const ref = attachmentRef(
    { filename: 'a.txt', contentType: 'text/plain', data: '', sizeBytes: 5 },
    { requestId: 'r', id: crypto.randomUUID(), safeName: 'a.txt' },
  );
  await state.attachments.write([{ ref, bytes: Buffer.from('hello') }]);
  const at = '2026-09-21T20:00:00.000Z';
  for (const runId of ids.slice(0, 2))
    await attachmentRecords(records).add(runId, { runId, at, items: [ref] });
  await state.close();
}

test('copies all state to Postgres and back, so that users see the same', async () => {
  await fill('file');
  const before = { seen: await seen('file'), audit: await verified('file') };
  const counted = 'storage_counted: 43 records, 81 logs, 1 blobs, 2 attachments\n';
  expect(await migrate('file', 'postgres', '--dry-run')).toMatchObject({ code: 0, stdout: counted });

  const there = await migrate('file', 'postgres');
  expect(there).toMatchObject({ code: 0, stdout: counted.replace('counted', 'migrated') });
  expect(there.stderr).toBe(
    'Now set SKILLOS_STORAGE_BACKEND=postgres for every process, and start them again\n',
  );
  expect(await seen('postgres')).toEqual(before.seen);
  const entries = before.audit.entries + 1; // that of the migration
  expect(await verified('postgres')).toMatchObject({ entries, proven: entries, faults: 0 });

  const filled = await migrate('postgres', 'file');
  expect(filled).toMatchObject({ code: 1, stdout: '' });
  expect(filled.stderr).toMatch(
    /^Error: The target is not empty: it holds state of SkillOS \(storage_not_empty\)\n/,
  );

  const first = root;
  root = tempFolder();
  writeFiles(root, { 'metadata/README.md': '' });
  env = { ...env, SKILLOS_ROOT: root };
  expect(await migrate('postgres', 'file', '--json')).toMatchObject({ code: 0 });
  expect(await seen('file')).toEqual(before.seen);
  expect(await verified('file')).toMatchObject({ proven: entries + 1, faults: 0 });
  const attachment = path.join('attachments', 'r');
  expect(existsSync(path.join(root, attachment))).toBe(true);
  const record = path.join('runtime', 'records', 'awkward', 'a.b_c.json');
  expect(readFileSync(path.join(root, record))).toEqual(readFileSync(path.join(first, record)));
});

test('continues with --resume after it was killed', async () => {
  await fill('file');
  const before = await seen('file');
  await migrate('file', 'postgres', '--dry-run'); // makes the tables
  const log = `"${env['SKILLOS_POSTGRES_SCHEMA']}".${runLogName(ids[30] as string)}`;
  const holder = new Client({ connectionString: server.dsn });
  holder.on('error', () => undefined); // the server ends before it if the test fails
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [log]);
  const killed = startSkillos(['storage', 'migrate', '--from', 'file', '--to', 'postgres'], { env });
  await eventually(async () => {
    const waiting = await server.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
    expect(waiting).toHaveLength(1);
  });
  killed.signal('SIGKILL');
  await killed.ended;
  await holder.end();

  const partly = await migrate('file', 'postgres');
  expect(partly).toMatchObject({ code: 1, stdout: '' });
  expect(partly.stderr).toContain('The target holds part of an earlier migration (storage_not_empty)');
  expect(partly.stderr).toContain('--resume');
  expect(await migrate('file', 'postgres', '--resume')).toMatchObject({ code: 0 });
  expect(await seen('postgres')).toEqual(before);
  expect(await verified('postgres')).toMatchObject({ faults: 0 });
  const again = await migrate('file', 'postgres', '--resume');
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain('among it a migration that was completed at');
});

test('refuses while a process serves either storage, and commands change nothing meanwhile', async () => {
  const { state } = openPorts(parseConfig(on('postgres')), Date.now);
  const serving = await announceServing({ records: state.records, now: Date.now }, 'worker');
  const refused = await migrate('file', 'postgres');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain(`A worker uses the storage: process ${process.pid} on host`);
  await serving.close();
  const migration = await announceServing({ records: state.records, now: Date.now }, 'migration');
  const changed = await runCli(['circuit', 'reset', 'test/echo'], { env: on('postgres') });
  expect(changed).toMatchObject({ code: 1, stdout: '' });
  expect(changed.stderr).toContain(`A migration uses the storage: process ${process.pid} on host`);
  await migration.close();
  await state.close();
  expect(await migrate('file', 'postgres')).toMatchObject({ code: 0 });
});

test('refuses what is not a migration', async () => {
  const same = await runCli(['storage', 'migrate', '--from', 'file', '--to', 'file'], { env });
  expect(same).toMatchObject({ code: 2, stdout: '' });
  expect(same.stderr).toContain('Expected --from and --to to differ, got "file" twice');
  const unknown = await runCli(['storage', 'migrate', '--from', 'sqlite', '--to', 'file'], { env });
  expect(unknown.stderr).toContain('Unknown --from "sqlite": expected file or postgres');
  const { SKILLOS_POSTGRES_DSN: _dsn, ...without } = env;
  const needed = await runCli(['storage', 'migrate', '--from', 'file', '--to', 'postgres'], { env: without });
  expect(needed).toMatchObject({ code: 78, stdout: '' });
});
