/**
 * Atomic, durable file writes, and paths that stay below a root. write-file-atomic does not sync the folder, so a rename
 * could be lost in a power cut; it also leaves the event loop at every step.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, fsync, ftruncateSync, openSync, renameSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import { getSystemErrorMap, promisify } from 'node:util';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { SkillosError } from '../../core/errors/errors.ts';

/**
 * Only syncing to disk uses the thread pool. Opening, writing into the page cache, renaming and closing take about ten
 * microseconds each, a call through the thread pool several times that, and a run makes twenty of them.
 */
const sync = promisify(fsync);
/** Syncs the data without the file's timestamps, which readers do not need. */
export const syncData = promisify(fdatasync);

/** Prefix of temporary files; code that lists a folder ignores them. */
export const TEMP_PREFIX = '.tmp-';

export interface AtomicOptions {
  /** Default 0600. */
  readonly mode?: number;
  /** Folder of the temporary file, on the same file system; default that of the file. */
  readonly tempFolder?: string;
}

/**
 * Replaces `file` by `data`; durable when it resolves. On an error, such as a full disk, the old file is unchanged, no
 * temporary file is left, and it rejects as `storageError` says. Its folder and that of temporary files must exist.
 */
export async function writeAtomic(
  file: string,
  data: string | Uint8Array,
  { mode = 0o600, tempFolder = path.dirname(file) }: AtomicOptions = {},
): Promise<void> {
  const temp = path.join(tempFolder, `${TEMP_PREFIX}${randomBytes(8).toString('hex')}`);
  try {
    await createDurable(temp, data, mode);
    renameSync(temp, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    await discard(temp);
    throw storageError(`Cannot write ${JSON.stringify(path.basename(file))}`, error);
  }
}

/**
 * Writes a new file. Its bytes are durable when it resolves; its name only after `syncFolder`. On an error there is no file,
 * and it rejects with Node's own error.
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
 * Appends to an existing file of `size` bytes; durable when it resolves. The caller serialises writers. On an error the file
 * is truncated to `size`, and it rejects as `storageError` says.
 */
export async function appendDurable(file: string, data: Uint8Array, size: number): Promise<void> {
  try {
    const fd = openSync(file, 'a');
    await closingFd(fd, async () => {
      try {
        writeFileSync(fd, data);
        await syncData(fd);
      } catch (error) {
        truncateTo(fd, size);
        throw error;
      }
    });
  } catch (error) {
    throw storageError(`Cannot write ${JSON.stringify(path.basename(file))}`, error);
  }
}

/** Makes names that were added, renamed or removed in the folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const fd = openSync(folder, 'r');
  await closingFd(fd, () => sync(fd));
}

/** Creates a folder and its missing parents durably, with mode 0700; an existing folder is unchanged. */
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

/** Joins `parts` below `root` without reading the disk. Throws `path_outside_root` for `..` out of it, absolute parts and NUL. */
export function safeJoin(root: string, ...parts: readonly string[]): string {
  const base = path.resolve(root);
  const target = path.join(base, ...parts);
  const refused = parts.some((part) => path.isAbsolute(part) || part.includes('\0'));
  if (refused || !isBelow(base, target)) throw outsideRoot(parts.join('/'));
  return target;
}

/**
 * Resolves to the real path of `target`, which need not exist yet. Rejects with `path_outside_root` if a symbolic link on the
 * way, even a dangling one, leads out of the real path of `root`.
 */
export async function realpathBelow(root: string, target: string): Promise<string> {
  const base = await realpath(root);
  const real = await realpathOfNew(path.resolve(target));
  if (real !== undefined && isBelow(base, real)) return real;
  throw outsideRoot(path.relative(root, target));
}

/** Runs `work`, then closes the handle. Rejects with the error of `work`, otherwise with that of closing. */
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

/** Runs `work`, then closes the file descriptor, also if `work` rejects. */
export async function closingFd(fd: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    closeSync(fd);
  }
}

/** Permanent faults of the file system. All others may be transient, such as those of a network disk. */
const LASTING: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'storage_refused',
  EPERM: 'storage_refused',
  EROFS: 'storage_refused',
  ENAMETOOLONG: 'storage_refused',
  ENOTDIR: 'storage_refused',
  EISDIR: 'storage_refused',
  ELOOP: 'storage_refused',
  ENOSPC: 'storage_full',
  EDQUOT: 'storage_full',
  EFBIG: 'storage_full',
};

/** Errors of file systems that Node has no names for, by number. */
const UNNAMED: ReadonlyMap<number, readonly [string, string]> = new Map([
  [-constants.errno.EDQUOT, ['EDQUOT', 'disk quota exceeded']],
  [-constants.errno.ESTALE, ['ESTALE', 'stale file handle']],
]);
const UNKNOWN = ['unknown', 'unexpected error'] as const;

/**
 * Returns `storage_refused` or `storage_full` for a fault that lasts and `storage_unreachable` for any other, with the
 * system's reason and no path in the message; returns a `SkillosError` unchanged.
 */
export function storageError(what: string, cause: unknown): SkillosError {
  if (cause instanceof SkillosError) return cause;
  const errno = (cause as NodeJS.ErrnoException).errno;
  const [code, reason] = getSystemErrorMap().get(errno ?? 0) ?? UNNAMED.get(errno ?? 0) ?? UNKNOWN;
  return new SkillosError(LASTING[code] ?? 'storage_unreachable', `${what}: ${reason} (${code})`, { cause });
}

/** True if `error` is Node's system error with this code, such as `ENOENT`. */
export function isErrno(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === code; // not instanceof: it may come from another realm
}

/** Ignores errors, like `discard`. */
function truncateTo(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // The rest is a whole entry, or a part that readers skip.
  }
}

/** Ignores errors, because the caller reports an earlier one. */
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

function outsideRoot(target: string): SkillosError {
  const shown = JSON.stringify(target.slice(0, 200));
  return new SkillosError(
    'path_outside_root',
    `Path ${shown} leads out of its root folder; expected a path below it`,
  );
}

/** For what can be made again: with a full or read-only disk it is made by each process. */
export async function writeCache(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await makeDir(path.dirname(file));
    await writeAtomic(file, data);
  } catch {
    // The next process makes it again.
  }
}
