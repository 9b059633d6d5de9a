import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileJournal } from '../../../adapters/storage/files/file-journal.ts';
import { chainedJournal } from '../../../adapters/storage/chained-journal.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Journal } from '../../../core/storage/journal.ts';
import { ChainVerifier, chainKeyOf } from '../../../core/telemetry/audit-chain.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const SERVER_KEY = 's'.repeat(32);
const LOG = 'audit/default';
const HOUR = 60 * 60 * 1000;

const entriesIn = async (journal: Journal) => (await journal.read(LOG)).entries;

async function reportOf(journal: Journal) {
  const verifier = new ChainVerifier(chainKeyOf(SERVER_KEY));
  for (const entry of await entriesIn(journal)) verifier.add(entry);
  return verifier.report();
}

const chained = (journal: Journal, now = () => 0) =>
  chainedJournal(journal, { serverKey: () => SERVER_KEY, now });

test('writers that append at the same time make one proven log', async () => {
  const folder = tempFolder();
  const writers = [1, 2, 3].map(() => chained(openFileJournal(folder)));
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  await Promise.all(
    writers.flatMap((writer, w) => numbers.map((n) => writer.append(LOG, [{ id: `${w}.${n}`, n }]))),
  );
  expect(await reportOf(openFileJournal(folder))).toMatchObject({
    entries: 120,
    proven: 120,
    writers: 3,
    faults: 0,
  });
});

test('a new writer names the last entries of others, and again after an hour', async () => {
  const journal = openFileJournal(tempFolder());
  let now = 0;
  const first = chained(journal);
  const second = chained(journal, () => now);
  await first.append(LOG, [{ id: '1' }, { id: '2' }]);
  await second.append(LOG, [{ id: '3' }]);
  await first.append(LOG, [{ id: '4' }]);
  now = HOUR - 1;
  await second.append(LOG, [{ id: '5' }]);
  now = HOUR;
  await second.append(LOG, [{ id: '6' }, { id: '7' }]);
  const seen = (await entriesIn(journal)).map(({ chain }) =>
    ((chain as JsonObject)['seen'] as readonly JsonObject[] | undefined)?.map(({ number }) => number),
  );
  expect(seen).toEqual([undefined, undefined, [2], undefined, undefined, [3], undefined]);
});

test('after a failed append a new chain begins, and the log is still proven', async () => {
  const journal = openFileJournal(tempFolder());
  let fails = false;
  const faulty: Journal = {
    ...journal,
    async append(log, entries) {
      await journal.append(log, entries.slice(0, fails ? 1 : undefined));
      if (fails) throw new Error('the connection was lost');
    },
  };
  const writer = chained(faulty);
  await writer.append(LOG, [{ id: '1' }]);
  fails = true;
  await expect(writer.append(LOG, [{ id: '2' }, { id: '3' }])).rejects.toThrow('lost');
  fails = false;
  await writer.append(LOG, [{ id: '3' }]);
  expect(await reportOf(journal)).toMatchObject({ entries: 3, proven: 3, writers: 2, faults: 0 });
});

test('a line that is no entry stops no writer', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'audit'));
  writeFileSync(join(folder, 'audit', 'default.jsonl'), '\tnull\n\t[]\n\t7\n');
  const journal = openFileJournal(folder);
  await chained(journal).append(LOG, [{ id: '1' }]);
  let faults = 0;
  const { entries } = await journal.read(LOG, 0, () => void faults++);
  expect([entries.length, faults]).toEqual([1, 3]);
});

test('other logs are left as they are, and no entries write nothing', async () => {
  const journal = openFileJournal(tempFolder());
  const writer = chained(journal);
  await writer.append('runs/one', [{ text: 'x' }]);
  await writer.append(LOG, []);
  expect((await journal.read('runs/one')).entries).toEqual([{ text: 'x' }]);
  expect(await entriesIn(journal)).toEqual([]);
});
