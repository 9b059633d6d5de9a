/** Removes the records and logs of runs that ended long ago. */
import { ulid } from 'ulid';
import { attachmentRecords } from '../../core/attachments/attachment-records.ts';
import { isOutdated } from '../../core/jobs/retention.ts';
import { RUNS_KIND, runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { Inventory } from '../../core/storage/inventory.ts';
import type { RecordRemoval, Records, Stored } from '../../core/storage/records.ts';
import { exchangeLogName, requestIdOf, runLogName } from '../../core/values/run-id.ts';

export interface RunStore {
  readonly records: Records & RecordRemoval;
  readonly inventory: Pick<Inventory, 'removeLogs'>;
}

export interface OldRuns {
  readonly removed: number;
  readonly kept: number;
  /** The kept run that was requested first. */
  readonly oldest?: Pick<RunRecord, 'id' | 'createdAt'>;
}

interface Limits {
  /** Runs that ended before it are removed; ISO 8601. */
  readonly since: string;
  readonly isDryRun: boolean;
  readonly onProgress: (runs: number) => void;
}

/** Where storage is files, each page lists the folder again. */
const PAGE = 2000;
/** Records of removals in progress: runs whose logs are still to be removed. */
const REMOVALS_KIND = 'removals';

type Removal = { readonly runs: readonly string[] };
type StoredRun = Stored<RunRecord & Readonly<Record<string, never>>>;

/** From the newest to the oldest, so that a run that repeats another is seen before that one, and keeps it. */
export async function removeOldRuns(
  store: RunStore,
  { since, isDryRun, onProgress }: Limits,
): Promise<OldRuns> {
  if (!isDryRun) await finishRemovals(store);
  const origins = new Set<string>();
  let [removed, kept] = [0, 0];
  let oldest: RunRecord | undefined;
  for (let after: string | undefined; ;) {
    const page = await pageOf(store, after);
    const needed = isDryRun ? new Set() : await withAttachments(store, page);
    const outdated: StoredRun[] = [];
    for (const each of page) {
      const run = each.value;
      if (isOutdated(run, since) && !origins.has(run.id) && !needed.has(run.id)) {
        outdated.push(each);
        continue;
      }
      kept += 1;
      if (run.origin !== undefined) origins.add(run.origin.runId);
      if (oldest === undefined || run.createdAt < oldest.createdAt) oldest = run;
    }
    removed += isDryRun ? outdated.length : await removeRuns(store, outdated);
    onProgress(removed + kept);
    after = page.at(-1)?.key;
    if (page.length < PAGE) break;
  }
  return { removed, kept, ...(oldest === undefined ? {} : { oldest }) };
}

async function pageOf({ records }: RunStore, after: string | undefined): Promise<readonly StoredRun[]> {
  const from = after === undefined ? {} : { after };
  return records.list<StoredRun['value']>(RUNS_KIND, { limit: PAGE, descending: true, ...from });
}

/**
 * Jobs that still have attachments, although those were removed before: they have been requeued meanwhile, and their records
 * say whose the attachments are.
 */
async function withAttachments(
  { records }: RunStore,
  page: readonly StoredRun[],
): Promise<ReadonlySet<string>> {
  const jobs = page.flatMap(({ value }) => (value.queue === 'jobs' ? [value.id] : []));
  const found = await Promise.all(jobs.map((id) => attachmentRecords(records).get(requestIdOf(id))));
  return new Set(jobs.filter((_, index) => found[index] !== undefined));
}

/** First says what will be removed, so that another call can finish it if this one is killed. */
async function removeRuns(store: RunStore, runs: readonly StoredRun[]): Promise<number> {
  if (runs.length === 0) return 0;
  const { records } = store;
  const key = ulid();
  await records.update<Removal>(REMOVALS_KIND, key, () => ({ runs: runs.map(({ value }) => value.id) }));
  const removed = new Set(await records.removeUnchanged(RUNS_KIND, runs));
  await removeLogsOf(
    store,
    runs.filter((run) => removed.has(run.key)).map(({ value }) => value.id),
  );
  await records.update<Removal>(REMOVALS_KIND, key, () => undefined);
  return removed.size;
}

async function finishRemovals(store: RunStore): Promise<void> {
  const { records } = store;
  for (const { key, value } of await records.list<Removal>(REMOVALS_KIND)) {
    const gone: string[] = [];
    for (const id of value.runs) if ((await runRecords(records).get(id)) === undefined) gone.push(id);
    await removeLogsOf(store, gone);
    await records.update<Removal>(REMOVALS_KIND, key, () => undefined);
  }
}

async function removeLogsOf({ inventory }: RunStore, ids: readonly string[]): Promise<void> {
  await inventory.removeLogs(ids.flatMap((id) => [runLogName(id), exchangeLogName(id)]));
}
