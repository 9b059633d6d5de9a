/** Copies the state of a deployment from one storage to another, and compares the two. */
import { SkillosError } from '../../core/errors/errors.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import { readMigration, refuseIncomplete, writeMigration } from '../../core/storage/migration.ts';
import type { Migration } from '../../core/storage/migration.ts';
import { refuseWhileServing } from '../../core/storage/serving.ts';
import type { ServingProcess } from '../../core/storage/serving.ts';
import { countStore, isEmpty, refuseOwnAudit, syncStores } from './store-copy.ts';
import type { StoreCopy, StoreCounts } from './store-copy.ts';
import { faultsOf, skippedOf } from './store-faults.ts';
import type { StoreFault } from './store-faults.ts';

export interface MigratePorts extends StoreCopy {
  /** Resolves to the other processes that use either storage. */
  readonly processes: () => Promise<readonly ServingProcess[]>;
  /** Writes to the audit log of the target that it was filled, and how many damaged parts were left out. */
  readonly recordMigrated: (leftOut: number) => Promise<void>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

interface MigrationRequest extends Pick<Migration, 'from' | 'source'> {
  /** Continues a migration that was interrupted. */
  readonly resume: boolean;
  readonly isDryRun: boolean;
  /** Leaves out what is damaged and decides nothing; see `StoreFault`. */
  readonly skipsDamaged: boolean;
}

export interface Migrated {
  readonly counts: StoreCounts;
  /** For a dry run all that the source can no longer read, otherwise what was left out. */
  readonly faults: readonly StoreFault[];
}

/**
 * Rejects with `storage_in_use`, with `storage_incomplete` if the source is half a copy itself, with `storage_not_empty` unless
 * the target is empty or `resume` continues the migration that has filled it, with `storage_differs` if something changed
 * while it was copied, and with `state_corrupt` for damage that is not left out. The source is not changed.
 */
export async function migrateStorage(ports: MigratePorts, request: MigrationRequest): Promise<Migrated> {
  const { source, target, processes, now } = ports;
  refuseWhileServing(await processes());
  await refuseIncomplete(source.records);
  if (!(await isEmpty(target))) {
    refuseFilled(await readMigration(target.records), request);
    await refuseOwnAudit(ports);
  }
  const faults = request.isDryRun || request.skipsDamaged ? await faultsOf(source) : [];
  if (request.isDryRun) return { counts: await countStore(source), faults };
  const copy = { ...ports, ...skippedOf(faults) };
  const started = { from: request.from, source: request.source, startedAt: isoTime(now()) };
  await writeMigration(target.records, started);
  await syncStores(copy, 'copy');
  const counts = await syncStores(copy, 'compare');
  refuseWhileServing(await processes());
  await ports.recordMigrated(faults.length);
  await writeMigration(target.records, { ...started, completedAt: isoTime(now()) });
  return { counts, faults };
}

function refuseFilled(migration: Migration | undefined, { from, source, resume }: MigrationRequest): void {
  const since = migration?.completedAt;
  if (migration === undefined || since !== undefined) {
    const reason = since === undefined ? '' : `, among it a migration that was completed at ${since}`;
    throw new SkillosError(
      'storage_not_empty',
      `The target is not empty: it holds state of SkillOS${reason}`,
    );
  }
  if (migration.from !== from || migration.source !== source) {
    throw new SkillosError(
      'storage_not_empty',
      'The target holds part of a migration from another source: expected the root or the database that it began with',
    );
  }
  if (resume) return;
  throw new SkillosError('storage_not_empty', 'The target holds part of an earlier migration', {
    hint: 'Continue it with --resume',
  });
}
