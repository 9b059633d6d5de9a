import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteRecords } from '../../skills/implementations/admin/delete_records.ts';
import { listRecords } from '../../skills/implementations/admin/list_records.ts';
import { RecordStore } from '../../skills/implementations/admin/record_store.ts';
import { restoreRecords } from '../../skills/implementations/admin/restore_records.ts';

let base: string;
let store: RecordStore;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'skillos-records-'));
  store = new RecordStore('test', base);
});

afterEach(() => {
  rmSync(base, { recursive: true });
});

const filesLeft = () => readdirSync(join(base, 'test', 'live')).sort();
const idsOf = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id);
const EVERY_ID = Array.from({ length: 12 }, (_, index) => `r-${101 + index}`);

describe('admin/list_records', () => {
  test('lists the bundled records without writing anything', async () => {
    const { total, records } = await listRecords({ query: 'List records' }, store);
    expect(total).toBe(12);
    expect(idsOf(records)).toEqual(EVERY_ID);
    expect(readdirSync(base)).toEqual([]);
  });

  test.each([
    ['Which records have expired?', ['r-101', 'r-102', 'r-103', 'r-104', 'r-105', 'r-106', 'r-107']],
    ['show all invoices', ['r-101', 'r-102', 'r-108', 'r-109']],
    ['Какие договоры у нас хранятся', ['r-103', 'r-110', 'r-111']],
    ['прострочені рахунки', ['r-101', 'r-102']],
    ['Rechnungen vor 2020-01-01', ['r-101', 'r-102']],
    ['r-103 and R-112', ['r-103', 'r-112']],
    ['записи до 01.01.2018', ['r-103']],
  ])('understands %j', async (query, ids) => {
    expect(idsOf((await listRecords({ query }, store)).records)).toEqual(ids);
  });
});

describe('admin/delete_records', () => {
  test('removes the files of what has expired where nothing is named', async () => {
    const result = await deleteRecords({ query: 'Delete records' }, store, 'k');
    expect(result).toMatchObject({
      store: 'test',
      selection: expect.stringMatching(/^expired on \d{4}/),
      remaining: 5,
    });
    expect(idsOf(result.deleted)).toEqual(EVERY_ID.slice(0, 7));
    expect(filesLeft()).toEqual(EVERY_ID.slice(7).map((id) => `${id}.json`));
  });

  test.each([
    [{ query: 'Delete records r-108 and r-109' }, 'r-108 r-109', ['r-108', 'r-109']],
    [
      { query: 'Purge every invoice created before 2020-01-01' },
      'kind invoice, created before 2020-01-01',
      ['r-101', 'r-102'],
    ],
    [{ query: 'Удали все записи' }, 'all', EVERY_ID],
    [{ query: 'delete record r-999' }, 'r-999', []],
    [{ ids: ['r-101'] }, 'r-101', ['r-101']],
    [{ kind: 'survey' }, 'kind survey', ['r-112']],
    [{ created_before: '2017-01-01' }, 'created before 2017-01-01', ['r-103']],
    [{ all: true }, 'all', EVERY_ID],
    [{ all: true, kind: 'survey' }, 'kind survey', ['r-112']],
  ])('%j chooses %s', async (request, selection, ids) => {
    const result = await deleteRecords(request, store, 'k');
    expect(result.selection).toBe(selection);
    expect(idsOf(result.deleted)).toEqual(ids);
  });

  test('a second attempt completes the first and gives the same result', async () => {
    const first = await deleteRecords({ kind: 'log' }, store, 'k');
    writeFileSync(join(base, 'test', 'live', 'r-104.json'), JSON.stringify(first.deleted[0]));
    expect(await deleteRecords({ kind: 'log' }, store, 'k')).toEqual(first);
    expect(filesLeft()).not.toContain('r-104.json');
  });

  test('another run finds nothing left to delete', async () => {
    await deleteRecords({}, store, 'first');
    expect(await deleteRecords({}, store, 'second')).toMatchObject({ deleted: [], remaining: 5 });
  });

  test('several runs at once on a new store delete each record once and leave no draft behind', async () => {
    const ids = EVERY_ID.slice(0, 8);
    await Promise.all(ids.map((id) => deleteRecords({ ids: [id] }, new RecordStore('test', base), id)));
    expect(filesLeft()).toEqual(EVERY_ID.slice(8).map((id) => `${id}.json`));
    expect(readdirSync(base)).toEqual(['test']);
  });

  test.each([
    ['delete records older than dirt', 'Expected a date after "older than", such as 2025-01-31'],
    ['delete records before 2999-01-01', 'Expected a date up to today'],
    ['delete records before 2024-02-31', 'Expected a date of the calendar, got "2024-02-31"'],
  ])('refuses %j and deletes nothing', async (query, message) => {
    await expect(deleteRecords({ query }, store, 'k')).rejects.toThrow(message);
    expect(readdirSync(base)).toEqual([]);
  });
});

describe('admin/restore_records', () => {
  test('brings back exactly what a deletion says it took', async () => {
    const before = await store.list();
    const deletion = await deleteRecords({ all: true }, store, 'k');
    expect(await store.list()).toEqual([]);
    expect(await restoreRecords(deletion, store)).toEqual({ store: 'test', restored: EVERY_ID, total: 12 });
    expect(await store.list()).toEqual(before);
  });

  test('does nothing the second time', async () => {
    const deletion = await deleteRecords({ kind: 'log' }, store, 'k');
    await restoreRecords(deletion, store);
    expect(await restoreRecords(deletion, store)).toEqual({ store: 'test', restored: [], total: 12 });
  });

  test('undoes the latest deletion when asked in plain words', async () => {
    await deleteRecords({ kind: 'log' }, store, 'first');
    await deleteRecords({ kind: 'survey' }, store, 'second');
    await deleteRecords({ kind: 'survey' }, store, 'third, which found nothing');
    expect((await restoreRecords({ query: 'Undo the last deletion' }, store)).restored).toEqual(['r-112']);
  });
});

describe('RecordStore', () => {
  test.each(['../escape', 'a/b', '', '.', 'Über', 'x'.repeat(64)])(
    'refuses %j as the name of a store',
    (name) => {
      expect(() => new RecordStore(name, base)).toThrow(
        `Expected the name of a store such as "default", got "${name}"`,
      );
    },
  );

  test('refuses to write a record whose id leads elsewhere', async () => {
    const record = {
      id: '../../r-1',
      kind: 'log',
      title: 'x',
      created_on: '2026-01-01',
      keep_until: '2026-01-01',
    };
    await expect(store.restore([record])).rejects.toThrow('Expected the id of a record such as "r-101"');
    expect(readdirSync(base)).toEqual(['test']);
  });

  test('does not take a file it cannot read for an empty store', async () => {
    await deleteRecords({ ids: ['r-101'] }, store, 'k');
    writeFileSync(join(base, 'test', 'live', 'r-102.json'), '{');
    await expect(store.list()).rejects.toThrow(SyntaxError);
  });
});
