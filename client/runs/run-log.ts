/** Reads what the skills of a run have printed, and other logs of runs. */
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

/** Returns the last entries of the log of a run, up to `count`, in the order in which they were written. */
export async function lastOfRunLog(
  journal: Journal,
  runId: string,
  count: number,
): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for await (const piece of journal.readBack(runLogName(runId))) {
    found.push(...piece);
    if (found.length >= count) break;
  }
  return found.slice(0, count).reverse();
}

/** Returns the position after the last entry; `after` is 0 or an earlier position. */
export async function endOfRunLog(journal: Journal, runId: string, after: number): Promise<number> {
  for (let at = after; ;) {
    const { next } = await journal.read(runLogName(runId), at);
    if (next === at) return at;
    at = next;
  }
}

/** Returns all entries of a log of the journal. */
export async function readWholeLog(journal: Journal, log: string): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = [];
  for (let at = 0; ;) {
    const { entries, next } = await journal.read(log, at);
    all.push(...entries);
    if (next === at) return all;
    at = next;
  }
}
