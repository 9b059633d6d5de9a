import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { openFileRecords } from '../../../../adapters/storage/files/file-records.ts';
import { bundledScript, spawnLines } from '../../../support/processes.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { recordRemovalLaw } from '../../record-removal.testsuite.ts';
import { recordsLaw, sharedRecordsLaw } from '../../records.testsuite.ts';

let worker = '';
beforeAll(async () => {
  worker = await bundledScript(new URL('../../../support/state-worker.ts', import.meta.url));
});

recordsLaw({ open: async () => openFileRecords(path.join(tempFolder(), 'not', 'yet', 'there')) });
recordRemovalLaw({ open: async () => openFileRecords(path.join(tempFolder(), 'records')) });
sharedRecordsLaw({
  open: async () => {
    const location = tempFolder();
    return { records: openFileRecords(location), backend: 'file', location };
  },
  worker: () => worker,
});

describe('openFileRecords', () => {
  test('keeps a document for its owner only, as JSON at <dir>/<kind>/<key>.json', async () => {
    const dir = path.join(tempFolder(), 'records');
    await openFileRecords(dir).update('things', 'a', () => ({ n: 1 }));
    const file = path.join(dir, 'things', 'a.json');
    expect(readFileSync(file, 'utf8')).toBe('{"n":1}\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  test('writes nothing where the change returns the same object', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    await records.update('things', 'a', () => ({ n: 1 }));
    const before = statSync(path.join(dir, 'things', 'a.json'));
    await records.update('things', 'a', (current) => current);
    const after = statSync(path.join(dir, 'things', 'a.json'));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  test.each([
    ['empty', ''],
    ['half a document', '{"n":'],
    ['an array', '[1]'],
    ['null', 'null'],
    ['a number', '7'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('rejects a file that is %s as state_corrupt and leaves it', async (_, content) => {
    const dir = tempFolder();
    const file = path.join(dir, 'things', 'a.json');
    mkdirSync(path.dirname(file));
    writeFileSync(file, content);
    const records = openFileRecords(dir);
    const corrupt = {
      code: 'state_corrupt',
      message: 'State "things/a" is not a JSON object',
      details: { kind: 'things', key: 'a' },
    };
    await expect(records.get('things', 'a')).rejects.toMatchObject(corrupt);
    await expect(records.update('things', 'a', () => ({ n: 1 }))).rejects.toMatchObject(corrupt);
    await expect(records.list('things')).rejects.toMatchObject(corrupt);
    expect(readFileSync(file)).toEqual(Buffer.from(content));
  });

  test('reads only the documents of the page', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    for (const key of ['a', 'b']) await records.update('things', key, () => ({ key }));
    writeFileSync(path.join(dir, 'things', 'c.json'), 'broken');
    await expect(records.list('things', { limit: 2 })).resolves.toHaveLength(2);
  });

  test('ignores files that are no documents, and sweeps temporary ones that are old', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    await records.update('things', 'a', () => ({ n: 1 }));
    for (const name of ['.DS_Store', 'notes.txt', '.json', '-x.json']) {
      writeFileSync(path.join(dir, 'things', name), 'x');
    }
    for (const name of ['.tmp-old', '.tmp-new']) writeFileSync(path.join(dir, '.temp', name), 'x');
    utimesSync(path.join(dir, '.temp', '.tmp-old'), 1, 1);
    await expect(records.list('things')).resolves.toEqual([{ key: 'a', value: { n: 1 } }]);
    expect(readdirSync(path.join(dir, '.temp'))).toEqual(['.tmp-new']);
  });

  test('leaves no lock, and no file but the documents', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    await records.update('things', 'a', () => ({ n: 1 }));
    await expect(
      records.update('things', 'b', () => {
        throw new Error('refused');
      }),
    ).rejects.toThrow('refused');
    expect(readdirSync(path.join(dir, 'things'))).toEqual(['a.json']);
    expect(readdirSync(path.join(dir, '.locks')).filter((name) => !name.startsWith('.holder-'))).toEqual([]);
  });

  test('says storage_full and keeps the old document when the file cannot be written whole', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    await records.update('things', 'a', () => ({ n: 1 }));
    const limited = ['-c', 'ulimit -f 16; exec "$@"', 'sh', process.execPath];
    const child = spawnLines('sh', [...limited, worker, 'file', dir, 'put', 'things', 'a', '1000000']);
    await expect(child.ended).resolves.toBe(1);
    expect(child.lines).toEqual([
      { code: 'storage_full', message: 'Cannot write "a.json": file too large (EFBIG)' },
    ]);
    await expect(records.get('things', 'a')).resolves.toEqual({ n: 1 });
    expect(readdirSync(path.join(dir, 'things'))).toEqual(['a.json']);
  });

  test('takes the version before one that was torn at any byte, and goes on behind it', async () => {
    const dir = tempFolder();
    const file = path.join(dir, 'things', 'a.json');
    const records = openFileRecords(dir);
    await records.update('things', 'a', () => ({ n: 1 }));
    const whole = statSync(file).size;
    await records.update('things', 'a', () => ({ text: 'überflüssig' }));
    const content = readFileSync(file);
    for (let length = whole; length < content.length; length++) {
      writeFileSync(file, content.subarray(0, length));
      await expect(records.get('things', 'a')).resolves.toEqual({ n: 1 });
      await records.update('things', 'a', () => ({ n: 2 }));
      await expect(records.get('things', 'a')).resolves.toEqual({ n: 2 });
    }
  });

  test('passes over versions that were torn one after the other', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    await records.update('things', 'a', () => ({ n: 1 }));
    appendFileSync(path.join(dir, 'things', 'a.json'), '\u001e{"n":\u001e{"n":2\u001e');
    await expect(records.get('things', 'a')).resolves.toEqual({ n: 1 });
  });

  test('rejects a last version that is no JSON object as state_corrupt', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    await records.update('things', 'a', () => ({ n: 1 }));
    appendFileSync(path.join(dir, 'things', 'a.json'), '\u001e{"n":\n');
    await expect(records.get('things', 'a')).rejects.toMatchObject({ code: 'state_corrupt' });
    await expect(records.update('things', 'a', () => ({ n: 2 }))).rejects.toMatchObject({
      code: 'state_corrupt',
    });
  });

  test.each([
    ['small', 1, 64 * 1024],
    ['large', 50_000, 250_000],
  ])('lets the file of a %s document not grow for ever', async (_, length, limit) => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    const sizes: number[] = [];
    for (let n = 0; n < (length === 1 ? 3000 : 12); n++) {
      await records.update('things', 'a', () => ({ n, padding: 'x'.repeat(length) }));
      sizes.push(statSync(path.join(dir, 'things', 'a.json')).size);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
    expect(sizes.filter((size, at) => size < (sizes[at - 1] ?? 0)).length).toBeGreaterThan(0);
  });

  test('says storage_refused where the folder is none', async () => {
    const file = path.join(tempFolder(), 'file');
    writeFileSync(file, '');
    const records = openFileRecords(file);
    const refused = { code: 'storage_refused', message: expect.not.stringContaining(file) };
    await expect(records.get('things', 'a')).rejects.toMatchObject(refused);
    await expect(records.update('things', 'a', () => ({ n: 1 }))).rejects.toMatchObject(refused);
    await expect(records.list('things')).rejects.toMatchObject(refused);
  });
});
