/** Copies a skills root for tests of skills that write, so that they change the copy only. */
import { cp, lstat, readlink, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { storageError } from '../files/files.ts';

/** State and secrets of a deployment, and what tools can restore. */
const LEFT_OUT: readonly string[] = ['runtime', 'logs', 'coverage', 'secrets', '.git'];
/** Large, and read only by skills. */
const LINKED = 'node_modules';

/**
 * Copies files, folders, and links within the root. Links that leave it are left out: a skill would write through them.
 * `target` must not exist. Rejects as `storageError` says, such as for a file that cannot be read.
 */
export async function copyRoot(root: string, target: string): Promise<void> {
  try {
    await copy(root, target);
  } catch (error) {
    throw storageError(
      'Cannot copy the skills root for a test; skillos test --in-place needs no copy',
      error,
    );
  }
}

async function copy(root: string, target: string): Promise<void> {
  const left = new Set([...LEFT_OUT, LINKED].map((name) => path.join(root, name)));
  await cp(root, target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (source) => !left.has(source) && (await isCopied(root, source)),
  });
  const packages = path.join(root, LINKED);
  const found = await stat(packages).catch(() => undefined);
  if (found?.isDirectory()) await symlink(packages, path.join(target, LINKED));
}

async function isCopied(root: string, source: string): Promise<boolean> {
  const info = await lstat(source);
  if (!info.isSymbolicLink()) return info.isFile() || info.isDirectory();
  const link = await readlink(source);
  const leads = path.relative(root, path.resolve(path.dirname(source), link));
  return !path.isAbsolute(link) && leads !== '..' && !leads.startsWith(`..${path.sep}`);
}
