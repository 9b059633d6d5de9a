import { setImmediate as nextTurn } from 'node:timers/promises';
import { forEachOf, mergedNames } from '../../../client/storage/merged-names.ts';

async function* each<Item>(...items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

test('names the items of both lists once, in order', async () => {
  const found: string[] = [];
  for await (const { name, inSource, inTarget } of mergedNames(each('a', 'b', 'd'), each('b', 'c')))
    found.push(`${name}${inSource ? ' source' : ''}${inTarget ? ' target' : ''}`);
  expect(found).toEqual(['a source', 'b source target', 'c target', 'd source']);
});

test('does no more at once than it may, and fails with the first failure', async () => {
  let running = 0;
  let most = 0;
  await forEachOf(each(1, 2, 3, 4, 5), 2, async () => {
    most = Math.max(most, ++running);
    await nextTurn();
    running -= 1;
  });
  expect(most).toBe(2);
  await expect(forEachOf(each(1), 2, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('has ended all work when it fails', async () => {
  let running = 0;
  const working = forEachOf(each(1, 2), 2, async (item) => {
    running += 1;
    if (item === 2) await nextTurn();
    running -= 1;
    if (item === 1) throw new Error('no');
  });
  await expect(working).rejects.toThrow('no');
  expect(running).toBe(0);
});
