import { guardedState } from '../../../adapters/storage/guarded-state.ts';
import { announceServing } from '../../../adapters/storage/serving.ts';
import { openState } from '../../../adapters/storage/state.ts';
import type { State } from '../../../adapters/storage/state.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { writeMigration } from '../../../core/storage/migration.ts';
import type { Records } from '../../../core/storage/records.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const now = Date.now;
const { jest } = import.meta;
const CHANGES: readonly (readonly [string, (state: State) => Promise<unknown>])[] = [
  ['a record', ({ records }) => records.update('things', 'a', () => ({ n: 1 }))],
  ['the removal of records', ({ records }) => records.removeUnchanged('things', [])],
  ['a log', ({ journal }) => journal.append('audit/default', [{ n: 1 }])],
  ['the removal of logs', ({ inventory }) => inventory.removeLogs(['a'])],
  ['a blob', ({ blobs }) => blobs.put(Buffer.from('x'))],
  ['the use of a blob', ({ blobs }) => blobs.touch([])],
  ['the removal of blobs', ({ blobs }) => blobs.removeUnused(0, false)],
  ['attachments', ({ attachments }) => attachments.write([])],
  ['the removal of attachments', ({ attachments }) => attachments.remove([])],
];

let state: State;

beforeEach(() => {
  state = openState(parseConfig({ SKILLOS_ROOT: tempFolder() }));
});

test.each(CHANGES)(
  'refuses %s during a migration, and after one that was interrupted',
  async (_what, change) => {
    const migration = await announceServing({ records: state.records, now }, 'migration');
    const guarded = guardedState(state, { now });
    await expect(change(guarded)).rejects.toMatchObject({ code: 'storage_in_use' });
    await migration.close();
    const begun = { from: 'file', source: 'a', startedAt: '2026-11-29T10:00:00.000Z' };
    await writeMigration(state.records, begun);
    await expect(change(guarded)).rejects.toMatchObject({ code: 'storage_incomplete' });
    await writeMigration(state.records, { ...begun, completedAt: begun.startedAt });
    await change(guarded);
  },
);

test('counts from the beginning of a check, not from its end', async () => {
  let at = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => at);
  const slow = async (...[kind, page]: Parameters<Records['list']>) => {
    const listed = await state.records.list(kind, page);
    at += 600;
    return listed;
  };
  const records = { ...state.records, list: slow as Records['list'] };
  const guarded = guardedState({ ...state, records }, { now });
  const change = () => guarded.journal.append('a', [{ n: 1 }]);
  await change();
  const migration = await announceServing({ records: state.records, now }, 'migration');
  at = 1000;
  await expect(change()).rejects.toMatchObject({ code: 'storage_in_use' });
  await migration.close();
  clock.mockRestore();
});

test('keeps the order of a log, and reads during a migration', async () => {
  const guarded = guardedState(state, { now });
  await Promise.all([1, 2, 3].map((n) => guarded.journal.append('a', [{ n }])));
  const migration = await announceServing({ records: state.records, now }, 'migration');
  const { entries } = await guarded.journal.read('a');
  expect(entries).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  await migration.close();
});
