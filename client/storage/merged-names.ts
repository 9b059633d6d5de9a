/** Goes through the names of two stores at once. */

export interface MergedName {
  readonly name: string;
  readonly inSource: boolean;
  readonly inTarget: boolean;
}

/** Both lists are in order; so is the result, which has each name once. */
export async function* mergedNames(
  source: AsyncIterable<string>,
  target: AsyncIterable<string>,
): AsyncGenerator<MergedName> {
  const [sources, targets] = [source[Symbol.asyncIterator](), target[Symbol.asyncIterator]()];
  let [left, right] = await Promise.all([sources.next(), targets.next()]);
  while (left.done !== true || right.done !== true) {
    const inSource = left.done !== true && (right.done === true || left.value <= right.value);
    const inTarget = right.done !== true && (left.done === true || right.value <= left.value);
    yield { name: (inSource ? left : right).value as string, inSource, inTarget }; // one of them has a value
    if (inSource) left = await sources.next();
    if (inTarget) right = await targets.next();
  }
}

/** Calls `work` for each item, for at most `atOnce` at the same time. When it rejects, none of them goes on. */
export async function forEachOf<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let working: Promise<void>[] = [];
  try {
    for await (const item of items) {
      const done = work(item);
      done.catch(() => undefined); // reported below
      working.push(done);
      if (working.length < atOnce) continue;
      await Promise.all(working);
      working = [];
    }
    await Promise.all(working);
  } finally {
    await Promise.allSettled(working);
  }
}
