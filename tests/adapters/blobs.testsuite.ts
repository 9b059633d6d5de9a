/** The law of `Blobs`: every backend passes it. */
import { sha256 } from '../../core/values/digest.ts';
import type { Blobs, ContentStore } from '../../core/storage/blobs.ts';

export interface BlobsBackend {
  /** An empty store. */
  open(): Promise<Blobs>;
}

const bytes = Buffer.from('a large value');
const hash = sha256(bytes);

export function blobsLaw(backend: BlobsBackend): void {
  test('gives back what was put, by its hash', async () => {
    const blobs = await backend.open();
    await expect(blobs.put(bytes)).resolves.toBe(hash);
    await expect(blobs.put(bytes)).resolves.toBe(hash);
    expect(Buffer.from(await blobs.get(hash))).toEqual(bytes);
  });

  test('keeps an empty value', async () => {
    const blobs = await backend.open();
    expect(await blobs.get(await blobs.put(new Uint8Array()))).toHaveLength(0);
  });

  test('keeps 32 MiB of any bytes', async () => {
    const blobs = await backend.open();
    const large = Buffer.alloc(
      32 * 1024 * 1024,
      Uint8Array.from({ length: 1021 }, (_, i) => i),
    );
    const view = new Uint8Array(large.buffer, large.byteOffset + 1, large.byteLength - 1);
    const found = await blobs.get(await blobs.put(view));
    expect(Buffer.compare(found, view)).toBe(0);
  });

  test('says which of many values are missing', async () => {
    const blobs = await backend.open();
    await blobs.put(bytes);
    await expect(blobs.missing([])).resolves.toEqual([]);
    const asked = [hash, 'f'.repeat(64), '', 'x\0', hash];
    await expect(blobs.missing(asked)).resolves.toEqual(['f'.repeat(64), '', 'x\0']);
  });

  test.each([hash, '', '../../etc/passwd', hash.toUpperCase(), 'x\0'])(
    'says blob_unavailable for %j',
    async (asked) => {
      const blobs = await backend.open();
      await expect(blobs.get(asked)).rejects.toMatchObject({ code: 'blob_unavailable' });
    },
  );
}

export interface ContentBackend {
  open(): Promise<Blobs & ContentStore>;
  /** Makes the blobs look as if they had been used so many days ago. */
  age(hashes: readonly string[], days: number): Promise<void>;
  /** Stores other bytes under the hash. */
  damage(hash: string, bytes: Uint8Array): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The law of a `ContentStore` of blobs. */
export function contentLaw(backend: ContentBackend): void {
  const texts = Array.from({ length: 40 }, (_, index) => Buffer.from(`value ${index}`));

  test('removes what was last used before, and counts it first', async () => {
    const blobs = await backend.open();
    const [old, put, touched, young] = (await Promise.all(
      texts.slice(0, 4).map((text) => blobs.put(text)),
    )) as [string, string, string, string];
    await backend.age([old, put, touched], 40);
    await backend.age([young], 20);
    await blobs.put(texts[1] as Buffer);
    await blobs.touch([touched, hash]);
    const before = Date.now() - 30 * DAY_MS;
    const expected = { items: 1, bytes: 7 };
    await expect(blobs.removeUnused(before, true, new Set([old]))).resolves.toEqual({ items: 0, bytes: 0 });
    await expect(blobs.removeUnused(before, false, new Set([old]))).resolves.toEqual({ items: 0, bytes: 0 });
    await expect(blobs.removeUnused(before, true)).resolves.toEqual(expected);
    await expect(blobs.removeUnused(before, false)).resolves.toEqual(expected);
    await expect(blobs.removeUnused(before, false)).resolves.toEqual({ items: 0, bytes: 0 });
    await expect(blobs.get(old)).rejects.toMatchObject({ code: 'blob_unavailable' });
    for (const kept of [put, touched, young]) await blobs.get(kept);
  });

  test('replaces a damaged value when it is put again', async () => {
    const blobs = await backend.open();
    await blobs.put(bytes);
    await backend.damage(hash, Buffer.from('A large value'));
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'state_corrupt' });
    await blobs.put(bytes);
    expect(Buffer.from(await blobs.get(hash))).toEqual(bytes);
  });

  test('records each touch, however short the time since the last use is', async () => {
    const blobs = await backend.open();
    const used = await blobs.put(bytes);
    await backend.age([used], 0.5);
    await blobs.touch([used]);
    await blobs.removeUnused(Date.now() - DAY_MS / 4, false);
    await blobs.get(used);
  });

  test('removes nothing that is put meanwhile', async () => {
    const blobs = await backend.open();
    for (let round = 0; round < 5; round++) {
      const hashes = await Promise.all(texts.map((text) => blobs.put(text)));
      await backend.age(hashes, 40);
      await Promise.all([
        blobs.removeUnused(Date.now() - 30 * DAY_MS, false),
        ...texts.map((text) => blobs.put(text)),
      ]);
      for (const each of hashes) await blobs.get(each);
    }
  });
}
