/** Everything SkillOS itself stores, by the backend of this deployment. */
import { join } from 'node:path';
import type { Blobs, Journal, Records } from '../core/ports.ts';
import { openFileBlobs } from './file-blobs.ts';
import { openFileJournal } from './file-journal.ts';
import { openFileRecords } from './file-records.ts';

export interface State {
  readonly records: Records;
  readonly journal: Journal;
  readonly blobs: Blobs;
}

/** State on files below the skills root; for several processes of one machine. */
export function openState(root: string): State {
  return {
    records: openFileRecords(join(root, 'runtime', 'records')),
    journal: openFileJournal(join(root, 'logs')),
    blobs: openFileBlobs(join(root, 'runtime', 'blobs')),
  };
}

/** Where the frozen bundles of skills stand. */
export function bundleFolder(root: string): string {
  return join(root, 'runtime', 'bundles');
}
