import { inBatches } from '../../../adapters/storage/batches.ts';

describe('inBatches', () => {
  test('does together what comes at once, and what comes while that is under way, in its order', async () => {
    const batches: (readonly [string, readonly number[]])[] = [];
    const double = inBatches<number, number>(async (key, items) => {
      batches.push([key, items]);
      return items.map((item) => item * 2);
    });
    const first = [double('a', 1), double('b', 2), double('a', 3)];
    while (batches.length === 0) await Promise.resolve();
    const results = await Promise.all([...first, double('a', 4), double('a', 5)]);
    expect(results).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
      ['a', [4, 5]],
    ]);
    await expect(double('a', 6)).resolves.toBe(12);
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
