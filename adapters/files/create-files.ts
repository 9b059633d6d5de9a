/** Creates several new files below a folder, all or none, and never overwrites. */
import { lstat, mkdir, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import { createDurable, isErrno, realpathBelow, safeJoin, storageError, syncFolder } from './files.ts';

export interface NewFile {
  /** Below the folder, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

/**
 * Writes the files in the order given, each durably, and creates missing folders. Rejects with `already_exists`,
 * `path_outside_root` (a symbolic link on the way) or as `storageError` says; none of the files exists then.
 */
export async function createFiles(root: string, files: readonly NewFile[]): Promise<void> {
  const base = await realpath(root);
  const targets = files.map((file) => safeJoin(base, file.path));
  for (const target of targets) await realpathBelow(base, target);
  for (const file of files) await refuseExisting(base, file.path);
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const [index, file] of files.entries()) {
      await createFile(targets[index] as string, file, undo);
    }
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined); // the first error is the one to report
    throw error;
  }
}

/** Rejects with `already_exists` if the path exists, also as a dangling link. */
export async function refuseExisting(base: string, file: string): Promise<void> {
  const found = await lstat(safeJoin(base, file)).catch(() => undefined);
  if (found !== undefined) throw taken(file);
}

async function createFile(target: string, file: NewFile, undo: (() => Promise<void>)[]): Promise<void> {
  try {
    await makeFolders(path.dirname(target), undo);
    await createDurable(target, file.content, 0o644);
    undo.push(() => rm(target));
    await syncFolder(path.dirname(target));
  } catch (error) {
    // EEXIST: another process created it first. Otherwise the incomplete file is removed.
    if (isErrno(error, 'EEXIST')) throw taken(file.path);
    await rm(target, { force: true }).catch(() => undefined); // the first error is the one to report
    throw storageError(`Cannot write ${JSON.stringify(file.path)}`, error);
  }
}

async function makeFolders(folder: string, undo: (() => Promise<void>)[]): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const made = [first];
  for (const part of path.relative(first, folder).split(path.sep).filter(Boolean)) {
    made.push(path.join(made.at(-1) as string, part));
  }
  for (const created of made) undo.push(() => rmdir(created));
}

function taken(file: string): SkillosError {
  return new SkillosError('already_exists', `${JSON.stringify(file)} exists already`);
}
