import { openMicroCache } from '../../../server/services/micro-cache.ts';
import { until } from '../../support/eventually.ts';

function counting(): { readonly read: () => Promise<number>; readonly count: () => number } {
  let count = 0;
  return { read: async () => ++count, count: () => count };
}

describe('openMicroCache', () => {
  test('reads once for all who ask at once', async () => {
    const { read } = counting();
    const microCache = openMicroCache(read);
    expect(await Promise.all([microCache.get(), microCache.get(), microCache.get()])).toEqual([1, 1, 1]);
  });

  test('reads again after 20 ms', async () => {
    const microCache = openMicroCache(counting().read);
    await microCache.get();
    await until(async () => (await microCache.get()) > 1);
  });

  test('reads again at once after `forget`', async () => {
    const microCache = openMicroCache(counting().read);
    await microCache.get();
    microCache.forget();
    expect(await microCache.get()).toBe(2);
  });

  test('keeps no failure', async () => {
    const answers = [() => Promise.reject(new Error('away')), async () => 'there'];
    const microCache = openMicroCache(async () => answers.shift()?.());
    await expect(microCache.get()).rejects.toThrow('away');
    expect(await microCache.get()).toBe('there');
  });
});
