/** Finds the skills root that a folder is in or under. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import { homeFolder } from '../machine/local-folders.ts';

/**
 * Returns the nearest folder with `metadata/`, relative to `from`, searched up to the repository's or the home's top; undefined
 * if there is none. Throws `root_not_found` if that folder belongs to somebody else, whose skills must not run unasked.
 */
export function findRoot(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const metadata = statSync(join(folder, 'metadata'), { throwIfNoEntry: false });
    if (metadata?.isDirectory()) return checkOwner(folder, metadata.uid, from);
    const isTop = folder === dirname(folder) || folder === homeFolder() || existsSync(join(folder, '.git'));
    if (isTop) return undefined;
  }
}

function checkOwner(folder: string, owner: number, from: string): string {
  const root = relative(from, folder) || '.';
  const user = process.getuid?.();
  if (user === undefined || owner === user) return root;
  throw new SkillosError('root_not_found', `Skills root ${JSON.stringify(root)} belongs to another user`, {
    hint: `If you trust it, name it: --root ${root}`,
  });
}
