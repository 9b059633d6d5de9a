/** Copies the files of one root to those of another, interrupts it, and damages them. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyAttachment } from '../../../adapters/attachments/copy-attachment.ts';
import { startServing } from '../../../adapters/storage/serving.ts';
import { openState } from '../../../adapters/storage/state.ts';
import type { State } from '../../../adapters/storage/state.ts';
import { migrateStorage } from '../../../client/storage/migrate.ts';
import type { MigratePorts } from '../../../client/storage/migrate.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

const AUDIT = 'audit/default';
const now = () => 1_790_000_000_000;
const request = { from: 'file', source: 'a', resume: false, isDryRun: false, skipsDamaged: false };
const resumed = { ...request, resume: true };

let [source, target]: State[] = [];
let [sourceRoot, targetRoot] = ['', ''];

beforeEach(async () => {
  [sourceRoot, targetRoot] = [tempFolder(), tempFolder()];
  [source, target] = [sourceRoot, targetRoot].map((root) => openState(parseConfig({ SKILLOS_ROOT: root })));
  await source?.records.update('things', 'a', () => ({ n: 1 }));
  await source?.journal.append(AUDIT, [{ action: 'run_allowed' }]);
});

afterEach(async () => {
  await Promise.all([source?.close(), target?.close()]);
});

function ports(changed: Partial<MigratePorts> = {}): MigratePorts {
  const [from, to] = [source as State, target as State];
  return {
    source: from,
    target: to,
    now,
    processes: async () => [],
    recordMigrated: () => to.journal.append(AUDIT, [{ action: 'storage_migrated' }]),
    copyAttachment: (ref) => copyAttachment({ source: from.attachments, target: to.attachments }, ref),
    onProgress: () => undefined,
    ...changed,
  };
}

const fail = (error: unknown) => expect(error).toBeUndefined();
const killed = () => Promise.reject(new SkillosError('internal', 'killed'));
const interrupt = () =>
  expect(migrateStorage(ports({ recordMigrated: killed }), request)).rejects.toThrow('killed');
const audited = async () => (await (target as State).journal.read(AUDIT)).entries.map(({ action }) => action);

test('nobody serves or copies a target before its migration is completed', async () => {
  await interrupt();
  const { records } = target as State;
  await expect(startServing({ records, now }, { role: 'worker' }, fail)).rejects.toMatchObject({
    code: 'storage_incomplete',
  });
  const back = migrateStorage(ports({ source: target as State, target: source as State }), request);
  await expect(back).rejects.toMatchObject({ code: 'storage_incomplete' });
  await migrateStorage(ports(), resumed);
  await (await startServing({ records, now }, { role: 'worker' }, fail)).close();
});

test('does not continue where somebody has used the target', async () => {
  await interrupt();
  await target?.records.update('things', 'b', () => ({ n: 2 }));
  await target?.journal.append(AUDIT, [{ action: 'run_parked' }]);
  await expect(migrateStorage(ports(), resumed)).rejects.toMatchObject({
    code: 'storage_not_empty',
    message: `The target was used since the migration began: its log "${AUDIT}" has entries that the source lacks`,
  });
  await expect(target?.records.get('things', 'b')).resolves.toEqual({ n: 2 });
});

test('does not continue with another source', async () => {
  await interrupt();
  await expect(migrateStorage(ports(), { ...resumed, source: 'b' })).rejects.toMatchObject({
    code: 'storage_not_empty',
    message: expect.stringContaining('from another source') as unknown,
  });
});

test('is complete only with its audit entry, which a second attempt writes once', async () => {
  const once = ports();
  const failing = ports({ recordMigrated: async () => (await once.recordMigrated(0), await killed()) });
  await expect(migrateStorage(failing, request)).rejects.toThrow('killed');
  await source?.journal.append(AUDIT, [{ action: 'run_parked' }]);
  await migrateStorage(once, resumed);
  await expect(audited()).resolves.toEqual(['run_allowed', 'run_parked', 'storage_migrated']);
  await expect(migrateStorage(once, resumed)).rejects.toMatchObject({ code: 'storage_not_empty' });
});

describe('of damaged state', () => {
  const RUN_LOG = 'runs/test.echo-01K5T8R6Q3ZC9V0S1M2N4P7XWZ';
  const blobFile = (root: string, hash: string) => join(root, 'runtime', 'blobs', hash.slice(0, 2), hash);
  let hash = '';

  beforeEach(async () => {
    await source?.journal.append(RUN_LOG, [{ n: 1 }, { n: 2 }]);
    hash = (await source?.blobs.put(Buffer.from('a value'))) ?? '';
  });

  test('the copy of a blob that was damaged is replaced by the next attempt, and found by the comparison', async () => {
    const failing = ports({
      recordMigrated: async () => {
        writeFileSync(blobFile(targetRoot, hash), 'A value');
        return killed();
      },
    });
    await expect(migrateStorage(failing, request)).rejects.toThrow('killed');
    const unable = { ...(target as State), blobs: { ...(target as State).blobs, put: async () => hash } };
    await expect(migrateStorage(ports({ target: unable }), resumed)).rejects.toMatchObject({
      code: 'storage_differs',
      message: `The copy of blob "${hash}" differs from the original`,
    });
    await migrateStorage(ports(), resumed);
    expect(Buffer.from((await target?.blobs.get(hash)) ?? []).toString()).toBe('a value');
  });

  test('a dry run lists all of it, and a copy leaves out what decides nothing', async () => {
    appendFileSync(join(sourceRoot, 'logs', `${RUN_LOG}.jsonl`), '\t{"n": \n\t{"n":3}\n');
    writeFileSync(blobFile(sourceRoot, hash), 'cut');
    const log = { part: 'log', name: RUN_LOG, lines: 1, mayBeSkipped: true };
    const blob = { part: 'blob', name: hash, mayBeSkipped: true };
    const look = () => migrateStorage(ports(), { ...request, isDryRun: true });
    await expect(look()).resolves.toMatchObject({ counts: { logs: 2, blobs: 1 }, faults: [log, blob] });
    await expect(migrateStorage(ports(), request)).rejects.toMatchObject({ code: 'state_corrupt' });
    const told: number[] = [];
    const counting = ports({ recordMigrated: async (leftOut) => void told.push(leftOut) });
    const skipping = { ...resumed, skipsDamaged: true };
    await expect(migrateStorage(counting, skipping)).resolves.toMatchObject({ faults: [log, blob] });
    expect(told).toEqual([2]);
    await expect(target?.journal.read(RUN_LOG)).resolves.toMatchObject({
      entries: [{ n: 1 }, { n: 2 }, { n: 3 }],
    });
    await expect(target?.blobs.get(hash)).rejects.toMatchObject({ code: 'blob_unavailable' });
  });

  test.each([
    ['an audit log', () => appendFileSync(join(sourceRoot, 'logs', `${AUDIT}.jsonl`), 'x\n'), 'log', AUDIT],
    [
      'a record',
      () => writeFileSync(join(sourceRoot, 'runtime', 'records', 'things', 'a.json'), '{'),
      'record',
      'things/a',
    ],
    [
      'a record of attachments',
      () => writeFiles(sourceRoot, { 'runtime/records/attachments/a.json': '{' }),
      'record',
      'attachments/a',
    ],
  ] as const)('no copy leaves out a part of %s', async (_what, damage, part, name) => {
    damage();
    const look = migrateStorage(ports(), { ...request, isDryRun: true });
    await expect(look).resolves.toMatchObject({ faults: [{ part, name, mayBeSkipped: false }] });
    await expect(migrateStorage(ports(), { ...request, skipsDamaged: true })).rejects.toMatchObject({
      code: 'state_corrupt',
      message: `A copy must not leave out the damaged ${part} "${name}" (1 such parts); nothing was copied`,
    });
    await expect(target?.records.list('migrations')).resolves.toEqual([]);
  });

  test('nor a blob that a record names', async () => {
    await source?.records.update('things', 'b', () => ({ output: { ref: hash } }));
    writeFileSync(blobFile(sourceRoot, hash), 'cut');
    const look = migrateStorage(ports(), { ...request, isDryRun: true });
    const fault = { part: 'blob', name: hash, neededBy: 'things/b', mayBeSkipped: false };
    await expect(look).resolves.toMatchObject({ faults: [fault] });
  });
});
