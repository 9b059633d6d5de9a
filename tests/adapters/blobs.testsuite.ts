/** The law of `Blobs`: every backend passes it. */
import { sha256 } from '../../core/values/digest.ts';
import type { Blobs } from '../../core/storage/blobs.ts';

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

  test.each([hash, '', '../../etc/passwd', hash.toUpperCase(), 'x\0'])(
    'says blob_unavailable for %j',
    async (asked) => {
      const blobs = await backend.open();
      await expect(blobs.get(asked)).rejects.toMatchObject({ code: 'blob_unavailable' });
    },
  );
}
