/** Locks between processes of one host. A lock ends with its owner's process, also if that is killed. */
import { unlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkillosError } from '../../core/errors/errors.ts';
import { backoffMs } from '../../core/values/backoff.ts';
import { isErrno, storageError } from './files.ts';
import { tryLockFile } from './lock-file.ts';

export interface LockOptions {
  /** Limit for waiting, in this process and on disk together; default 10 s. */
  readonly timeoutMs?: number;
}

export interface Lock {
  /** Gives the lock up; a second call does nothing. */
  release(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const BACKOFF = { firstMs: 1, maxMs: 20 };
/** Interval of checks that the owner is alive. */
const OWNER_CHECK_INTERVAL_MS = 100;
/** A lock of another container that stays this long is reported, because its owner cannot be checked. */
const FOREIGN_PATIENCE_MS = 1_000;

/** The last waiter per lock file; contenders within this process queue in memory, in order of arrival. */
const lines = new Map<string, Promise<void>>();

/**
 * Runs `work` while holding the lock; see `acquireLock`. Does not await the release; if it fails, the next `acquireLock`
 * rejects.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = await acquireLock(file, options);
  try {
    return await work();
  } finally {
    lock.release().catch(() => undefined);
  }
}

/**
 * Takes the lock `file`; waits for its owner, or takes over if the owner is dead. Rejects with `lock_timeout`, or with
 * `lock_foreign` if the owner is on another host or in another PID namespace, where it cannot be checked. Not reentrant.
 */
export async function acquireLock(file: string, options: LockOptions = {}): Promise<Lock> {
  const target = path.resolve(file);
  const deadline = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const leave = await waitInLine(target, deadline);
  try {
    await waitForFile(target, deadline);
  } catch (error) {
    leave();
    throw storageError(`Cannot lock ${nameOf(target)}`, error);
  }
  let released = false;
  return {
    async release() {
      if (released) return;
      released = true;
      try {
        removeLock(target);
      } finally {
        leave();
      }
    },
  };
}

function removeLock(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw storageError(`Cannot unlock ${nameOf(file)}`, error);
  }
}

/** Resolves when all earlier contenders of this process have left; the caller leaves by calling the function it resolves to. */
async function waitInLine(file: string, deadline: number): Promise<() => void> {
  const ahead = lines.get(file);
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const tail = ahead === undefined ? left : ahead.then(() => left);
  lines.set(file, tail);
  void tail.then(() => {
    if (lines.get(file) === tail) lines.delete(file);
  });
  if (ahead === undefined || (await isSettledBy(ahead, deadline))) return leave;
  leave();
  throw timedOut(file);
}

async function isSettledBy(promise: Promise<void>, deadline: number): Promise<boolean> {
  const timer = new AbortController();
  const waited = sleep(Math.max(0, deadline - performance.now()), false, { signal: timer.signal });
  waited.catch(() => undefined); // aborted if the promise settles first
  try {
    return await Promise.race([promise.then(() => true), waited]);
  } finally {
    timer.abort();
  }
}

async function waitForFile(file: string, deadline: number): Promise<void> {
  const begun = performance.now();
  let lookAt = begun;
  for (let turn = 0; ; turn++) {
    const now = performance.now();
    const isLast = now >= deadline;
    const look = isLast || now >= lookAt;
    if (look) lookAt = now + OWNER_CHECK_INTERVAL_MS;
    const attempt = await tryLockFile(file, look);
    if (attempt === 'ours') return;
    if (attempt === 'foreign' && (isLast || now - begun >= FOREIGN_PATIENCE_MS)) throw foreign(file);
    if (isLast) throw timedOut(file);
    await sleep(Math.min(backoffMs(BACKOFF, turn, Math.random()), Math.max(0, deadline - now)));
  }
}

function timedOut(file: string): SkillosError {
  return new SkillosError('lock_timeout', `The lock ${nameOf(file)} was not free in time`);
}

function foreign(file: string): SkillosError {
  return new SkillosError(
    'lock_foreign',
    `The lock ${nameOf(file)} belongs to a process of another host or container`,
    { hint: `Stop the other side; if it is gone for good, remove the lock file ${nameOf(file)}` },
  );
}

function nameOf(file: string): string {
  return JSON.stringify(path.basename(file));
}
