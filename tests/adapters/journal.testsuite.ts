/** The law of `Journal`: every backend passes it. */
import type { JsonObject } from '../../core/json.ts';
import type { Where } from '../../core/storage/record-index.ts';
import type { Journal } from '../../core/storage/journal.ts';
import { PROCESSES_TIMEOUT_MS, spawnLines } from '../support/processes.ts';

export interface JournalBackend {
  /** An empty journal. */
  open(): Promise<Journal>;
}

export interface SharedJournalBackend {
  open(): Promise<{ readonly journal: Journal; readonly backend: string; readonly location: string }>;
  worker(): string;
}

/** All entries, by as many calls as it takes. */
export async function readAll(journal: Journal, log: string) {
  const all = [];
  for (let after = 0; ;) {
    const { entries, next } = await journal.read(log, after);
    all.push(...entries);
    if (next === after) return all;
    after = next;
  }
}

export function journalLaw(backend: JournalBackend): void {
  describe('read', () => {
    test('finds nothing in a log that was never written', async () => {
      const journal = await backend.open();
      await expect(journal.read('none')).resolves.toEqual({ entries: [], next: 0 });
    });

    test('goes on from the position it gave', async () => {
      const journal = await backend.open();
      await journal.append('audit', [{ n: 1 }, { n: 2 }]);
      const first = await journal.read('audit');
      await journal.append('audit', [{ text: 'tab\t, line\n and ✈' }]);
      const second = await journal.read('audit', first.next);
      expect(first.entries).toEqual([{ n: 1 }, { n: 2 }]);
      expect(second.entries).toEqual([{ text: 'tab\t, line\n and ✈' }]);
      await expect(journal.read('audit', second.next)).resolves.toEqual({ entries: [], next: second.next });
    });

    test('keeps logs apart, also a log and one below its name', async () => {
      const journal = await backend.open();
      await journal.append('runs', [{ n: 1 }]);
      await journal.append('runs/travel.search-01ABC', [{ n: 2 }]);
      expect((await journal.read('runs')).entries).toEqual([{ n: 1 }]);
      expect((await journal.read('runs/travel.search-01ABC')).entries).toEqual([{ n: 2 }]);
    });

    describe('back', () => {
      const entry = (n: number, more: JsonObject = {}): JsonObject => ({
        n,
        action: n % 2 === 0 ? 'run_allowed' : 'run_blocked',
        actor: { subject: n % 3 === 0 ? 'ännä "\u0000"' : 'bob' },
        comment: 'of "run":"x", \u0000 and \ud800',
        ...(n === 7 ? { run: 'x' } : {}),
        ...more,
      });
      const back = async (journal: Journal, where?: Where) => {
        const found: unknown[] = [];
        const options = where === undefined ? {} : { where };
        for await (const piece of journal.readBack('audit/default', options)) {
          found.push(...piece.map(({ n }) => n));
        }
        return found;
      };

      test('finds nothing in a log that was never written', async () => {
        await expect(back(await backend.open())).resolves.toEqual([]);
      });

      test.each([
        [undefined, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
        [{ run: ['x'] }, [7]],
        [{ run: ['y'] }, []],
        [{ subject: ['ännä "\u0000"'] }, [9, 6, 3, 0]],
        [{ subject: ['bob'], action: ['run_allowed'] }, [8, 4, 2]],
        [{ action: ['run_allowed', 'run_blocked', 'run_blocked'] }, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
        [{ action: [] }, []],
      ])('finds the last entries with %j first', async (where, expected) => {
        const journal = await backend.open();
        await journal.append(
          'audit/default',
          Array.from({ length: 10 }, (_, n) => entry(n)),
        );
        await expect(back(journal, where)).resolves.toEqual(expected);
      });

      test('goes through a long log with large entries', async () => {
        const journal = await backend.open();
        const entries = Array.from({ length: 3000 }, (_, n) =>
          entry(n, { padding: 'x'.repeat(n % 1000 === 0 ? 300_000 : 10) }),
        );
        await journal.append('audit/default', entries);
        const expected = entries.map(({ n }) => n).reverse();
        await expect(back(journal)).resolves.toEqual(expected);
        await expect(back(journal, { action: ['run_allowed', 'run_blocked'] })).resolves.toEqual(expected);
        await expect(back(journal, { run: ['x'] })).resolves.toEqual([7]);
      });
    });

    test.each(['', '/', 'a/', '/a', 'a//b', '../a', 'a/../b', '.a', 'a b', 'a\n', 'a/'.repeat(8) + 'a'])(
      'refuses the log %j',
      async (log) => {
        const journal = await backend.open();
        await expect(journal.read(log)).rejects.toThrow(/Invalid/);
        await expect(journal.append(log, [{}])).rejects.toThrow(/Invalid/);
      },
    );
  });

  describe('append', () => {
    test('keeps the order of calls that were not awaited', async () => {
      const journal = await backend.open();
      const numbers = Array.from({ length: 50 }, (_, n) => n);
      await Promise.all(numbers.map((n) => journal.append('audit', [{ n }])));
      expect(await readAll(journal, 'audit')).toEqual(numbers.map((n) => ({ n })));
    });

    test('of no entries writes nothing', async () => {
      const journal = await backend.open();
      await journal.append('audit', []);
      await expect(journal.read('audit')).resolves.toEqual({ entries: [], next: 0 });
    });

    test('takes entries that are large', async () => {
      const journal = await backend.open();
      const entries = [{ padding: 'x'.repeat(5_000_000) }, { padding: 'y'.repeat(9_000_000) }, { n: 3 }];
      await journal.append('audit', entries);
      expect(await readAll(journal, 'audit')).toEqual(entries);
    });
  });
}

export function sharedJournalLaw(backend: SharedJournalBackend): void {
  describe('append from several processes', () => {
    test(
      'keeps every acknowledged entry, in order, while writers are killed',
      async () => {
        const { journal, ...store } = await backend.open();
        const acknowledged = new Map<string, number>();
        for (let round = 0; round < 8; round++) {
          const workers = [0, 1, 2].map((index) => {
            const name = `${round}-${index}`;
            const args = [backend.worker(), store.backend, store.location, 'append-for-ever', 'audit', name];
            return { name, process: spawnLines(process.execPath, args) };
          });
          for (const { name, process } of workers) {
            await process.untilLines(10 + round);
            process.kill();
            await process.ended;
            acknowledged.set(name, process.lines.length);
          }
        }
        const entries = await readAll(journal, 'audit');
        for (const [name, count] of acknowledged) {
          const stored = entries.filter(({ writer }) => writer === name).map(({ n }) => n);
          expect(stored.slice(0, count)).toEqual(Array.from({ length: count }, (_, n) => n));
        }
      },
      PROCESSES_TIMEOUT_MS,
    );
  });
}
