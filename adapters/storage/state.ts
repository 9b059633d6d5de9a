/** Opens the storage of SkillOS, by the backend of this deployment. */
import { join, resolve } from 'node:path';
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';
import type { Config } from '../../core/settings/config.ts';
import type { Blobs, ContentStore } from '../../core/storage/blobs.ts';
import type { Inventory } from '../../core/storage/inventory.ts';
import type { Journal } from '../../core/storage/journal.ts';
import type { RecordRemoval, Records } from '../../core/storage/records.ts';
import { openFileAttachments } from '../attachments/file-attachments.ts';
import { openPostgresAttachments } from '../attachments/postgres-attachments.ts';
import { openFileBlobs } from './files/file-blobs.ts';
import { openFileInventory } from './files/file-inventory.ts';
import { openFileJournal } from './files/file-journal.ts';
import { openFileRecords } from './files/file-records.ts';
import { openPostgresBlobs } from './postgres/postgres-blobs.ts';
import { openPostgresInventory } from './postgres/postgres-inventory.ts';
import { openPostgresJournal } from './postgres/postgres-journal.ts';
import { openPostgresRecords } from './postgres/postgres-records.ts';
import { openPostgres } from './postgres/postgres.ts';
import { assertOwnFolders } from './state-folders.ts';

export interface State {
  readonly records: Records & RecordRemoval;
  readonly journal: Journal;
  readonly blobs: Blobs & ContentStore;
  readonly attachments: AttachmentBytes;
  readonly inventory: Inventory;
  /** Waits for calls in progress and closes the backend. */
  readonly close: () => Promise<void>;
}

type StateConfig = Pick<
  Config,
  'root' | 'storageBackend' | 'postgresDsn' | 'postgresSchema' | 'followStateLinks'
>;

/** Does not access the backend before the first call; open it once per process. Throws `state_linked`. */
export function openState(config: StateConfig): State {
  const { storageBackend, postgresDsn = '', postgresSchema: schema } = config; // `parseConfig` requires the DSN
  assertOwnFolders(resolve(config.root), config);
  if (storageBackend === 'file') return openFileState(resolve(config.root));
  const database = openPostgres({ dsn: postgresDsn, schema });
  return {
    records: openPostgresRecords(database),
    journal: openPostgresJournal(database),
    blobs: openPostgresBlobs(database),
    attachments: openPostgresAttachments(database),
    inventory: openPostgresInventory(database),
    close: database.close,
  };
}

/** Files below the skills root, for processes of one machine. */
function openFileState(root: string): State {
  const folders = {
    records: join(root, 'runtime', 'records'),
    logs: join(root, 'logs'),
    blobs: join(root, 'runtime', 'blobs'),
  };
  return {
    records: openFileRecords(folders.records),
    journal: openFileJournal(folders.logs),
    blobs: openFileBlobs(folders.blobs),
    attachments: openFileAttachments(root),
    inventory: openFileInventory(folders),
    close: async () => undefined,
  };
}

/** Folder of the frozen bundles of skills. */
export function bundleFolder(root: string): string {
  return join(root, 'runtime', 'bundles');
}

/** Folder with the files of the deployments that this host runs or has run. */
export function deploymentFolder(root: string): string {
  return join(root, 'runtime', 'deployments');
}
