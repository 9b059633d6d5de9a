/** The law of `Records`: every backend passes it. */
import type { JsonObject } from '../../core/json.ts';
import { pagesOf } from '../../core/storage/record-pages.ts';
import type { Records } from '../../core/storage/records.ts';
import type { Spawned } from '../support/processes.ts';
import { PROCESSES_TIMEOUT_MS, spawnLines } from '../support/processes.ts';

type Counter = { readonly n: number };

export interface RecordsBackend {
  /** An empty store. */
  open(): Promise<Records>;
}

/** A store that several processes share, by `tests/support/state-worker.ts`. */
export interface SharedRecordsBackend {
  /** An empty store and the arguments with which the worker opens the same one. */
  open(): Promise<{ readonly records: Records; readonly backend: string; readonly location: string }>;
  /** Path of the bundled worker. */
  worker(): string;
}

const put = (records: Records, key: string, n = 0) => records.update('things', key, () => ({ n }));
const keysOf = (page: readonly { readonly key: string }[]) => page.map(({ key }) => key);

export function recordsLaw(backend: RecordsBackend): void {
  describe('get', () => {
    test('finds nothing under a key that was never written', async () => {
      const records = await backend.open();
      await expect(records.get('things', 'none')).resolves.toBeUndefined();
    });

    test('finds what was written, under its kind only', async () => {
      const records = await backend.open();
      const value = { text: 'Überflug ✈', list: [1, { deep: null }], yes: true };
      await records.update('things', 'a', () => value);
      await expect(records.get('things', 'a')).resolves.toEqual(value);
      await expect(records.get('others', 'a')).resolves.toBeUndefined();
    });

    test.each([
      ['things', ''],
      ['things', '../a'],
      ['things', 'a/b'],
      ['things', '.a'],
      ['things', '-a'],
      ['things', 'a\n'],
      ['things', 'ü'],
      ['things', 'x'.repeat(201)],
      ['', 'a'],
      ['Things', 'a'],
      ['../things', 'a'],
      ['.locks', 'a'],
      ['x'.repeat(41), 'a'],
    ])('refuses kind %j with key %j', async (kind, key) => {
      const records = await backend.open();
      await expect(records.get(kind, key)).rejects.toThrow(/Invalid/);
      await expect(records.update(kind, key, () => ({ n: 1 }))).rejects.toThrow(/Invalid/);
    });

    test('takes the longest and oddest keys there may be', async () => {
      const records = await backend.open();
      const keys = ['x'.repeat(200), 'a..b', 'a.json', 'a.lock', '0', 'A-b_c.D', 'con'];
      for (const key of keys) await put(records, key);
      expect(keysOf(await records.list('things'))).toEqual(keys.toSorted());
    });
  });

  describe('update', () => {
    test('hands the latest document to the change and resolves to what is stored', async () => {
      const records = await backend.open();
      await put(records, 'a', 1);
      const seen: unknown[] = [];
      const stored = await records.update<Counter>('things', 'a', (current) => {
        seen.push(current);
        return { n: 2 };
      });
      expect(seen).toEqual([{ n: 1 }]);
      expect(stored).toEqual({ n: 2 });
    });

    test('removes the document where the change returns undefined', async () => {
      const records = await backend.open();
      await put(records, 'a');
      await expect(records.update('things', 'a', () => undefined)).resolves.toBeUndefined();
      await expect(records.get('things', 'a')).resolves.toBeUndefined();
      await expect(records.list('things')).resolves.toEqual([]);
    });

    test('removes nothing where nothing is', async () => {
      const records = await backend.open();
      await expect(records.update('things', 'a', () => undefined)).resolves.toBeUndefined();
    });

    test('keeps the document when the change throws, and goes on', async () => {
      const records = await backend.open();
      await put(records, 'a', 1);
      const refuse = () => {
        throw new Error('refused');
      };
      await expect(records.update('things', 'a', refuse)).rejects.toThrow('refused');
      await expect(records.update('things', 'a', (now) => now)).resolves.toEqual({ n: 1 });
    });

    test('loses none of 100 changes at once', async () => {
      const records = await backend.open();
      const add = () => records.update<Counter>('things', 'a', (now) => ({ n: (now?.n ?? 0) + 1 }));
      await Promise.all(Array.from({ length: 100 }, add));
      await expect(records.get('things', 'a')).resolves.toEqual({ n: 100 });
    });

    test('does not let a caller change a stored document by its reference', async () => {
      const records = await backend.open();
      const value = { list: [1] };
      const stored = await records.update<{ list: number[] }>('things', 'a', () => value);
      value.list.push(2);
      stored?.list.push(3);
      await expect(records.get('things', 'a')).resolves.toEqual({ list: [1] });
    });
  });

  describe('list', () => {
    const KEYS = ['B', 'a', 'a-b', 'a.b', 'a0', 'a_b', 'b'];

    async function filled(): Promise<Records> {
      const records = await backend.open();
      for (const key of ['a_b', 'b', 'a', 'a0', 'B', 'a.b', 'a-b']) await put(records, key);
      return records;
    }

    test('is empty for a kind without documents', async () => {
      const records = await backend.open();
      await expect(records.list('things')).resolves.toEqual([]);
    });

    test('goes by the bytes of the keys, with the values', async () => {
      const records = await filled();
      expect(keysOf(await records.list('things'))).toEqual(['B', 'a', 'a-b', 'a.b', 'a0', 'a_b', 'b']);
      expect((await records.list('things', { limit: 1 }))[0]).toEqual({ key: 'B', value: { n: 0 } });
    });

    test.each([
      [{ limit: 2 }, KEYS.slice(0, 2)],
      [{ limit: 2, after: 'a-b' }, ['a.b', 'a0']],
      [{ after: 'a1' }, ['a_b', 'b']],
      [{ after: 'b' }, []],
      [{ descending: true, limit: 2 }, ['b', 'a_b']],
      [{ descending: true, after: 'a-b' }, ['a', 'B']],
      [{ descending: true, after: 'a/' }, ['a.b', 'a-b', 'a', 'B']],
    ])('pages by %j', async (page, expected) => {
      const records = await filled();
      expect(keysOf(await records.list('things', page))).toEqual(expected);
    });

    test.each([
      [false, KEYS],
      [true, KEYS.toReversed()],
    ])('gives all documents in pages, descending: %s', async (descending, expected) => {
      const records = await filled();
      const pages: (readonly string[])[] = [];
      for await (const page of pagesOf(records, 'things', { limit: 3, descending })) pages.push(keysOf(page));
      expect(pages).toEqual([expected.slice(0, 3), expected.slice(3, 6), expected.slice(6)]);
    });

    describe('of documents that match', () => {
      const run = (status: string, more: JsonObject = {}) => ({
        tenant: 'default',
        status,
        skill: 'test/echo',
        principal: { subject: 'ann' },
        ...(['success', 'error'].includes(status) ? { endedAt: '2026-11-28T20:00:00.000Z' } : {}),
        ...more,
      });
      const store = (records: Records, key: string, value: JsonObject | undefined) =>
        records.update<JsonObject>('runs', key, () => value);

      async function withRuns(): Promise<Records> {
        const records = await backend.open();
        await store(records, 'a', run('success'));
        await store(records, 'b', run('running'));
        await store(records, 'b', run('error'));
        await store(records, 'b-b', run('error', { tenant: 'acme' }));
        await store(
          records,
          'c',
          run('running', { principal: { subject: 'ünal "\u0000\t"' }, queue: 'jobs' }),
        );
        await store(
          records,
          'd',
          run('success', { skill: 'test/add', input: '\u0000', schedule: 'nightly' }),
        );
        await store(records, 'e', run('error', { skill: 'test/add' }));
        await store(records, 'f', { odd: [1] });
        return records;
      }

      test.each([
        [{ status: ['error'] }, {}, ['b', 'b-b', 'e']],
        [{ status: ['error'] }, { descending: true, limit: 2 }, ['e', 'b-b']],
        [{ status: ['error'] }, { descending: true, after: 'e' }, ['b-b', 'b']],
        [{ status: ['error', 'running'], tenant: ['default'] }, {}, ['b', 'c', 'e']],
        [{ status: ['error'], skill: ['test/add'] }, {}, ['e']],
        [{ subject: ['ünal "\u0000\t"'] }, {}, ['c']],
        [{ queue: ['jobs'], status: ['queued', 'running'] }, {}, ['c']],
        [{ schedule: ['nightly'], tenant: ['default'] }, {}, ['d']],
        [{ status: ['success'], tenant: ['acme'] }, {}, []],
        [{ status: [] }, {}, []],
        [{ skill: [''] }, {}, ['f']],
        [{}, {}, ['a', 'b', 'b-b', 'c', 'd', 'e', 'f']],
      ])('finds those with %j, paged by %j, twice alike', async (where, page, expected) => {
        const records = await withRuns();
        for (let round = 0; round < 2; round++) {
          expect(keysOf(await records.list('runs', { ...page, where }))).toEqual(expected);
        }
      });

      test('follows a document that changes, goes and comes again after it was settled', async () => {
        const records = await withRuns();
        const statuses = async () => {
          const where = (status: string) => ({ where: { status: [status] } });
          const found = await Promise.all(
            ['success', 'error', 'running'].map((status) => records.list('runs', where(status))),
          );
          return found.map((page) => keysOf(page).join(' '));
        };
        await expect(statuses()).resolves.toEqual(['a d', 'b b-b e', 'c']);
        await store(records, 'a', run('running'));
        await store(records, 'e', undefined);
        await expect(statuses()).resolves.toEqual(['d', 'b b-b', 'a c']);
        await store(records, 'a', run('error'));
        await store(records, 'e', run('success'));
        await expect(statuses()).resolves.toEqual(['d e', 'a b b-b', 'c']);
      });

      test('refuses a field, and a kind, that has no index', async () => {
        const records = await backend.open();
        await expect(records.list('runs', { where: { cost: ['1'] } })).rejects.toThrow(/Invalid field/);
        await expect(records.list('things', { where: { status: ['a'] } })).rejects.toThrow(/Invalid field/);
      });
    });

    test('takes 100 documents unless told otherwise', async () => {
      const records = await backend.open();
      await Promise.all(Array.from({ length: 120 }, (_, i) => put(records, `k${1000 + i}`)));
      await expect(records.list('things')).resolves.toHaveLength(100);
      await expect(records.list('things', { limit: 1000 })).resolves.toHaveLength(120);
    });
  });
}

export function sharedRecordsLaw(backend: SharedRecordsBackend): void {
  describe('update from several processes', () => {
    test(
      'loses none of 8 × 100 changes of one document',
      async () => {
        const { records, ...store } = await backend.open();
        const args = [backend.worker(), store.backend, store.location, 'increment', 'things', 'a', '100'];
        const workers = Array.from({ length: 8 }, () => spawnLines(process.execPath, args));
        await expect(Promise.all(workers.map(({ ended }) => ended))).resolves.toEqual(Array(8).fill(0));
        await expect(records.get('things', 'a')).resolves.toEqual({ n: 800 });
      },
      PROCESSES_TIMEOUT_MS,
    );

    test(
      'keeps every acknowledged change of a process that is killed, 30 times over',
      async () => {
        const { records, ...store } = await backend.open();
        const args = [backend.worker(), store.backend, store.location, 'count-for-ever', 'things'];
        let before: ReadonlyMap<string, number> = new Map();
        for (let round = 0; round < 30; round++) {
          const worker = spawnLines(process.execPath, args);
          await worker.untilLines(1 + ((round * 13) % 25));
          worker.kill();
          await worker.ended;
          const acknowledged = new Map(before);
          for (const { key, n } of worker.lines as Acknowledged[]) acknowledged.set(key, n);
          const stored = await countsOf(records);
          for (const [key, n] of acknowledged) {
            // The change that was under way may have been stored without being acknowledged.
            expect([n, n + 1]).toContain(stored.get(key));
          }
          before = stored;
        }
      },
      PROCESSES_TIMEOUT_MS,
    );

    test(
      'lets no two processes make the same change, while they are killed at random',
      async () => {
        const { records, ...store } = await backend.open();
        const args = [backend.worker(), store.backend, store.location, 'count-for-ever', 'things'];
        const acknowledged: Acknowledged[] = [];
        const kills = 12;
        const running: Spawned[] = [];
        for (let round = 0; round < kills; round++) {
          while (running.length < 3) running.push(spawnLines(process.execPath, args));
          const worker = running.shift() as Spawned;
          await worker.untilLines(20 + round * 3);
          worker.kill();
          await worker.ended;
          acknowledged.push(...(worker.lines as Acknowledged[]));
        }
        for (const worker of running) worker.kill();
        await Promise.all(running.map(({ ended }) => ended));
        acknowledged.push(...running.flatMap(({ lines }) => lines as Acknowledged[]));
        const distinct = new Set(acknowledged.map(({ key, n }) => `${key} ${n}`));
        expect(distinct.size).toBe(acknowledged.length);
        const total = [...(await countsOf(records)).values()].reduce((sum, n) => sum + n, 0);
        expect(total).toBeGreaterThanOrEqual(acknowledged.length);
        expect(total).toBeLessThanOrEqual(acknowledged.length + kills + running.length);
      },
      PROCESSES_TIMEOUT_MS,
    );
  });
}

interface Acknowledged {
  readonly key: string;
  readonly n: number;
}

async function countsOf(records: Records): Promise<ReadonlyMap<string, number>> {
  const documents = await records.list<Counter>('things');
  return new Map(documents.map(({ key, value }) => [key, value.n]));
}
