/** Everything SkillOS itself stores, by the backend of this deployment. */
import { join, resolve } from 'node:path';
import type { Config } from '../core/config.ts';
import type { Blobs, Journal, Records } from '../core/ports.ts';
import { openFileBlobs } from './file-blobs.ts';
import { openFileJournal } from './file-journal.ts';
import { openFileRecords } from './file-records.ts';
import { openPostgresBlobs } from './postgres-blobs.ts';
import { openPostgresJournal } from './postgres-journal.ts';
import { openPostgresRecords } from './postgres-records.ts';
import { openPostgres } from './postgres.ts';

export interface State {
  readonly records: Records;
  readonly journal: Journal;
  readonly blobs: Blobs;
  /** Waits for what is under way and lets go of the backend. */
  readonly close: () => Promise<void>;
}

type StateConfig = Pick<Config, 'root' | 'storageBackend' | 'postgresDsn' | 'postgresSchema'>;

/** Touches nothing before the first call; open it once a process. */
export function openState(config: StateConfig): State {
  const { storageBackend, postgresDsn = '', postgresSchema: schema } = config; // `parseConfig` saw to the DSN
  if (storageBackend === 'file') return openFileState(resolve(config.root));
  const database = openPostgres({ dsn: postgresDsn, schema });
  return {
    records: openPostgresRecords(database),
    journal: openPostgresJournal(database),
    blobs: openPostgresBlobs(database),
    close: database.close,
  };
}

/** Files below the skills root; for several processes of one machine. */
function openFileState(root: string): State {
  return {
    records: openFileRecords(join(root, 'runtime', 'records')),
    journal: openFileJournal(join(root, 'logs')),
    blobs: openFileBlobs(join(root, 'runtime', 'blobs')),
    close: async () => undefined,
  };
}

/** Where the frozen bundles of skills stand. */
export function bundleFolder(root: string): string {
  return join(root, 'runtime', 'bundles');
}
