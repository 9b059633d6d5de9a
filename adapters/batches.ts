/** Calls on one key that come at once, or while others are under way, done together. */

/**
 * A function that hands `perform` the items of a key in the order in which they came, never two batches of one key at
 * once. A batch that fails rejects all its calls.
 */
export function inBatches<Item, Result>(
  perform: (key: string, items: readonly Item[]) => Promise<readonly Result[]>,
): (key: string, item: Item) => Promise<Result> {
  const waiting = new Map<string, Call<Item, Result>[]>();
  const work = async (key: string): Promise<void> => {
    for (let calls = waiting.get(key); calls !== undefined && calls.length > 0; calls = waiting.get(key)) {
      waiting.set(key, []);
      await performCalls(calls, (items) => perform(key, items));
    }
    waiting.delete(key);
  };
  return (key, item) =>
    new Promise((resolve, reject) => {
      const call = { item, resolve, reject };
      const others = waiting.get(key);
      if (others !== undefined) {
        others.push(call);
        return;
      }
      waiting.set(key, [call]);
      queueMicrotask(() => void work(key)); // after the others of this turn have come
    });
}

interface Call<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

async function performCalls<Item, Result>(
  calls: readonly Call<Item, Result>[],
  perform: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<void> {
  try {
    const results = await perform(calls.map(({ item }) => item));
    calls.forEach(({ resolve }, index) => resolve(results[index] as Result)); // one for each item
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
}
