/**
 * One attempt at a lock file: taken, held by a live owner, or taken over from a dead one. proper-lockfile decides by a
 * heartbeat's age, so a paused owner loses its lock and a killed one blocks others for seconds.
 */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, unlinkSync } from 'node:fs';
import { readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { createDurable, isErrno, makeDir } from './files.ts';
import { livenessOf, ownIdentity } from './process-identity.ts';

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

/** File of this process; each of its locks in the folder is a hard link to it. */
interface Holder {
  readonly file: string;
}

/** `held` also covers changes during the attempt; the caller tries again. */
export type Attempt = 'ours' | 'held' | 'foreign';

/** Holder files of this process by folder. */
const holders = new Map<string, Promise<Holder>>();
/** Holder files to remove at exit; those of killed processes are removed by other processes. */
const files = new Set<string>();

/** Creates a missing folder. Checks if the owner is alive only with `look`, because that reads /proc. */
export async function tryLockFile(file: string, look: boolean): Promise<Attempt> {
  const folder = path.dirname(file);
  const made = holders.get(folder) ?? makeHolder(folder);
  holders.set(folder, made);
  try {
    const holder = await made;
    return look ? await tryToTake(file, holder) : tryLink(file, holder) ? 'ours' : 'held';
  } catch (error) {
    if (holders.get(folder) === made) holders.delete(folder);
    if (isErrno(error, 'ENOENT')) return 'held'; // the folder was removed; the next attempt creates it
    throw error;
  }
}

/**
 * Takes a free lock, or the lock of a dead owner. Several contenders may see the same dead owner D of lock L. Each must
 * first own the guard G(L, D), a lock of the same kind whose name holds D's nonce. The owner of the guard reads L
 * again; if it still names D, the guard is renamed over L, which in one step makes L ours and frees the guard. So nobody
 * removes a fresh lock: only that rename changes L, because D is dead and cannot release it, and only the owner of the guard
 * renames. A contender with an old reading of L gets the guard later, finds another nonce in L, and gives the guard back. A
 * nonce belongs to one process, so L never names D again. A dead owner of the guard is replaced by the same rules.
 */
async function tryToTake(file: string, holder: Holder): Promise<Attempt> {
  if (tryLink(file, holder)) return 'ours';
  const owner = await readOwner(file);
  if (owner === undefined) return 'held'; // released in the meantime
  if (owner === 'unreadable') return 'foreign';
  const liveness = await livenessOf(owner);
  if (liveness !== 'dead') return liveness === 'foreign' ? 'foreign' : 'held';

  const guard = guardOf(file, owner);
  const attempt = await tryToTake(guard, holder);
  if (attempt !== 'ours') return attempt;
  let taken = false;
  try {
    const latest = await readOwner(file);
    if (typeof latest === 'object' && latest.nonce === owner.nonce) {
      await rename(guard, file);
      taken = true;
    }
  } finally {
    if (!taken) await unlink(guard);
  }
  return taken ? 'ours' : 'held';
}

/** `link` creates the lock with its content in one step, and fails if the lock exists. */
function tryLink(file: string, holder: Holder): boolean {
  try {
    linkSync(holder.file, file);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<Owner | 'unreadable' | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return 'unreadable'; // not written by this version of SkillOS
  }
}

/** A hash, so that guards of guards keep short names. */
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
  // Durable before it is linked, so that a power cut leaves no unreadable lock.
  await createDurable(file, JSON.stringify(owner));
  if (files.size === 0) process.once('exit', removeHolders);
  files.add(file);
  await sweepHolders(folder).catch(() => undefined); // best effort: the next process sweeps too
  return { file };
}

function removeHolders(): void {
  for (const file of files) {
    try {
      unlinkSync(file);
    } catch {
      // Removed with its folder; otherwise another process sweeps it.
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
