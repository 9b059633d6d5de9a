import { inBatches } from '../../adapters/batches.ts';

describe('inBatches', () => {
  test('does together what comes while a call on the key is under way, in its order', async () => {
    const batches: (readonly [string, readonly number[]])[] = [];
    const double = inBatches<number, number>(async (key, items) => {
      batches.push([key, items]);
      return items.map((item) => item * 2);
    });
    const results = await Promise.all([double('a', 1), double('a', 2), double('b', 3), double('a', 4)]);
    expect(results).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([
      ['a', [1]],
      ['b', [3]],
      ['a', [2, 4]],
    ]);
    await expect(double('a', 5)).resolves.toBe(10);
  });

  test('rejects every call of a batch that fails, and goes on', async () => {
    let isBroken = true;
    const call = inBatches<number, number>(async (_, items) => {
      if (isBroken) throw new Error('broken');
      return items;
    });
    const failed = await Promise.allSettled([call('a', 1), call('a', 2), call('a', 3)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    isBroken = false;
    await expect(call('a', 4)).resolves.toBe(4);
  });
});
