/** Reads what the skills of a run have printed. */
import type { JsonObject } from '../../core/json.ts';
import type { Journal } from '../../core/storage/journal.ts';
import { runLogName } from '../../core/values/run-id.ts';

/** At most this many entries at a time, except for the last piece that the journal returns. */
const PAGE = 5000;

/**
 * Returns entries after position `after`, which is 0 or a `next` of this log. `next` is absent if there are no more yet.
 */
export async function readRunLog(
  journal: Journal,
  runId: string,
  after = 0,
): Promise<{ readonly items: readonly JsonObject[]; readonly next?: number }> {
  const items: JsonObject[] = [];
  for (let at = after; ;) {
    const { entries, next } = await journal.read(runLogName(runId), at);
    items.push(...entries);
    if (next === at) return { items };
    if (items.length >= PAGE) return { items, next };
    at = next;
  }
}

export async function readWholeRunLog(journal: Journal, runId: string): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const { items, next }: Awaited<ReturnType<typeof readRunLog>> = await readRunLog(journal, runId, after);
    all.push(...items);
    after = next;
  }
  return all;
}
