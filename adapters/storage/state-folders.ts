/** Refuses a skills root whose state folders are symbolic links: a root from somebody else could make SkillOS write elsewhere. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Config } from '../../core/settings/config.ts';
import { SETTINGS } from '../../core/settings/settings.ts';

/** Below the root; also for storage in Postgres, where bundles and the event log remain files. */
const FOLDERS = [
  'runtime',
  'runtime/records',
  'runtime/blobs',
  'runtime/bundles',
  'logs',
  'logs/runs',
  'logs/audit',
];

/** Throws `state_linked` unless the setting allows links. */
export function assertOwnFolders(root: string, { followStateLinks }: Pick<Config, 'followStateLinks'>): void {
  if (followStateLinks) return;
  const linked = FOLDERS.find((folder) => isLink(path.join(root, folder)));
  if (linked === undefined) return;
  const { variable } = SETTINGS.followStateLinks;
  throw new SkillosError(
    'state_linked',
    `Folder "${linked}" of the skills root is a symbolic link: expected a folder, or ${variable}=1`,
  );
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
