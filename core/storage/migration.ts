/** The record of a migration. It is in the target alone, which nobody may use before the migration is completed. */
import { SkillosError } from '../errors/errors.ts';
import type { Records } from './records.ts';

export const MIGRATIONS_KIND = 'migrations';

const KEY = 'copy';

/** Times are ISO 8601. */
export type Migration = {
  /** The backend of the source. */
  readonly from: string;
  /** A SHA-256 that identifies the source among those of its backend. */
  readonly source: string;
  readonly startedAt: string;
  readonly completedAt?: string;
};

export function readMigration(records: Pick<Records, 'get'>): Promise<Migration | undefined> {
  return records.get<Migration>(MIGRATIONS_KIND, KEY);
}

export async function writeMigration(records: Pick<Records, 'update'>, migration: Migration): Promise<void> {
  await records.update<Migration>(MIGRATIONS_KIND, KEY, () => migration);
}

/** Rejects with `storage_incomplete` for the target of a migration that has not been completed. */
export async function refuseIncomplete(records: Pick<Records, 'get'>): Promise<void> {
  const migration = await readMigration(records);
  if (migration === undefined || migration.completedAt !== undefined) return;
  const { from, startedAt } = migration;
  throw new SkillosError(
    'storage_incomplete',
    `The storage holds part of a migration from ${from} that began at ${startedAt} and was not completed`,
  );
}
