import { once } from 'node:events';
import { openAside } from '../../adapters/aside.ts';

describe('openAside', () => {
  test('begins work after what goes on now, and finishes it before it closes', async () => {
    const aside = openAside();
    const told: string[] = [];
    aside.begin(async () => told.push('aside'));
    await Promise.resolve();
    told.push('answered');
    await aside.close();
    expect(told).toEqual(['answered', 'aside']);
  });

  test('outlives work that fails', async () => {
    const aside = openAside();
    aside.begin(async () => {
      throw new Error('away');
    });
    await expect(aside.close()).resolves.toBeUndefined();
  });

  test('tells work that cannot finish that nobody waits any longer', async () => {
    const aside = openAside(20);
    let isToldToLeave = false;
    aside.begin(async (signal) => {
      await once(signal, 'abort');
      isToldToLeave = true;
    });
    await aside.close();
    expect(isToldToLeave).toBe(true);
  });
});
