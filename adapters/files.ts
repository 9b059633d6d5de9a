/** Files that are replaced whole or not at all, and paths that stay below their root. */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, fsync, ftruncateSync, openSync, renameSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, mkdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { getSystemErrorMap, promisify } from 'node:util';
import { SkillosError } from '../core/errors.ts';

/**
 * Only waiting for the disk leaves the event loop. Opening, writing into the page cache, renaming and closing take some
 * ten microseconds each, and a trip to the thread pool several times that: a run pays for twenty of them otherwise.
 */
const sync = promisify(fsync);
/** Without the times of the file, which reading it back does not take. */
export const syncData = promisify(fdatasync);

/** How the names of unfinished files begin; whoever lists a folder ignores them. */
export const TEMP_PREFIX = '.tmp-';

/**
 * Replaces `file` by `data`: durable when it resolves. On an error the old file stands, no temporary file is left and
 * it rejects with `storage_unreachable`; a full disk is such an error. The folder must exist.
 */
export async function writeAtomic(file: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = path.dirname(file);
  const temp = path.join(folder, `${TEMP_PREFIX}${randomBytes(8).toString('hex')}`);
  try {
    await createDurable(temp, data, mode);
    renameSync(temp, file);
    await syncFolder(folder);
  } catch (error) {
    await discard(temp);
    throw storageError(`Cannot write ${JSON.stringify(path.basename(file))}`, error);
  }
}

/**
 * Writes a new file, its bytes durable, its name not yet: that takes `syncFolder`. On an error there is no file, and
 * it rejects with Node's own error.
 */
export async function createDurable(file: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const fd = openSync(file, 'wx', mode);
  try {
    await closingFd(fd, () => {
      writeFileSync(fd, data);
      return sync(fd);
    });
  } catch (error) {
    await discard(file);
    throw error;
  }
}

/**
 * Adds to a file that is there and of this size, whose writers take turns: durable when it resolves. On an error the
 * file is cut back to its size, and it rejects with `storage_unreachable`.
 */
export async function appendDurable(file: string, data: Uint8Array, size: number): Promise<void> {
  try {
    const fd = openSync(file, 'a');
    await closingFd(fd, async () => {
      try {
        writeFileSync(fd, data);
        await syncData(fd);
      } catch (error) {
        cutBack(fd, size);
        throw error;
      }
    });
  } catch (error) {
    throw storageError(`Cannot write ${JSON.stringify(path.basename(file))}`, error);
  }
}

/** Makes names that were added to, moved in or removed from the folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const fd = openSync(folder, 'r');
  await closingFd(fd, () => sync(fd));
}

/** Makes a folder and its missing parents, 0700 each, durably; one that exists stays as it is. */
export async function makeDir(folder: string): Promise<void> {
  const target = path.resolve(folder);
  try {
    const first = await mkdir(target, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    const levels = path.relative(first, target).split(path.sep).filter(Boolean).length;
    for (let level = 0, made = target; level <= levels; level++, made = path.dirname(made)) {
      await syncFolder(path.dirname(made));
    }
  } catch (error) {
    throw storageError(`Cannot make the folder ${JSON.stringify(path.basename(target))}`, error);
  }
}

/** The path of `parts` below `root`; throws `path_outside_root` for `..` out of it, absolute parts and NUL. Lexical. */
export function safeJoin(root: string, ...parts: readonly string[]): string {
  const base = path.resolve(root);
  const target = path.join(base, ...parts);
  const refused = parts.some((part) => path.isAbsolute(part) || part.includes('\0'));
  if (refused || !isBelow(base, target)) throw outsideRoot(parts.join('/'));
  return target;
}

/**
 * The real path of `target`, which need not exist yet; rejects with `path_outside_root` where a symbolic link on the
 * way, a dangling one included, leads out of the real path of `root`.
 */
export async function realpathBelow(root: string, target: string): Promise<string> {
  const base = await realpath(root);
  const real = await realpathOfNew(path.resolve(target));
  if (real !== undefined && isBelow(base, real)) return real;
  throw outsideRoot(path.relative(root, target));
}

/** Runs `work`, then closes the handle whatever came of it; an error of closing counts when `work` had none. */
export async function closing<T>(handle: FileHandle, work: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await handle.close().catch(() => undefined); // the first error is the one to report
    throw error;
  }
  await handle.close();
  return result;
}

/** Runs `work`, then closes the file whatever came of it. */
export async function closingFd(fd: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    closeSync(fd);
  }
}

/** `storage_unreachable` with the system's reason and without the path in its message; a `SkillosError` stays itself. */
export function storageError(what: string, cause: unknown): SkillosError {
  if (cause instanceof SkillosError) return cause;
  const errno = (cause as NodeJS.ErrnoException).errno;
  const [code, reason] = getSystemErrorMap().get(errno ?? 0) ?? ['unknown', 'unexpected error'];
  return new SkillosError('storage_unreachable', `${what}: ${reason} (${code})`, { cause });
}

/** Whether `error` is Node's system error with this code, such as `ENOENT`. */
export function isErrno(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === code; // not instanceof: it may be of another realm
}

/** As in `discard`. */
function cutBack(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // What is left there was written whole or is a part that readers pass over.
  }
}

/** Whatever goes wrong here, an earlier error is the one to report. */
async function discard(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

async function realpathOfNew(target: string): Promise<string | undefined> {
  try {
    return await realpath(target);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) return undefined;
  }
  const dangling = await lstat(target).then(
    () => true,
    () => false,
  );
  if (dangling) return undefined;
  const parent = await realpathOfNew(path.dirname(target));
  return parent === undefined ? undefined : path.join(parent, path.basename(target));
}

function isBelow(root: string, target: string): boolean {
  const relative = path.relative(root, target);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function outsideRoot(asked: string): SkillosError {
  const shown = JSON.stringify(asked.slice(0, 200));
  return new SkillosError('path_outside_root', `Path ${shown} leads out of its root folder`);
}
