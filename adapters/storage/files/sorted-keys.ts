/** Selects the keys of a page among sorted keys. */
import type { ListPage } from '../../../core/storage/records.ts';

/**
 * Returns all keys that the page may contain, in its order; not limited, because a removed document must not
 * shorten a page.
 */
export function keysOfPage(
  sorted: readonly string[],
  { after, descending = false }: ListPage,
): readonly string[] {
  if (descending)
    return sorted.slice(0, after === undefined ? undefined : countBelow(sorted, after)).reverse();
  return after === undefined ? sorted : sorted.slice(countBelow(sorted, `${after}\0`));
}

/** Number of sorted keys before the text. */
function countBelow(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
