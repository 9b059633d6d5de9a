import { once } from 'node:events';
import { openBackgroundTasks } from '../../activities/background-tasks.ts';

describe('openBackgroundTasks', () => {
  test('begins work after what goes on now, and finishes it before it closes', async () => {
    const background = openBackgroundTasks();
    const told: string[] = [];
    background.begin(async () => told.push('aside'));
    await Promise.resolve();
    told.push('answered');
    await background.close();
    expect(told).toEqual(['answered', 'aside']);
  });

  test('outlives work that fails', async () => {
    const background = openBackgroundTasks();
    background.begin(async () => {
      throw new Error('away');
    });
    await expect(background.close()).resolves.toBeUndefined();
  });

  test('tells work that cannot finish that nobody waits any longer', async () => {
    const background = openBackgroundTasks(20);
    let isToldToLeave = false;
    background.begin(async (signal) => {
      await once(signal, 'abort');
      isToldToLeave = true;
    });
    await background.close();
    expect(isToldToLeave).toBe(true);
  });
});
