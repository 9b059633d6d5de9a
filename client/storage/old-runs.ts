/** Removes the records and logs of runs that ended long ago. */
import { decodeTime, ulid } from 'ulid';
import { attachmentRecords } from '../../core/attachments/attachment-records.ts';
import type { JsonObject } from '../../core/json.ts';
import { isOutdated } from '../../core/jobs/retention.ts';
import { RUNS_KIND, runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { Inventory } from '../../core/storage/inventory.ts';
import { pagesOf } from '../../core/storage/record-pages.ts';
import type { RecordRemoval, Records, Stored } from '../../core/storage/records.ts';
import { exchangeLogName, requestIdOf, runLogName } from '../../core/values/run-id.ts';

export interface RunStore {
  readonly records: Records & RecordRemoval;
  readonly inventory: Pick<Inventory, 'removeLogs'>;
}

export interface OldRuns {
  readonly removed: number;
  /** The number of removed runs by tenant; without tenants that lost none. */
  readonly byTenant: ReadonlyMap<string, number>;
  readonly kept: number;
  /** The kept run that was requested first. */
  readonly oldest?: Pick<RunRecord, 'id' | 'createdAt'>;
}

interface Limits {
  /** Runs that ended before it are removed; ISO 8601. */
  readonly since: string;
  /** Unix milliseconds. */
  readonly now: number;
  readonly isDryRun: boolean;
  /** Called with their tenants before runs are removed. If it rejects, none of them is. */
  readonly beforeRemoval: (tenants: Iterable<string>) => Promise<void>;
  readonly onProgress: (runs: number) => void;
}

const NEWEST_FIRST = { limit: 2000, descending: true };
/** Records of removals in progress: runs whose logs are still to be removed. */
const REMOVALS_KIND = 'removals';
/** A removal that began longer ago was killed; until then another call may be at work on it. */
const REMOVAL_MAX_MS = 60 * 60 * 1000;

type Removal = { readonly runs: readonly string[] };
type StoredRun = Stored<JsonObject & RunRecord>;

/** From the newest to the oldest, so that a run that repeats another is seen before that one, and keeps it. */
export async function removeOldRuns(
  store: RunStore,
  { since, now, isDryRun, beforeRemoval, onProgress }: Limits,
): Promise<OldRuns> {
  if (!isDryRun) await finishRemovals(store, now);
  const origins = new Set<string>();
  const byTenant = new Map<string, number>();
  let [removed, kept] = [0, 0];
  let oldest: RunRecord | undefined;
  const keep = (run: RunRecord): void => {
    kept += 1;
    if (run.origin !== undefined) origins.add(run.origin.runId);
    if (oldest === undefined || run.createdAt < oldest.createdAt) oldest = run;
  };
  for await (const page of pagesOf<StoredRun['value']>(store.records, RUNS_KIND, NEWEST_FIRST)) {
    const needed = await withAttachments(store, page, isDryRun ? since : '');
    const outdated: StoredRun[] = [];
    for (const each of page) {
      const run = each.value;
      if (isOutdated(run, since) && !origins.has(run.id) && !needed.has(run.id)) outdated.push(each);
      else keep(run);
    }
    if (!isDryRun) await beforeRemoval(new Set(outdated.map(({ value }) => value.tenant)));
    const gone = isDryRun ? new Set(outdated.map(({ key }) => key)) : await removeRuns(store, outdated);
    removed += gone.size;
    for (const { key, value } of outdated) {
      if (gone.has(key)) {
        byTenant.set(value.tenant, (byTenant.get(value.tenant) ?? 0) + 1);
        continue;
      }
      // Somebody has changed it meanwhile, such as to repeat it, or another call has removed it.
      const run = await store.records.get<StoredRun['value']>(RUNS_KIND, key);
      if (run !== undefined) keep(run);
    }
    onProgress(removed + kept);
  }
  return { removed, byTenant, kept, ...(oldest === undefined ? {} : { oldest }) };
}

/**
 * Jobs that still have attachments, although those of outdated jobs were removed before: they have been requeued meanwhile, and
 * their records say whose the attachments are. `removedBefore` (ISO 8601): a dry run has left those that were stored earlier.
 */
async function withAttachments(
  { records }: RunStore,
  page: readonly StoredRun[],
  removedBefore: string,
): Promise<ReadonlySet<string>> {
  const jobs = page.flatMap(({ value }) => (value.queue === 'jobs' ? [value.id] : []));
  const found = await Promise.all(jobs.map((id) => attachmentRecords(records).get(requestIdOf(id))));
  return new Set(
    jobs.filter((_, index) => {
      const at = found[index]?.at;
      return at !== undefined && at >= removedBefore;
    }),
  );
}

/** First says what will be removed, so that another call can finish it if this one is killed. */
async function removeRuns(store: RunStore, runs: readonly StoredRun[]): Promise<ReadonlySet<string>> {
  if (runs.length === 0) return new Set();
  const { records } = store;
  const key = ulid();
  await records.update<Removal>(REMOVALS_KIND, key, () => ({ runs: runs.map(({ value }) => value.id) }));
  const removed = new Set(await records.removeUnchanged(RUNS_KIND, runs));
  await removeLogsOf(
    store,
    runs.filter((run) => removed.has(run.key)).map(({ value }) => value.id),
  );
  await records.update<Removal>(REMOVALS_KIND, key, () => undefined);
  return removed;
}

async function finishRemovals(store: RunStore, now: number): Promise<void> {
  const { records } = store;
  for (const { key, value } of await records.list<Removal>(REMOVALS_KIND)) {
    if (decodeTime(key) > now - REMOVAL_MAX_MS) continue;
    const gone: string[] = [];
    for (const id of value.runs) if ((await runRecords(records).get(id)) === undefined) gone.push(id);
    await removeLogsOf(store, gone);
    await records.update<Removal>(REMOVALS_KIND, key, () => undefined);
  }
}

async function removeLogsOf({ inventory }: RunStore, ids: readonly string[]): Promise<void> {
  await inventory.removeLogs(ids.flatMap((id) => [runLogName(id), exchangeLogName(id)]));
}
