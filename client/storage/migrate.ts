/** Copies the state of a deployment from one storage to another, and compares the two. */
import { SkillosError } from '../../core/errors/errors.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import { refuseWhileServing } from '../../core/storage/serving.ts';
import type { ServingProcess } from '../../core/storage/serving.ts';
import { MIGRATIONS_KIND, countStore, isEmpty, syncStores } from './store-copy.ts';
import type { Store, StoreCopy, StoreCounts } from './store-copy.ts';

export interface MigratePorts extends StoreCopy {
  /** Resolves to the other processes that use either storage. */
  readonly processes: () => Promise<readonly ServingProcess[]>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Its record in the target, under one key. */
type Migration = {
  readonly from: string;
  readonly startedAt: string;
  readonly completedAt?: string;
};

const KEY = 'copy';

interface MigrationRequest {
  /** The backend of the source. */
  readonly from: string;
  /** Continues a migration that was interrupted. */
  readonly resume: boolean;
  readonly isDryRun: boolean;
}

/**
 * Rejects with `storage_in_use`, with `storage_not_empty` unless the target is empty or `resume` continues the migration that
 * has filled it, and with `storage_differs` if something changed while it was copied. The source is not changed.
 */
export async function migrateStorage(ports: MigratePorts, request: MigrationRequest): Promise<StoreCounts> {
  const { source, target, processes, now } = ports;
  refuseWhileServing(await processes());
  const migration = await target.records.get<Migration>(MIGRATIONS_KIND, KEY);
  if (!(await isEmpty(target))) refuseFilled(migration, request);
  if (request.isDryRun) return countStore(source);
  const started = { from: request.from, startedAt: isoTime(now()) };
  await writeMigration(target, started);
  await syncStores(ports, 'copy');
  const counts = await syncStores(ports, 'compare');
  refuseWhileServing(await processes());
  await writeMigration(target, { ...started, completedAt: isoTime(now()) });
  return counts;
}

async function writeMigration({ records }: Store, migration: Migration): Promise<void> {
  await records.update<Migration>(MIGRATIONS_KIND, KEY, () => migration);
}

function refuseFilled(migration: Migration | undefined, { from, resume }: MigrationRequest): void {
  const isOurs = migration?.from === from && migration.completedAt === undefined;
  if (isOurs && resume) return;
  if (isOurs) {
    throw new SkillosError('storage_not_empty', 'The target holds part of an earlier migration', {
      hint: 'Continue it with --resume',
    });
  }
  const since = migration?.completedAt;
  const reason = since === undefined ? '' : `, among it a migration that was completed at ${since}`;
  throw new SkillosError('storage_not_empty', `The target is not empty: it holds state of SkillOS${reason}`);
}
