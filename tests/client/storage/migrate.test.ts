/** Copies the files of one root to those of another, and interrupts it. */
import { copyAttachment } from '../../../adapters/attachments/copy-attachment.ts';
import { startServing } from '../../../adapters/storage/serving.ts';
import { openState } from '../../../adapters/storage/state.ts';
import type { State } from '../../../adapters/storage/state.ts';
import { migrateStorage } from '../../../client/storage/migrate.ts';
import type { MigratePorts } from '../../../client/storage/migrate.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const AUDIT = 'audit/default';
const now = () => 1_790_000_000_000;
const request = { from: 'file', source: 'a', resume: false, isDryRun: false };
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
  const failing = ports({ recordMigrated: async () => (await once.recordMigrated(), await killed()) });
  await expect(migrateStorage(failing, request)).rejects.toThrow('killed');
  await source?.journal.append(AUDIT, [{ action: 'run_parked' }]);
  await migrateStorage(once, resumed);
  await expect(audited()).resolves.toEqual(['run_allowed', 'run_parked', 'storage_migrated']);
  await expect(migrateStorage(once, resumed)).rejects.toMatchObject({ code: 'storage_not_empty' });
});
