/** Refuses a skills root whose state folders cannot be used: those that cannot be written, and symbolic links, with which a root from somebody else could make SkillOS write elsewhere. */
import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Config } from '../../core/settings/config.ts';
import { SETTINGS } from '../../core/settings/settings.ts';

/** Below the root; also for storage in Postgres, where bundles and the event log remain files. */
export const STATE_FOLDERS = [
  'runtime',
  'runtime/records',
  'runtime/blobs',
  'runtime/bundles',
  'runtime/deployments',
  'logs',
  'logs/runs',
  'logs/audit',
];

/** Throws `state_linked` unless the setting allows links. */
export function assertOwnFolders(root: string, { followStateLinks }: Pick<Config, 'followStateLinks'>): void {
  if (followStateLinks) return;
  const linked = STATE_FOLDERS.find((folder) => isLink(path.join(root, folder)));
  if (linked === undefined) return;
  const { variable } = SETTINGS.followStateLinks;
  throw new SkillosError(
    'state_linked',
    `Folder "${linked}" of the skills root is a symbolic link: expected a folder, or ${variable}=1`,
  );
}

/** Throws `root_not_writable` unless the folders of state can be written, or made where they are missing. */
export function assertWritable(root: string): void {
  for (const folder of ['runtime', 'logs']) {
    const isMade = existsSync(path.join(root, folder));
    try {
      accessSync(path.join(root, isMade ? folder : ''), constants.W_OK | constants.X_OK);
    } catch (cause) {
      const what = isMade ? `folder "${folder}" of the skills root` : 'the skills root';
      const { code = 'unknown' } = cause as NodeJS.ErrnoException;
      throw new SkillosError('root_not_writable', `Cannot write ${what} (${code})`, { cause });
    }
  }
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
