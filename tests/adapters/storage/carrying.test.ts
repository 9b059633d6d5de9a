import { carry, carryText, uncarry } from '../../../adapters/storage/carrying.ts';
import type { Carried } from '../../../core/values/carried.ts';
import { CARRIED_MAX_BYTES, INLINE_MAX_BYTES } from '../../../core/values/carried.ts';
import type { JsonValue } from '../../../core/json.ts';
import { memoryBlobs } from '../../support/memory-blobs.ts';

/** A string whose JSON text has that many bytes. */
const sized = (bytes: number) => 'x'.repeat(bytes - 2);

describe('carry', () => {
  test.each<JsonValue>([null, '', 0, [], { a: ['ü'] }, sized(INLINE_MAX_BYTES)])(
    'carries a small value inline (%#)',
    async (value) => {
      await expect(carry(value, memoryBlobs())).resolves.toEqual({ value });
    },
  );

  test('counts bytes, not characters', async () => {
    const value = 'ü'.repeat(INLINE_MAX_BYTES / 2);
    await expect(carry(value, memoryBlobs())).resolves.toMatchObject({ bytes: INLINE_MAX_BYTES + 2 });
  });

  test('carries a large value as a blob of its JSON text', async () => {
    const blobs = memoryBlobs();
    const value = { text: sized(100_000) };
    const carried = await carry(value, blobs);
    expect(carried).toEqual({ ref: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 100_009 });
    await expect(uncarry(carried, blobs)).resolves.toEqual(value);
  });
});

describe('carryText', () => {
  test('refuses what is larger than may travel', async () => {
    await expect(
      carryText(JSON.stringify(sized(CARRIED_MAX_BYTES + 1)), memoryBlobs()),
    ).rejects.toMatchObject({
      code: 'payload_too_large',
      details: { bytes: CARRIED_MAX_BYTES + 1, max_bytes: CARRIED_MAX_BYTES },
    });
  });

  test('takes what may just travel', async () => {
    const text = JSON.stringify(sized(CARRIED_MAX_BYTES));
    await expect(carryText(text, memoryBlobs())).resolves.toMatchObject({ bytes: CARRIED_MAX_BYTES });
  });
});

describe('uncarry', () => {
  test('joins the parts of a group, nested and by reference', async () => {
    const blobs = memoryBlobs();
    const large = await carry(sized(20_000), blobs);
    const carried: Carried = { parts: [{ value: 'a' }, { parts: [{ value: 'b' }, large] }] };
    await expect(uncarry(carried, blobs)).resolves.toBe(`a\nb\n${sized(20_000)}`);
  });

  test('makes an array of parts that are not all strings', async () => {
    const carried: Carried = { parts: [{ value: 'a' }, { value: { n: 1 } }] };
    await expect(uncarry(carried, memoryBlobs())).resolves.toEqual(['a', { n: 1 }]);
  });

  test('refuses parts that are too large together, before it loads one', async () => {
    const part = { ref: '0'.repeat(64), bytes: CARRIED_MAX_BYTES / 2 + 1 };
    await expect(uncarry({ parts: [part, part] }, memoryBlobs())).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });

  test('refuses groups that nest without end', async () => {
    let carried: Carried = { value: 1 };
    for (let depth = 0; depth < 100_000; depth++) carried = { parts: [carried] };
    await expect(uncarry(carried, memoryBlobs())).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  test('says blob_unavailable where the blob is gone', async () => {
    const carried = { ref: '0'.repeat(64), bytes: 20_000 };
    await expect(uncarry(carried, memoryBlobs())).rejects.toMatchObject({ code: 'blob_unavailable' });
  });

  test('says state_corrupt where the blob is not JSON', async () => {
    const blobs = memoryBlobs();
    const carried = { ref: await blobs.put(Buffer.from('{')), bytes: 1 };
    await expect(uncarry(carried, blobs)).rejects.toMatchObject({ code: 'state_corrupt' });
  });
});
