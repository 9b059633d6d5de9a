import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openFileJournal } from '../../../../adapters/storage/files/file-journal.ts';
import { bundledScript, spawnLines } from '../../../support/processes.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { journalLaw, readAll, sharedJournalLaw } from '../../journal.testsuite.ts';

let worker = '';
beforeAll(async () => {
  worker = await bundledScript(new URL('../../../support/state-worker.ts', import.meta.url));
});

journalLaw({ open: async () => openFileJournal(path.join(tempFolder(), 'not', 'yet', 'there')) });
sharedJournalLaw({
  open: async () => {
    const location = tempFolder();
    return { journal: openFileJournal(location), backend: 'file', location };
  },
  worker: () => worker,
});

describe('openFileJournal', () => {
  test('keeps one JSON text a line, for its owner only', async () => {
    const dir = path.join(tempFolder(), 'logs');
    await openFileJournal(dir).append('runs/a', [{ n: 1 }, { text: '\t' }]);
    const file = path.join(dir, 'runs', 'a.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.slice(0, 2).map((line) => JSON.parse(line) as unknown)).toEqual([{ n: 1 }, { text: '\t' }]);
    expect(lines[2]).toBe('');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('skips an entry torn at any byte, and goes on behind it', async () => {
    const dir = tempFolder();
    const file = path.join(dir, 'audit.jsonl');
    const journal = openFileJournal(dir);
    await journal.append('audit', [{ n: 1 }]);
    const whole = statSync(file).size;
    await journal.append('audit', [{ text: 'überflüssig' }]);
    const content = readFileSync(file);
    for (let length = whole; length < content.length; length++) {
      writeFileSync(file, content.subarray(0, length));
      const torn = await journal.read('audit');
      expect(torn).toEqual({ entries: [{ n: 1 }], next: whole });
      await journal.append('audit', [{ n: 2 }]);
      expect((await journal.read('audit', torn.next)).entries).toEqual([{ n: 2 }]);
    }
  });

  test.each([
    ['is not JSON', '\tbroken\n'],
    ['is empty', '\n'],
    ['lacks its mark', '{"n":2}\n'],
    ['is not UTF-8', Buffer.from('\t{"n":"\xff"}\n', 'latin1')],
  ])('rejects a line that %s as state_corrupt', async (_, line) => {
    const dir = tempFolder();
    const journal = openFileJournal(dir);
    await journal.append('audit', [{ n: 1 }]);
    appendFileSync(path.join(dir, 'audit.jsonl'), line);
    await journal.append('audit', [{ n: 3 }]);
    await expect(journal.read('audit')).rejects.toMatchObject({
      code: 'state_corrupt',
      message: 'The log "audit" holds a line that is not an entry',
    });
    let corrupt = 0;
    await expect(journal.read('audit', 0, () => void corrupt++)).resolves.toMatchObject({
      entries: [{ n: 1 }, { n: 3 }],
    });
    expect(corrupt).toBe(1);
  });

  test('finds nothing behind the end of a log that was cut', async () => {
    const dir = tempFolder();
    const journal = openFileJournal(dir);
    await journal.append('audit', [{ n: 1 }]);
    truncateSync(path.join(dir, 'audit.jsonl'));
    await expect(journal.read('audit', 9)).resolves.toEqual({ entries: [], next: 9 });
  });

  test('says storage_full for an entry that could not be written whole, and loses no other', async () => {
    const dir = tempFolder();
    const journal = openFileJournal(dir);
    await journal.append('audit', [{ n: 1 }]);
    const limited = ['-c', 'ulimit -f 16; exec "$@"', 'sh', process.execPath];
    const child = spawnLines('sh', [...limited, worker, 'file', dir, 'append', 'audit', '1000000']);
    await expect(child.ended).resolves.toBe(1);
    expect(child.lines).toEqual([{ code: 'storage_full', message: expect.stringContaining('"audit"') }]);
    await journal.append('audit', [{ n: 2 }]);
    expect(await readAll(journal, 'audit')).toEqual([{ n: 1 }, { n: 2 }]);
  });
});
