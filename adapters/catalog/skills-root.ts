/** Opens the skills root as a folder. Apart from the readers of its files, which load parsers that few commands need. */
import { realpathSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { SkillosError } from '../../core/errors/errors.ts';

/** Returns the real path of the root. Throws `root_not_found`, which quotes the root as typed, and as `assertLoadable` does. */
export function openRoot(root: string): string {
  const real = realPathOf(root);
  if (real !== undefined && isFolder(real)) {
    assertLoadable(real);
    return real;
  }
  throw new SkillosError(
    'root_not_found',
    `Skills root ${JSON.stringify(root)} not found: expected a folder`,
  );
}

/** Node loads no ES module whose path contains a backslash. Throws `config_invalid` for such a root. */
export function assertLoadable(root: string): void {
  if (!root.includes('\\')) return;
  throw new SkillosError(
    'config_invalid',
    `Invalid skills root "${root}": expected a path without backslash`,
    {
      hint: 'Rename the folder: Node cannot load skills from such a path',
    },
  );
}

/** Returns undefined for a missing path or a dangling link. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Also through a symbolic link. */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** Returns undefined for a missing path, a dangling link, or a path without permission. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
