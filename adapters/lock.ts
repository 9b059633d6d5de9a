/** Locks between processes of one host: a lock dies with its owner. */
import { createHash, randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { link, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SkillosError } from '../core/errors.ts';
import { createDurable, isErrno, makeDir, storageError } from './files.ts';
import { livenessOf, ownIdentity } from './process-identity.ts';

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
const HOLDER_PREFIX = '.holder-';

const ownerSchema = z.object({
  host: z.string(),
  boot: z.string(),
  namespace: z.string(),
  pid: z.int().positive(),
  started: z.string(),
  nonce: z.string().min(1),
});
type Owner = z.infer<typeof ownerSchema>;

/** The file whose hard links are this process's locks in one folder. */
interface Holder {
  readonly file: string;
}

type Attempt = 'ours' | 'held' | 'foreign';

/** Last in line per lock file: contenders within this process queue in memory, in order of arrival. */
const lines = new Map<string, Promise<void>>();
const holders = new Map<string, Promise<Holder>>();
/** Holder files of this process, removed when it exits; those of killed processes are swept by others. */
const files = new Set<string>();

/** Runs `work` while holding the lock; see `acquireLock`. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = await acquireLock(file, options);
  try {
    return await work();
  } finally {
    await lock.release();
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
  let released: Promise<void> | undefined;
  return {
    release: () => (released ??= removeLock(target).finally(leave)),
  };
}

async function removeLock(file: string): Promise<void> {
  try {
    await unlink(file);
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
    const attempt = await tryFile(file, look);
    if (attempt === 'ours') return;
    if (attempt === 'foreign' && (isLast || now - begun >= FOREIGN_PATIENCE_MS)) throw foreign(file);
    if (isLast) throw timedOut(file);
    await sleep(Math.min(pauseMs * (0.5 + Math.random()), Math.max(0, deadline - now)));
  }
}

/** One attempt; the folder and the holder are made when they are missing. */
async function tryFile(file: string, look: boolean): Promise<Attempt> {
  const folder = path.dirname(file);
  const made = holders.get(folder) ?? makeHolder(folder);
  holders.set(folder, made);
  try {
    const holder = await made;
    return look ? await tryToTake(file, holder) : (await tryLink(file, holder)) ? 'ours' : 'held';
  } catch (error) {
    if (holders.get(folder) === made) holders.delete(folder);
    if (isErrno(error, 'ENOENT')) return 'held'; // someone removed the whole folder: made anew by the next attempt
    throw error;
  }
}

/**
 * Takes a free lock, or one whose owner is dead. Several contenders may see the same dead owner D of lock L. Each must
 * first own the guard G(L, D), a lock of the same kind whose name holds D's nonce. The owner of the guard reads L
 * again; if it still names D, the guard is renamed over L, which in one step makes L ours and frees the guard.
 * That nobody ever removes a fresh lock: L stops naming D in that rename only, since D, being dead, cannot release it;
 * so from the second reading to the rename the one owner of the guard is the only process that could change L. Who
 * comes later with an old reading of L gets the guard, finds another nonce in L and gives the guard back. A nonce
 * belongs to one process, so L never names D again. An owner of the guard that dies is replaced by these same rules.
 */
async function tryToTake(file: string, holder: Holder): Promise<Attempt> {
  if (await tryLink(file, holder)) return 'ours';
  const owner = await readOwner(file);
  if (owner === undefined) return 'held'; // released since
  if (owner === 'unreadable') return 'foreign';
  const liveness = await livenessOf(owner);
  if (liveness !== 'dead') return liveness === 'foreign' ? 'foreign' : 'held';

  const guard = guardOf(file, owner);
  const attempt = await tryToTake(guard, holder);
  if (attempt !== 'ours') return attempt;
  const latest = await readOwner(file);
  if (typeof latest === 'object' && latest.nonce === owner.nonce) {
    await rename(guard, file);
    return 'ours';
  }
  await unlink(guard);
  return 'held';
}

/** `link` makes the lock and its content in one step, and fails where there is one. */
async function tryLink(file: string, holder: Holder): Promise<boolean> {
  try {
    await link(holder.file, file);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<Owner | 'unreadable' | undefined> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : 'unreadable';
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}

/** Of fixed length, so that guards of guards keep short names. */
function guardOf(file: string, dead: Owner): string {
  const name = createHash('sha256')
    .update(`${path.basename(file)}\0${dead.nonce}`)
    .digest('hex')
    .slice(0, 32);
  return path.join(path.dirname(file), `.guard-${name}`);
}

async function makeHolder(folder: string): Promise<Holder> {
  const nonce = randomBytes(12).toString('hex');
  const owner: Owner = { ...(await ownIdentity()), nonce };
  const file = path.join(folder, `${HOLDER_PREFIX}${nonce}`);
  await makeDir(folder);
  // Durable before any link to it, so that not even a power cut leaves a lock that cannot be read.
  await createDurable(file, JSON.stringify(owner));
  if (files.size === 0) process.once('exit', removeHolders);
  files.add(file);
  await sweepHolders(folder);
  return { file };
}

function removeHolders(): void {
  for (const file of files) {
    try {
      unlinkSync(file);
    } catch {
      // Gone with its folder, or else swept by another process later.
    }
  }
}

async function sweepHolders(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((entry) => entry.startsWith(HOLDER_PREFIX))) {
    const file = path.join(folder, name);
    const owner = await readOwner(file);
    if (typeof owner === 'object' && (await livenessOf(owner)) === 'dead') await rm(file, { force: true });
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
