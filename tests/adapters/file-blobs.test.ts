import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openFileBlobs } from '../../adapters/file-blobs.ts';
import { sha256 } from '../../core/digest.ts';
import { memoryBlobs } from '../support/memory-blobs.ts';
import { tempFolder } from '../support/temp-folder.ts';

const bytes = Buffer.from('a large value');
const hash = sha256(bytes);

describe.each([
  ['openFileBlobs', () => openFileBlobs(path.join(tempFolder(), 'not', 'yet', 'there'))],
  ['memoryBlobs', () => memoryBlobs()],
])('%s', (_, open) => {
  test('gives back what was put, by its hash', async () => {
    const blobs = open();
    await expect(blobs.put(bytes)).resolves.toBe(hash);
    await expect(blobs.put(bytes)).resolves.toBe(hash);
    expect(Buffer.from(await blobs.get(hash))).toEqual(bytes);
  });

  test('keeps an empty value', async () => {
    const blobs = open();
    expect(await blobs.get(await blobs.put(new Uint8Array()))).toHaveLength(0);
  });

  test.each([hash, '', '../../etc/passwd', hash.toUpperCase()])(
    'says blob_unavailable for %j',
    async (asked) => {
      await expect(open().get(asked)).rejects.toMatchObject({ code: 'blob_unavailable' });
    },
  );
});

describe('openFileBlobs', () => {
  test('keeps a blob under two of its digits and does not write it twice', async () => {
    const dir = tempFolder();
    const blobs = openFileBlobs(dir);
    await blobs.put(bytes);
    const file = path.join(dir, hash.slice(0, 2), hash);
    const before = statSync(file);
    await blobs.put(bytes);
    expect(statSync(file).ino).toBe(before.ino);
    expect(readdirSync(path.dirname(file))).toEqual([hash]);
  });

  test('rejects a changed blob as state_corrupt, and mends a cut one when it is put again', async () => {
    const dir = tempFolder();
    const blobs = openFileBlobs(dir);
    await blobs.put(bytes);
    writeFileSync(path.join(dir, hash.slice(0, 2), hash), 'cut');
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'state_corrupt', details: { key: hash } });
    await blobs.put(bytes);
    expect(Buffer.from(await blobs.get(hash))).toEqual(bytes);
  });

  test('says storage_unreachable where the folder is none', async () => {
    const file = path.join(tempFolder(), 'file');
    writeFileSync(file, '');
    const blobs = openFileBlobs(file);
    await expect(blobs.put(bytes)).rejects.toMatchObject({ code: 'storage_unreachable' });
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'storage_unreachable' });
  });
});
