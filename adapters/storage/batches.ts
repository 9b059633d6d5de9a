/** Combines calls on one key that arrive together, or while an earlier one is in progress. */

/**
 * Returns a function that passes the items of a key to `perform` in their order, one batch of a key at a
 * time. If a batch fails, all its calls reject.
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
      queueMicrotask(() => void work(key)); // after the other calls of this turn
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
    calls.forEach(({ resolve }, index) => resolve(results[index] as Result)); // one per item
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
}
