/** Locks between processes of one host: a lock dies with its owner. */
import { unlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkillosError } from '../core/errors.ts';
import { isErrno, storageError } from './files.ts';
import { tryLockFile } from './lock-file.ts';

export interface LockOptions {
  /** How long to wait for the lock, in this process and on disk together; default 10 s. */
  readonly timeoutMs?: number;
}

export interface Lock {
  /** Gives the lock up; a second call does nothing. */
  release(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 20;
/** How often a waiter looks whether the owner still lives. */
const LOOK_EVERY_MS = 100;
/** A lock of another container is normally given up soon; one that stays this long may be there for ever. */
const FOREIGN_PATIENCE_MS = 1_000;

/** Last in line per lock file: contenders within this process queue in memory, in order of arrival. */
const lines = new Map<string, Promise<void>>();

/**
 * Runs `work` while holding the lock; see `acquireLock`. Who worked does not wait until the lock is given up, only who
 * comes next does; where that fails, the next one is told.
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
 * Takes the lock whose file is `file`, waiting for its owner, or taking it over where the owner is dead. Rejects with
 * `lock_timeout`, or with `lock_foreign` where the owner is of another host or PID namespace, so that nobody here can
 * tell whether it lives. Not reentrant.
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

/** Resolves when all earlier contenders of this process have left; call what it resolves to in order to leave. */
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
  waited.catch(() => undefined); // aborted when the promise came first
  try {
    return await Promise.race([promise.then(() => true), waited]);
  } finally {
    timer.abort();
  }
}

async function waitForFile(file: string, deadline: number): Promise<void> {
  const begun = performance.now();
  let lookAt = begun;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
    const now = performance.now();
    const isLast = now >= deadline;
    const look = isLast || now >= lookAt;
    if (look) lookAt = now + LOOK_EVERY_MS;
    const attempt = await tryLockFile(file, look);
    if (attempt === 'ours') return;
    if (attempt === 'foreign' && (isLast || now - begun >= FOREIGN_PATIENCE_MS)) throw foreign(file);
    if (isLast) throw timedOut(file);
    await sleep(Math.min(pauseMs * (0.5 + Math.random()), Math.max(0, deadline - now)));
  }
}

function timedOut(file: string): SkillosError {
  return new SkillosError('lock_timeout', `Waited too long for the lock ${nameOf(file)}`);
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
