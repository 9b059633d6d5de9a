import { openBrief } from '../../server/brief.ts';
import { until } from '../support/engine.ts';

function counting(): { readonly read: () => Promise<number>; readonly count: () => number } {
  let count = 0;
  return { read: async () => ++count, count: () => count };
}

describe('openBrief', () => {
  test('reads once for all who ask at once', async () => {
    const { read } = counting();
    const brief = openBrief(read);
    expect(await Promise.all([brief.get(), brief.get(), brief.get()])).toEqual([1, 1, 1]);
  });

  test('reads anew after a moment', async () => {
    const brief = openBrief(counting().read);
    await brief.get();
    await until(async () => (await brief.get()) > 1);
  });

  test('reads anew at once where it was told to forget', async () => {
    const brief = openBrief(counting().read);
    await brief.get();
    brief.forget();
    expect(await brief.get()).toBe(2);
  });

  test('keeps no failure', async () => {
    const answers = [() => Promise.reject(new Error('away')), async () => 'there'];
    const brief = openBrief(async () => answers.shift()?.());
    await expect(brief.get()).rejects.toThrow('away');
    expect(await brief.get()).toBe('there');
  });
});
