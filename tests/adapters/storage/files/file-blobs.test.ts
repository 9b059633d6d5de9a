import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openFileBlobs } from '../../../../adapters/storage/files/file-blobs.ts';
import { sha256 } from '../../../../core/values/digest.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { blobsLaw, contentLaw } from '../../blobs.testsuite.ts';

const bytes = Buffer.from('a large value');
const hash = sha256(bytes);

blobsLaw({ open: async () => openFileBlobs(path.join(tempFolder(), 'not', 'yet', 'there')) });

let folder = '';

function makeOlder(hashes: readonly string[], days: number): void {
  const time = new Date(Date.now() - days * 86_400_000);
  for (const each of hashes) utimesSync(path.join(folder, each.slice(0, 2), each), time, time);
}

contentLaw({
  open: async () => openFileBlobs((folder = path.join(tempFolder(), 'blobs'))),
  age: async (hashes, days) => makeOlder(hashes, days),
  damage: async (each, other) => writeFileSync(path.join(folder, each.slice(0, 2), each), other),
});

test('in a folder of an earlier release, whose uses were not recorded, the first removal begins to', async () => {
  folder = path.join(tempFolder(), 'blobs');
  const blobs = openFileBlobs(folder);
  const old = await blobs.put(bytes);
  rmSync(path.join(folder, '.uses-recorded'));
  makeOlder([old], 40);
  const before = Date.now() - 30 * 86_400_000;
  await expect(blobs.removeUnused(before, false)).resolves.toEqual({ items: 0, bytes: 0 });
  makeOlder([old], 40);
  await expect(blobs.removeUnused(before, false)).resolves.toEqual({ items: 1, bytes: bytes.length });
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

  test('rejects a changed blob as state_corrupt, and repairs a cut one when it is put again', async () => {
    const dir = tempFolder();
    const blobs = openFileBlobs(dir);
    await blobs.put(bytes);
    writeFileSync(path.join(dir, hash.slice(0, 2), hash), 'cut');
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'state_corrupt', details: { key: hash } });
    await blobs.put(bytes);
    expect(Buffer.from(await blobs.get(hash))).toEqual(bytes);
  });

  test('says storage_refused where the folder is none', async () => {
    const file = path.join(tempFolder(), 'file');
    writeFileSync(file, '');
    const blobs = openFileBlobs(file);
    await expect(blobs.put(bytes)).rejects.toMatchObject({ code: 'storage_refused' });
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'storage_refused' });
  });
});
